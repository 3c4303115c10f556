import type { EffectContext } from './effect-context.ts';
import { isCandidate } from '../coverage.ts';
import type { Decision } from '../decision.ts';
import type { Effect, EffectKey, Outcome } from '../record/effect.ts';
import { givenBackNote, shiftEndNote } from '../wording/notes.ts';
import { givenBackKey, liftKeyOf, lockKeys, shiftEndKey } from '../record/effect-keys.ts';
import { listeningPageOf } from './asking-pages.ts';
import { noteOn } from './note-on.ts';
import { lockMessage } from '../wording/reviews.ts';
import { CLOCKS_DIFFER_MS, isPast, NEVER, plusMs, type Instant } from '../values/instant.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { spanOf } from '../on-call.ts';
import { policyFor } from '../ownership.ts';
import type { Policy, Rule } from '../rule.ts';
import { standingDecision } from './own-review.ts';
import { isRevoked } from './revocation.ts';
import { liveIncidentOf, type Story } from '../record/story.ts';

/**
 * What a decision promises of the end of the access: the rules that give it, where all of them let it end with the shift or the
 * incident, or one gives it for a time only. None where the access is not given by rules, or by broken glass.
 */
export function promisedEnd(
  { verdict, breakGlass, rules: names }: Decision,
  policy: Policy,
): readonly Rule[] {
  if (verdict !== 'approve' || breakGlass) return [];
  const rules = policy.rules.filter(({ name }) => names.includes(name));
  return endWithWork(rules) || rules.some(({ accessEnd }) => accessEnd.afterMs !== undefined) ? rules : [];
}

/** Whether all of these rules end the access with the shift: where one of them gives it for longer, it goes on. */
export function endWithShift(rules: readonly Rule[]): boolean {
  return rules.every(({ accessEnd }) => accessEnd.withShift);
}

/** The same, with the shift or with the incident that justified it. */
export function endWithWork(rules: readonly Rule[]): boolean {
  return rules.every(({ accessEnd }) => accessEnd.withShift || accessEnd.afterIncidentMs !== undefined);
}

/** When access is over by the shortest time that a rule gives it for, whatever else is true then; null where none does. */
function timeIsUpAt({ decidedAt }: RecordedDecision, rules: readonly Rule[]): Instant | null {
  const times = rules.flatMap(({ accessEnd: { afterMs } }) => (afterMs === undefined ? [] : [afterMs]));
  return times.length === 0 ? null : plusMs(decidedAt, Math.min(...times));
}

/**
 * The rules by which the access is to end. Whatever becomes of them in mid-shift, the end that the decision promised is kept,
 * and none is made up that it did not. Who is on call is told by the rule in force, which has the names that are good now; by
 * the rule as it was where it is gone or does not cover the request any more.
 */
export function rulesEndingAccess(decided: RecordedDecision, now: Policy): readonly Rule[] {
  const policy = policyFor(now, decided.request, decided.facts);
  // Earlier versions did not record it.
  if (decided.endsAccess === undefined) return promisedEnd(decided.decision, policy);
  return decided.endsAccess.map((promised) => {
    const inForce = policy.rules.find(
      (rule) =>
        rule.name === promised.name &&
        rule.mode === 'enforce' &&
        !rule.breakGlass &&
        isCandidate(rule, decided.request),
    );
    return inForce === undefined ? promised : { ...inForce, accessEnd: promised.accessEnd };
  });
}

/** Whether the access goes on for now and must be watched: ours, given, not over by itself, not yet ended by us. */
export function awaitsShiftEnd(
  story: Story,
  { policy, now }: Pick<EffectContext, 'policy' | 'now'>,
): boolean {
  const access = goingOn(story, { policy, now });
  return access !== null && access.rules.length > 0 && whyItEnds(story, { policy, now }) === null;
}

interface Access {
  readonly given: RecordedDecision;
  /** By which it is to end, and when its time is up by them, if ever. */
  readonly rules: readonly Rule[];
  readonly upAt: Instant | null;
}

