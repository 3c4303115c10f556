import { createHash } from 'node:crypto';
import type { LedgerEntry, LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { aCause, aPolicy, aRecordedDecision, aRequest } from '../builders.ts';

/** The kinds of event that make up an approval, the policy's included. */
type Kind = 'policy' | 'decided' | 'effect-intended' | 'effect-failed' | 'effect-done' | 'ended';

/** One event of each of these kinds for the request. */
export function someEvents(requestId: string): Readonly<Record<Kind, LedgerEvent>> {
  return {
    policy: { kind: 'policy', digest: `digest of ${requestId}`, policy: aPolicy() },
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
    ended: { kind: 'ended', requestId, ending: { state: 'approved', by: 'oncall-approver', reason: '' } },
  };
}

/** The one kind of event that may be recorded again and again. */
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
