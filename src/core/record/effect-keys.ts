import type { EffectKey } from './effect.ts';

/*
 * Keys must never change: an effect that stands in a ledger under one key would be done a second time under another. What is
 * about the first page therefore has no number, and some words are older than their names in the code.
 */

/** What keys begin with. */
export const EFFECT_WORDS = [
  'review',
  'vote',
  'page',
  'break-glass',
  'find-live-incident',
  'live-note',
  'closing-note',
  'reminder',
  'unanswered',
  'merged',
  'replaced',
  'reply',
  'progress',
  'waiting',
  'shift-end',
  'use-note',
  'finding',
  'move-up',
  'close-page',
  'lock',
  'unlock',
  'given-back',
  'revoked',
] as const;

export type EffectWord = (typeof EFFECT_WORDS)[number];

/** The page about broken glass has a key of its own: an ordinary page of the same request must not take its place. */
export const BREAK_GLASS_PAGE = 'break-glass page';
export const LIVE_NOTE = 'live-note';
export const USE_NOTE = 'use-note';

/** What a key begins with, and the number that follows at once; null for a word that this version does not know, and for none. */
export function partsOf(key: EffectKey): {
  readonly word: EffectWord | null;
  readonly number: number | null;
} {
  const [first, second = ''] = key.split(' ');
  return {
    word: EFFECT_WORDS.find((word) => word === first) ?? null,
    number: /^\d+$/u.test(second) ? Number(second) : null,
  };
}

export function nthReviewKey(number: number): string {
  return counted('review', number);
}

/** Where somebody's later answer is carried after an earlier one was turned down, it has a review of its own. */
export function onBehalfKey(approverId: string, number: number): string {
  return counted(`vote ${approverId}`, number);
}

/** The note about a review on behalf of an approver, by the key of that. */
export function progressKey(onBehalf: EffectKey): string {
  return `progress${onBehalf.slice('vote'.length)}`;
}

/** The note on an approval that waits for those of other rules. */
export function waitingKey(answerId: string): string {
  return `waiting ${answerId}`;
}

/** The lock at the end of a shift, and what lifts it; counted from 1. */
export function lockKeys(number: number): { readonly lock: string; readonly lift: string } {
  return { lock: counted('lock', number), lift: counted('unlock', number) };
}

/** What lifts the lock with this key; null for locks that are not lifted. */
export function liftKeyOf(lock: EffectKey): string | null {
  const { word, number } = partsOf(lock);
  return word === 'lock' && (lock === 'lock' || number !== null) ? lockKeys(number ?? 1).lift : null;
}

/** The note on an incident that the lock with this key was lifted. */
export function givenBackKey(lift: EffectKey, incidentId: string): string {
  return `given-back${lift.slice('unlock'.length)} on ${incidentId}`;
}

/** The lock on access that somebody revoked. */
export function revokingKey(answerId: string): string {
  return `lock revoked ${answerId}`;
}

/** The notes on it: that the access is ended, or why it could not be. */
export function revokedKeys(answerId: string): { readonly done: string; readonly refused: string } {
  return { done: `revoked ${answerId}`, refused: `revoked not ${answerId}` };
}

/** The page about what an access shows. */
export function findingKey(kind: string): string {
  return `finding ${kind}`;
}

/** The key of the page that asks people, counted from 1. */
export function pageKey(page: number): string {
  return counted('page', page);
}

/** Which of the pages that ask people has this key, and the rule of the team that it asks; null for other keys. */
export function pageIn(key: EffectKey): { readonly number: number; readonly team: string | null } | null {
  const [found, number = '1', team = null] = /^page(?: (\d+))?(?: of (.+))?$/su.exec(key) ?? [];
  return found === undefined ? null : { number: Number(number), team };
}

/** What is done with a page of another team, which is named by its rule: that of the rule that comes first has no name. */
export function ofTeam(key: EffectKey, team: string | null): EffectKey {
  return team === null ? key : `${key} of ${team}`;
}

export function reminderKey(reminder: number, page: number): string {
  return `reminder ${reminder}${page === 1 ? '' : ` on page ${page}`}`;
}

export function nextLevelKey(page: number): string {
  return counted('move-up', page);
}

/** Where the page was found to reach nobody: at its opening (0), or later, counted from 1. */
export function unheardKey(page: number, times: number): string {
  return `move-up ${page} unheard ${times}`;
}

/** The note that says why an answer is not taken. */
export function replyKey(answerId: string): string {
  return `reply ${answerId}`;
}

export function unansweredKey(incidentId: string): string {
  return `unanswered ${incidentId}`;
}

/** The note where a page that was merged away goes on. */
export function mergedKey(incidentId: string): string {
  return `merged ${incidentId}`;
}

/** The note on a page whose request was changed. */
export function replacedKey(incidentId: string): string {
  return `replaced ${incidentId}`;
}

/** Of a page whose request was changed before it ended. */
export function replacedClosingKey(page: number): string {
  return `close-page replaced ${page}`;
}

/** Of the same, where others were asked about on it still when it was to be closed. */
export function leftClosingKey(page: number): string {
  return `close-page left ${page}`;
}

export function shiftEndKey(end: string): string {
  return `shift-end ${end}`;
}

/** What is done with a page at the end of its request. Of the pages that ask a team the last one alone may be open still. */
export function closingKeys(page: EffectKey): { readonly note: string; readonly close: string } {
  const isOfTeam = (pageIn(page)?.team ?? null) !== null;
  const about = page === BREAK_GLASS_PAGE ? ' break-glass' : isOfTeam ? page.slice('page'.length) : '';
  return { note: `closing-note${about}`, close: `close-page${about}` };
}

/** The last note on a page that was resolved, where the next one may never have been opened. */
export function earlierClosingKey(page: number): string {
  return `closing-note on page ${page}`;
}

function counted(words: string, number: number): string {
  return number === 1 ? words : `${words} ${number}`;
}
