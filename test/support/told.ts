import type { Effect, Joined, Outcome } from '../../src/core/record/effect.ts';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import type { Told } from '../../src/core/record/story.ts';
import type { Rule } from '../../src/core/rule.ts';
import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import {
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  someFacts,
} from './builders.ts';

/*
 * What the ledger holds of a request, as it was told some time ago: a story without a service that lived it.
 */

const ID = aRequest().id;
export const withShift = aRule({ accessEnd: { withShift: true, warnBeforeMs: null } });
export const endedApproved: LedgerEvent = {
  kind: 'ended',
  requestId: ID,
  ending: { state: 'approved', by: null, reason: '' },
};

/** Events so many milliseconds ago. */
export function told(agoMs: number, ...events: readonly LedgerEvent[]): readonly Told[] {
  return events.map((event) => ({ event, at: plusMs(NOW, -agoMs) }));
}

/** An effect that was intended, and done where an outcome is told. */
export function effect(intended: Effect, outcome: Partial<Outcome> | null = {}): readonly LedgerEvent[] {
  const done = { summary: '', ours: true, incidentId: null, url: null, ...outcome };
  const about = { requestId: ID, key: intended.key };
  return [
    { kind: 'effect-intended', requestId: ID, effect: intended },
    ...(outcome === null ? [] : [{ kind: 'effect-done' as const, ...about, outcome: done }]),
  ];
}

export function aPage(overrides: Partial<Effect & { kind: 'page' }> = {}): Effect & { kind: 'page' } {
  return {
    ...{ kind: 'page', key: 'page', service: 'Access requests', incidentKey: 'oncall-approver/1' },
    ...{ title: 'sre-1 asks', details: 'approve E1B44', urgency: 'high' },
    ...overrides,
  };
}

/** Somebody off call has asked, and a page is open as incident Q1: of its own, or another's. */
export function paged(agoMs: number, joins?: Joined): readonly Told[] {
  const decided = aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }) });
  const page = aPage(joins === undefined ? {} : { joins });
  return told(agoMs, decided, ...effect(page, { incidentId: 'Q1' }));
}

/** Access that was given by the rule, for a shift that ends in so long. */
export function given(agoMs: number, rule: Rule = withShift, endsInMs = 6 * HOUR): readonly Told[] {
  const row = anOnCallRow({ start: plusMs(NOW, -HOUR), end: plusMs(NOW, endsInMs) });
  const decidedAt = plusMs(NOW, -agoMs);
  const decided = aRecordedDecision({
    ...{ policy: aPolicy({ rules: [rule] }), decidedAt, endsAccess: [rule] },
    facts: someFacts({ onCall: { state: 'known', at: decidedAt, rows: [row] } }),
  });
  const { decisionId } = decided;
  const review = { kind: 'review', key: 'review', decisionId, propose: 'approved', reason: '' } as const;
  return told(agoMs, decided, ...effect(review), endedApproved);
}