/** Access that we gave, and that is not over by itself; null where there is none. */
function goingOn(story: Story, { policy, now }: Pick<EffectContext, 'policy' | 'now'>): Access | null {
  const given = standingDecision(story);
  if (given === null || story.ended?.state !== 'approved' || isRevoked(story)) return null;
  if (isPast(given.request.accessExpires, now)) return null;
  const rules = rulesEndingAccess(given, policy);
  return { given, rules, upAt: timeIsUpAt(given, rules) };
}

/** Why access that goes on is to be cut now: its shift was seen to be over, or its time is up. */
function whyItEnds(story: Story, context: Pick<EffectContext, 'policy' | 'now'>): string | null {
  if (story.access?.ends === true) return `with the ${story.access.over ?? 'shift'}: ${story.access.why}`;
  const upAt = goingOn(story, context)?.upAt ?? null;
  return isPast(upAt, context.now) ? `at ${upAt}, by \`access_ends.after\`` : null;
}

/** Whether our lock stands, as far as we know, and still matters: somebody may take it away. */
export function watchesLock(story: Story, now: Instant): boolean {
  const expires = story.decided?.request.accessExpires ?? null;
  return lockInPlace(story) !== null && !isPast(expires, plusMs(now, CLOCKS_DIFFER_MS));
}

interface LockInPlace {
  readonly key: EffectKey;
  readonly message: string;
  readonly expires: Instant | null;
  readonly since: Instant;
}

/** Our last lock on the access, as far as is known, and when it was set; null where none stands. */
export function lockInPlace(story: Story): LockInPlace | null {
  const { effects, unlocked } = story;
  const locks = [...effects.values()].flatMap(({ intended, doneAt: since }) =>
    intended.kind === 'lock' && since !== null ? [{ ...intended, since }] : [],
  );
  const last = locks.at(-1);
  return last === undefined || unlocked || liftOf(story, last.key)?.ours === true ? null : last;
}

/** What came of lifting the lock with this key; null where that is not done. */
function liftOf({ effects }: Story, lock: EffectKey): Outcome | null {
  const lift = liftKeyOf(lock);
  return lift === null ? null : (effects.get(lift)?.done ?? null);
}

/**
 * Since when the shift is over with which the access was locked, where it is given back if that goes on; null where it is not. Never what
 * was revoked, what was denied after the approval, or what somebody locked; nor where more than the shift is over, by a rule that is not in
 * force any more, or past one that is in force now and was not asked.
 */
export function lockedWithShift(
  story: Story,
  { policy, now }: Pick<EffectContext, 'policy' | 'now'>,
): Instant | null {
  const [lock, access] = [lockInPlace(story), goingOn(story, { policy, now })];
  if (lock === null || access === null || story.overturned !== null) return null;
  if (story.access?.ends !== true || story.access.over !== undefined || liftOf(story, lock.key) !== null)
    return null;
  const { given, rules, upAt } = access;
  if (rules.some((rule) => given.endsAccess?.includes(rule) === true) || isPast(upAt, now)) return null;
  if (hasNewRule(given, policy)) return null;
  // The lock may have come late.
  const { onCall } = story.access;
  return onCall.state === 'known' ? onCall.at : lock.since;
}

/** Whether a rule in force now covers the request, or may, that had no say when it was decided. */
function hasNewRule({ request, facts, decision, endsAccess = [] }: RecordedDecision, now: Policy): boolean {
  const asked = decision.outcomes.filter(({ mode }) => mode === 'enforce');
  const known = new Set([...asked.map(({ rule }) => rule), ...endsAccess.map(({ name }) => name)]);
  return policyFor(now, request, facts).rules.some(
    (rule) =>
      !known.has(rule.name) && rule.mode === 'enforce' && !rule.breakGlass && isCandidate(rule, request),
  );
}

/** The lock of the shift that goes on after all is lifted. */
function lifted(story: Story): readonly Effect[] {
  const lock = lockInPlace(story);
  if (lock === null || story.overturned !== null) return [];
  const key = liftKeyOf(lock.key);
  return key === null ? [] : [{ kind: 'unlock', key, message: lock.message, expires: lock.expires }];
}

