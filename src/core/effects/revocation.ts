import { CLOCKS_DIFFER_MS, isPast, plusMs, type Instant } from '../values/instant.ts';
import type { GivenReading } from '../answers/answer.ts';
import type { Effect } from '../record/effect.ts';
import { revokedKeys, revokingKey } from '../record/effect-keys.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { isDone, type Story } from '../record/story.ts';
import { notRevokedNote, revokedNote } from '../wording/notes.ts';
import { revokedMessage } from '../wording/reviews.ts';
import { noteOn } from './note-on.ts';

/** Whether somebody ended the access by an answer, and nobody has taken that back by taking the lock away. */
export function isRevoked({ answers, unlocked }: Story): boolean {
  return !unlocked && answers.some(isRevocation);
}

/**
 * Whether an answer may end the access still, so that its pages are read: it was given after people were asked, and lasts. `revoke` is
 * heard of no request whose end an earlier version recorded, which offered it to nobody.
 */
export function mayBeRevoked(story: Story, now: Instant): boolean {
  const { decided, ended, hearsRevoke } = story;
  if (decided === null || ended?.state !== 'approved' || !hearsRevoke || isRevoked(story)) return false;
  return !isPast(decided.request.accessExpires, plusMs(now, CLOCKS_DIFFER_MS));
}

/** What is known of when access was given, for what is written on this page; `toldAt`: when PagerDuty has our note of it there. */
export function givenReading(
  { ended, endedAt, effects }: Story,
  page: { readonly intendedAt: Instant } | null,
  toldAt: Instant | null,
): GivenReading | null {
  if (ended?.state !== 'approved' || endedAt === null) return null;
  let knownAt = endedAt;
  for (const { intended, done, doneAt } of effects.values()) {
    const isOurs = 'propose' in intended && intended.propose === 'approved' && done?.ours === true;
    if (isOurs && done.stillPending !== true && doneAt !== null && doneAt < knownAt) knownAt = doneAt;
  }
  const isLater = page !== null && page.intendedAt >= knownAt;
  return { at: ended.at ?? null, knownAt, toldAt, ...(isLater ? { before: true } : {}) };
}

/** The lock on what was revoked, and a word on the page: that it is set, or why it cannot be and what to do instead. */
export function onRevocation(story: Story, decided: RecordedDecision): readonly Effect[] {
  const expires = decided.request.accessExpires;
  return story.answers.filter(isRevocation).flatMap((recorded): readonly Effect[] => {
    const { id, incidentId } = recorded.answer;
    const [key, keys, incident] = [revokingKey(id), revokedKeys(id), { id: incidentId }];
    const failure = isDone(story, key) ? null : (story.effects.get(key)?.lastFailure ?? null);
    return [
      ...(failure === null || failure.transient
        ? []
        : [noteOn(incident, keys.refused, notRevokedNote(recorded, decided, failure.message), decided)]),
      { kind: 'lock', key, message: revokedMessage(decided, recorded), expires },
      ...(isDone(story, key) ? [noteOn(incident, keys.done, revokedNote(recorded), decided)] : []),
    ];
  });
}

function isRevocation({ counted, answer }: Story['answers'][number]): boolean {
  return counted && answer.propose === 'revoked';
}
