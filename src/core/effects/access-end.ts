import type { Circumstances } from './circumstances.ts';
import { reviewIsOurs } from './own-review.ts';
import type { Effect } from './effect.ts';
import { lockMessage, noteMarker, shiftEndNote } from '../explain.ts';
import { plusMs, type Instant } from '../values/instant.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { spanOf } from '../on-call.ts';
import type { Policy, Rule } from '../rule.ts';
import type { Story } from '../record/story.ts';

/** The rules that gave the access and let it end with the shift; none where it was not given by us, or by broken glass. */
export function rulesEndingAccess({ decision }: RecordedDecision, policy: Policy): readonly Rule[] {
  if (decision.verdict !== 'approve' || decision.breakGlass) return [];
  const rules = policy.rules.filter(({ name }) => decision.rules.includes(name));
  return rules.some(({ accessEnd }) => !accessEnd.withShift) ? [] : rules;
}

/** Whether the access goes on for now and must be watched: ours, given, not over by itself, not yet ended by us. */
export function awaitsShiftEnd(
  story: Story,
  { policy, now }: Pick<Circumstances, 'policy' | 'now'>,
): boolean {
  const { decided, ended, access } = story;
  if (decided === null || ended?.state !== 'approved') return false;
  const ours = reviewIsOurs(story);
  const { accessExpires } = decided.request;
  const over = accessExpires !== null && accessExpires <= now;
  return ours && !over && access?.ends !== true && rulesEndingAccess(decided, policy).length > 0;
}

/** Whether our lock stands, as far as we know, and still matters: somebody may take it away. */
export function watchesLock({ decided, effects, unlocked }: Story, now: Instant): boolean {
  const accessExpires = decided?.request.accessExpires ?? null;
  const locked = (effects.get('lock')?.done ?? null) !== null;
  return locked && !unlocked && (accessExpires === null || now < accessExpires);
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