/** A word to whoever had the access, where they work, and on the page by which it was given: once for each time that it is given back. */
export function notesOnGivenBack(story: Story, decided: RecordedDecision): readonly Effect[] {
  const last = [...story.effects.values()].findLast(
    ({ intended, done }) => intended.kind === 'unlock' && done?.ours === true,
  );
  if (last === undefined || lockInPlace(story) !== null) return [];
  const where = [liveIncidentOf(story), listeningPageOf(story)?.incident.id ?? null].filter(
    (id) => id !== null,
  );
  return where.map((id) =>
    noteOn({ id }, givenBackKey(last.intended.key, id), givenBackNote(decided), decided),
  );
}

/** What our lock on the access of a request is called: the same lock, however often it is set. */
export function lockNameOf(requestId: string): string {
  return `oncall-approver-${requestId}`;
}

/** Until when the access goes on as far as is known: shift or incident, with its grace, or the time it was given for; null for no end. */
export function knownEnd(story: Story, decided: RecordedDecision, rules: readonly Rule[]): Instant | null {
  const shift = endWithWork(rules) ? knownWorkEnd(story, decided, rules) : null;
  const time = timeIsUpAt(decided, rules);
  return (shift ?? NEVER) < (time ?? NEVER) ? shift : time;
}

/** Until when the work for which the access was given goes on, grace included, as far as is known; null for no end that is known. */
export function knownWorkEnd(
  story: Story,
  decided: RecordedDecision,
  rules: readonly Rule[],
): Instant | null {
  if (story.access !== null) return story.access.until;
  // When an incident is over nobody knows ahead; until then the shift ends it, where it may.
  const isOpen = rules.some(({ accessEnd: { withShift, withLast } }) => !withShift || withLast === true);
  return isOpen ? null : knownShiftEnd(decided, rules);
}

/** Until when the shift goes on by which it was decided, grace included; null for a shift without end. */
export function knownShiftEnd(decided: RecordedDecision, rules: readonly Rule[]): Instant | null {
  const graces = rules.map(({ onCall }) => onCall.graceAfterShiftMs);
  const ends = decided.decision.proofs.map(({ row }) => spanOf(row)?.end ?? null);
  const last = ends.every((end) => end !== null) ? ends.toSorted().at(-1) : undefined;
  return last === undefined ? null : plusMs(last, Math.max(0, ...graces));
}

/** A word ahead of the end, and the lock once a look at PagerDuty has shown that the shift is over, or the time is up. */
export function onShiftEnd(
  story: Story,
  decided: RecordedDecision,
  context: EffectContext,
): readonly Effect[] {
  const { policy, now } = context;
  const why = isRevoked(story) ? null : whyItEnds(story, context);
  if (why !== null) {
    const expires = decided.request.accessExpires;
    const { lock } = lockKeys(story.timesEnded + (story.access?.ends === true ? 0 : 1));
    // What somebody made of our lock is theirs.
    const before = lockInPlace(story)?.key ?? null;
    if (before !== null && liftOf(story, before) !== null) return [];
    return [{ kind: 'lock', key: lock, message: lockMessage(decided, why), expires }];
  }
  if (!awaitsShiftEnd(story, context)) return [];
  const rules = rulesEndingAccess(decided, policy);
  const end = knownEnd(story, decided, rules);
  const withIncident = rules.some(({ accessEnd }) => accessEnd.afterIncidentMs !== undefined);
  const incidentId = liveIncidentOf(story);
  const warnBefore = Math.max(...rules.map(({ accessEnd }) => accessEnd.warnBeforeMs ?? -1));
  const back = lifted(story);
  if (end === null || incidentId === null || warnBefore < 0 || now < plusMs(end, -warnBefore)) return back;
  return [
    ...back,
    noteOn({ id: incidentId }, shiftEndKey(end), shiftEndNote(decided, end, withIncident), decided),
  ];
}
