import { createHash } from 'node:crypto';
import type { LedgerEntry, LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import {
  aCause,
  anAnswered,
  aPolicy,
  aRecordedDecision,
  aRecordedUse,
  aRequest,
  NOW,
} from '../support/builders.ts';

/** One event of each kind that a ledger without a key may have, for the request where it is about one, in an order that a ledger could have them. */
export function someEvents(
  requestId: string,
): Readonly<Record<Exclude<LedgerEvent['kind'], 'sealed-from'>, LedgerEvent>> {
  return {
    policy: { kind: 'policy', digest: `digest of ${requestId}`, policy: aPolicy() },
    postponed: { kind: 'postponed', requestId, since: NOW, why: 'PagerDuty answers 503' },
    decided: aRecordedDecision({ request: aRequest({ id: requestId }) }),
    'effect-intended': {
      kind: 'effect-intended',
      requestId,
      effect: {
        kind: 'review',
        key: 'review',
        decisionId: 'OA-0123456789',
        propose: 'approved',
        reason: 'on call',
      },
    },
    'effect-failed': aFailure(requestId),
    'effect-done': {
      kind: 'effect-done',
      requestId,
      key: 'review',
      outcome: { summary: 'the request is approved', incidentId: null, url: null, ours: true },
    },
    answered: anAnswered({ requestId }),
    'page-resolved': { kind: 'page-resolved', requestId, incidentId: 'Q2PAGE' },
    'page-unheard': {
      kind: 'page-unheard',
      requestId,
      incidentId: 'Q2PAGE',
      number: 1,
      why: 'their shift is over',
    },
    ended: { kind: 'ended', requestId, ending: { state: 'approved', by: 'oncall-approver', reason: '' } },
    'access-checked': aLookAtTheShift(requestId, { ends: true }),
    unlocked: { kind: 'unlocked', requestId },
    used: aRecordedUse({ requestId }),
    'page-begun': {
      kind: 'page-begun',
      group: `of ${requestId}`,
      number: 1,
      page: `${requestId}/1`,
      host: requestId,
    },
    'asked-on': { kind: 'asked-on', page: `${requestId}/1`, code: 'E1B44', asked: requestId },
    watched: { kind: 'watched', target: { kind: 'service', id: `of ${requestId}` }, until: NOW },
    'cut-off': { kind: 'cut-off', known: { seq: 2, hash: '0b' }, found: { seq: 1, hash: '0a' } },
    checkpoint: {
      kind: 'checkpoint',
      origin: '0a',
      through: { seq: 0, at: NOW, hash: requestId },
      removed: { from: 1, entries: 0, decisions: 0 },
      before: NOW,
      policies: [],
    },
  };
}

/** Recorded once where it ends the access, and each time where the access goes on. */
export function aLookAtTheShift(requestId: string, { ends }: { readonly ends: boolean }): LedgerEvent {
  const onCall = { state: 'known', at: NOW, rows: [] } as const;
  return { kind: 'access-checked', requestId, ends, why: 'by their shift', until: null, onCall };
}

/** A kind of event that may be recorded again and again. */
export function aFailure(requestId: string): LedgerEvent {
  return { kind: 'effect-failed', requestId, key: 'review', cause: aCause() };
}

export async function allEntries(ledger: Ledger): Promise<readonly LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const entry of ledger.entries()) entries.push(entry);
  return entries;
}

/**
 * The entries as the chain has them, worked out from the description in `LedgerEntry` alone: a test compares them with what
 * the ledger gives. The first is chained to 64 zeros.
 */
export function chained(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  let previous = '0'.repeat(64);
  return entries.map(({ at, event }, index) => {
    const seq = index + 1;
    const text = [previous, String(seq), at, JSON.stringify(event)].join('\n');
    previous = createHash('sha256').update(text).digest('hex');
    return { seq, at, event, hash: previous };
  });
}
