import { expect } from 'vitest';
import type { EffectContext, Setting } from '../../src/core/effects/effect-context.ts';
import type { Decision } from '../../src/core/decision.ts';
import { dueEffects } from '../../src/core/effects/due-effects.ts';
import type { Effect, IncidentHandle, Outcome } from '../../src/core/record/effect.ts';
import { noteMarker } from '../../src/core/wording/phrases.ts';
import type { Instant } from '../../src/core/values/instant.ts';
import type { Ending, LedgerEvent, RecordedDecision } from '../../src/core/record/ledger-entry.ts';
import type { Policy } from '../../src/core/rule.ts';
import { storyOf, type Story } from '../../src/core/record/story.ts';
import {
  aCause,
  anEscalation,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  someFacts,
} from '../support/builders.ts';

/** The last two characters of what it is of show that it is not of something else. */
const keyMac = (text: string): string => `MAC-${text.slice(-2)}`;
export const SETTING: Setting = {
  proxyPublicAddr: 'teleport.example.com:443',
  resolveWith: 'review',
  keyMac,
};
export const { id: requestId } = aRequest();
/** Teleport's key of the first page of the story's request. */
export const INCIDENT_KEY = keyOf(`oncall-approver/${requestId}`);
/** With its MAC. */
export function keyOf(text: string): string {
  return `${text}/${keyMac(text)}`;
}

/** The page, once it is open. */
export const PAGE = 'Q2PAGE';
export const ending: Ending = { state: 'approved', by: 'sre-3', reason: 'go ahead' };

/** A decision for tests that ask nothing of it. */
export const leftAlone: Decision = {
  verdict: 'abstain',
  rules: [],
  reasons: [{ code: 'no-rule', condition: null, text: 'no rule covers this request' }],
  outcomes: [],
  proofs: [],
  provisional: false,
  breakGlass: false,
  shadow: null,
};

/** The story of these events, all of them recorded at `NOW`. */
export function story(events: readonly LedgerEvent[]): Story {
  return storyOf(events.map((event) => ({ event, at: NOW })));
}

function context(overrides: Partial<EffectContext> = {}): EffectContext {
  return { policy: aPolicy(), setting: SETTING, now: NOW, ...overrides };
}

export function due(
  events: readonly LedgerEvent[],
  overrides: Partial<EffectContext> = {},
): readonly Effect[] {
  return dueEffects(story(events), context(overrides));
}

export function dueKeys(
  events: readonly LedgerEvent[],
  overrides: Partial<EffectContext> = {},
): readonly string[] {
  return due(events, overrides).map(({ key }) => key);
}

/** The effect, of which there must be just one. */
export function sole(effects: readonly Effect[]): Effect {
  const [effect, ...others] = effects;
  if (effect === undefined || others.length > 0) throw new RangeError(`there are ${effects.length} effects`);
  return effect;
}

export function intended(effect: Effect): LedgerEvent {
  return { kind: 'effect-intended', requestId, effect };
}

export function failed({ key }: Pick<Effect, 'key'>): LedgerEvent {
  return { kind: 'effect-failed', requestId, key, cause: aCause() };
}

export function succeeded({ key }: Pick<Effect, 'key'>, came: Partial<Outcome> = {}): LedgerEvent {
  const outcome: Outcome = { summary: 'done', ours: true, incidentId: null, url: null, ...came };
  return { kind: 'effect-done', requestId, key, outcome };
}

/** The effect, intended and done. */
export function done(effect: Effect, came: Partial<Outcome> = {}): readonly LedgerEvent[] {
  return [intended(effect), succeeded(effect, came)];
}

export function ended(how: Ending = ending): LedgerEvent {
  return { kind: 'ended', requestId, ending: how };
}

export function resolved(incidentId = PAGE): LedgerEvent {
  return { kind: 'page-resolved', requestId, incidentId };
}

export function checked(
  ends: boolean,
  until: Instant | null = null,
): LedgerEvent & { readonly kind: 'access-checked' } {
  const onCall = { state: 'known', at: NOW, rows: [] } as const;
  return { kind: 'access-checked', requestId, ends, why: 'Sam One is not on call', until, onCall };
}

/** A note of the service's own, with the marker by which it is found again. */
export function aNote(
  decided: RecordedDecision,
  key: string,
  incident: IncidentHandle,
  content: string,
): Effect {
  const marker = noteMarker(decided, key);
  return { kind: 'note', key, incident, content: `${content}\n${marker}`, marker };
}

/** A request of somebody who is off call, for whom people are asked. */
export function escalated(): RecordedDecision {
  return aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }) });
}

/** The same, with its page open. */
export function paged(): readonly LedgerEvent[] {
  return [escalated(), ...done(sole(due([escalated()])), { incidentId: PAGE })];
}

/** The policy of the story with a rule that pages so. */
export function paging(escalate: Parameters<typeof anEscalation>[0] = {}): Policy {
  return aPolicy({ rules: [aRule({ escalate: anEscalation(escalate) })] });
}

/** What it is about, a story, the keys of what is due in it, and what is otherwise than in the story's own world. */
export type Tale = [string, () => readonly LedgerEvent[], string, Partial<EffectContext>?];

/** Expects a tale to be so; for `it.each`. */
export function expectDue(...[, events, keys, overrides]: Tale): void {
  expect(dueKeys(events(), overrides).join(', ')).toBe(keys);
}
