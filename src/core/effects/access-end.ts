import type { Circumstances } from './circumstances.ts';
import { candidateRules } from '../coverage.ts';
import type { Decision } from '../decision.ts';
import type { Effect } from './effect.ts';
import { shiftEndNote } from '../wording/notes.ts';
import { noteMarker } from '../wording/phrases.ts';
import { lockMessage } from '../wording/reviews.ts';
import { MINUTE, plusMs, type Instant } from '../values/instant.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { spanOf } from '../on-call.ts';
import type { Policy, Rule } from '../rule.ts';
import { standingDecision } from './standing-decision.ts';
import type { Story } from '../record/story.ts';

/**
 * What a decision promises of the end of the access: the rules that give it, where all of them let it end with the shift. None
 * where the access is not given by rules, or by broken glass.
 */
export function promisedEnd(
  { verdict, breakGlass, rules: names }: Decision,
  policy: Policy,
): readonly Rule[] {
  if (verdict !== 'approve' || breakGlass) return [];
  const rules = policy.rules.filter(({ name }) => names.includes(name));
  return rules.every(({ accessEnd }) => accessEnd.withShift) ? rules : [];
}

/**
 * The rules by which the access is to end. Whatever becomes of them in mid-shift, the end that the decision promised is kept,
 * and none is made up that it did not. Who is on call is told by the rule in force, which has the names that are good now; by
 * the rule as it was where it is gone or does not cover the request any more.
 */
export function rulesEndingAccess(decided: RecordedDecision, policy: Policy): readonly Rule[] {
  // Earlier versions did not record it.
  if (decided.endsAccess === undefined) return promisedEnd(decided.decision, policy);
  const covering = candidateRules(decided.request, policy.rules).filter(
    ({ mode, breakGlass }) => mode === 'enforce' && !breakGlass,
  );
  return decided.endsAccess.map((promised) => {
    const inForce = covering.find(({ name }) => name === promised.name);
    return inForce === undefined ? promised : { ...inForce, accessEnd: promised.accessEnd };
  });
}

/** Whether the access goes on for now and must be watched: ours, given, not over by itself, not yet ended by us. */
export function awaitsShiftEnd(
  story: Story,
  { policy, now }: Pick<Circumstances, 'policy' | 'now'>,
): boolean {
  const given = standingDecision(story);
  if (given === null || story.ended?.state !== 'approved') return false;
  const { accessExpires } = given.request;
  const over = accessExpires !== null && accessExpires <= now;
  return !over && story.access?.ends !== true && rulesEndingAccess(given, policy).length > 0;
}

/** Teleport takes the lock away itself when the access ends, by its own clock. */
const CLOCKS_DIFFER_MS = MINUTE;

/** Whether our lock stands, as far as we know, and still matters: somebody may take it away. */
export function watchesLock({ decided, effects, unlocked }: Story, now: Instant): boolean {
  const accessExpires = decided?.request.accessExpires ?? null;
  const locked = (effects.get('lock')?.done ?? null) !== null;
  return locked && !unlocked && (accessExpires === null || plusMs(now, CLOCKS_DIFFER_MS) < accessExpires);
}

/** What our lock on the access of a request is called: the same lock, however often it is set. */
export function lockNameOf(requestId: string): string {
  return `oncall-approver-${requestId}`;
}

/** Until when the access goes on, grace included, as far as is known; null for a shift without end. */
export function knownEnd(
  { access }: Story,
  decided: RecordedDecision,
  rules: readonly Rule[],
): Instant | null {
  if (access !== null) return access.until;
  const graces = rules.map(({ onCall }) => onCall.graceAfterShiftMs);
  const ends = decided.decision.proofs.map(({ row }) => spanOf(row)?.end ?? null);
  const last = ends.reduce(
    (one, other) => (one === null || other === null ? null : one > other ? one : other),
    ends[0] ?? null,
  );
  return last === null ? null : plusMs(last, Math.max(0, ...graces));
}

/** A word ahead of the end, and the lock once a look at PagerDuty has shown that the shift is over. */
export function onShiftEnd(
  story: Story,
  decided: RecordedDecision,
  circumstances: Circumstances,
): readonly Effect[] {
  const { policy, now } = circumstances;
  if (story.access?.ends === true) {
    const expires = decided.request.accessExpires;
    return [{ kind: 'lock', key: 'lock', message: lockMessage(decided, story.access.why), expires }];
  }
  if (!awaitsShiftEnd(story, circumstances)) return [];
  const rules = rulesEndingAccess(decided, policy);
  const end = knownEnd(story, decided, rules);
  const incidentId = story.effects.get('find-live-incident')?.done?.incidentId ?? null;
  const warnBefore = Math.max(...rules.map(({ accessEnd }) => accessEnd.warnBeforeMs ?? -1));
  if (end === null || incidentId === null || warnBefore < 0 || now < plusMs(end, -warnBefore)) return [];
  const key = `shift-end ${end}`;
  const marker = noteMarker(decided, key);
  const content = `${shiftEndNote(decided, end)}\n${marker}`;
  return [{ kind: 'note', key, incident: { id: incidentId }, content, marker }];
}
