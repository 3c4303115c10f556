/** What an answer asks for. */
export type Proposal = 'approved' | 'denied' | 'revoked';

const VERBS = new Map<string, Proposal>([
  ['approve', 'approved'],
  ['approved', 'approved'],
  ['deny', 'denied'],
  ['denied', 'denied'],
  ['reject', 'denied'],
  ['rejected', 'denied'],
  ['revoke', 'revoked'],
  ['revoked', 'revoked'],
]);

/** Further forms, by which nobody answers and which read like a way to. */
const FORMS = ['approves', 'approving', 'approval', 'denies', 'denying', 'rejects', 'revokes'];
const READ_LIKE_VERBS = [...VERBS.keys(), ...FORMS];

/** Words of their own, though they are a slip away from a verb. */
const OTHER_WORDS = new Set(['approver', 'approves', 'eject', 'evoke', 'rejects', 'denies', 'revokes']);

/** In shorter verbs one letter more or less makes another word. */
const SHORTEST_MISSPELT = 6;

/** The verb that this word is, with how it was written where a slip of the keyboard was read over; null for other words. */
export function verbOf(word: string): { readonly propose: Proposal; readonly spelt?: string } | null {
  const written = word.toLowerCase();
  const propose = VERBS.get(written);
  if (propose !== undefined) return { propose };
  if (OTHER_WORDS.has(written)) return null;
  for (const [verb, meant] of VERBS) {
    const isSlip = verb.length < SHORTEST_MISSPELT ? isSwapped : isWithinOneSlip;
    if (isSlip(written, verb)) return { propose: meant, spelt: word };
  }
  return null;
}

/** Whether somebody who reads it could take this word for a verb of answers, or a form of one. */
export function readsLikeVerb(word: string): boolean {
  const written = word.toLowerCase();
  return READ_LIKE_VERBS.some((verb) => isWithinOneSlip(written, verb));
}

/** Equal but for one letter that is wrong, missing, too many, or in its neighbour's place. */
function isWithinOneSlip(one: string, other: string): boolean {
  // Every word of a page is held against every verb: most differ by more than that at first sight.
  if (Math.abs(one.length - other.length) > 1) return false;
  const at = firstDifference(one, other);
  const rests = (from: number, otherFrom: number) => one.slice(at + from) === other.slice(at + otherFrom);
  return rests(1, 1) || rests(1, 0) || rests(0, 1) || isSwapped(one, other);
}

function isSwapped(one: string, other: string): boolean {
  const at = firstDifference(one, other);
  const isCrossed = one[at] === other[at + 1] && one[at + 1] === other[at];
  return isCrossed && one.slice(at + 2) === other.slice(at + 2);
}

function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

/** The word with each two neighbouring letters in each other's place; for short words. */
export function swaps(word: string): readonly string[] {
  const letters = Array.from(word);
  return letters
    .slice(1)
    .map((letter, index) => letters.toSpliced(index, 2, letter, ...letters.slice(index, index + 1)).join(''));
}
