import { readsLikeVerb } from './verbs.ts';

const LEFT_OUT = '[…]';
/** What the end of a request's id looks like, or the whole of it: both are hexadecimal in all versions of Teleport. */
const CODE = '(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<!\\p{L}-)[0-9a-f]{5,32})(?![\\p{L}\\p{N}])';
const BEFORE = '(?<![\\p{L}\\p{N}])';
const BETWEEN = '[^\\p{L}\\p{N}]+';
const VERB_AND_CODE = new RegExp(
  `${BEFORE}([\\p{L}\\p{N}]+)${BETWEEN}(?:request${BETWEEN})?(?:${CODE.replace('(?<!\\p{L}-)', '')})`,
  'giu',
);
const CODE_AND_VERB = new RegExp(`${BEFORE}${CODE}${BETWEEN}([\\p{L}\\p{N}]+)`, 'giu');
const LONE_CODE = new RegExp(`${BEFORE}${CODE}`, 'giu');
/** Letters of which many look like those of a verb or a code: of other alphabets, small capitals and those of phonetics. */
const ALIKE =
  '\\p{Script=Greek}\\p{Script=Cyrillic}\\p{Script=Armenian}\\p{Script=Coptic}\\p{Script=Cherokee}\\p{Script=Lisu}\u0250-\u02af\u1d00-\u1dbf\ua720-\ua7ff';
const HAS_ALIKE = new RegExp(`(?!\u03bc)[${ALIKE}]`, 'u');
const CODE_ALIKE = new RegExp(
  `(?<!\\p{L}-)${BEFORE}(?=[\\p{L}\\d]*\\d)[\\da-z${ALIKE}]{5,32}(?![\\p{L}\\p{N}])`,
  'giu',
);
/** With digits, since one in a letter's place is a slip that an answer is read over. */
const WORD = /[\p{L}\p{N}]+/gu;
/** Not seen, or over and under letters, so that a code may be written around it. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{M}]/gu;
/** Letters of other alphabets that look like those of a verb or a code. */
const LOOKS_LIKE: Readonly<Record<string, string>> = {
  ...{ а: 'a', А: 'A', В: 'B', с: 'c', С: 'C', е: 'e', Е: 'E', о: 'o', О: 'O', р: 'p', Р: 'P', у: 'y' },
  ...{ Α: 'A', Β: 'B', Ε: 'E', α: 'a', ο: 'o', ρ: 'p', ν: 'v', ј: 'j', Ј: 'J', ԁ: 'd', һ: 'h' },
};

/**
 * Text of others for a page, without what an approver could take for the way to answer: a verb with a code, in whatever order and
 * distance. That one request says "approve" and the code of another must bring nobody to write so. Numbers of tickets, which begin
 * with letters, stay. In letters that look like others no verb can be told, so that no code is left there either. `beside`: it is
 * shown beside a verb of ours, so that a number by itself is left out too.
 */
export function withoutInstructions(text: string, { beside = false } = {}): string {
  const plain = Array.from(
    text.normalize('NFKC').replace(UNSEEN, ''),
    (each) => LOOKS_LIKE[each] ?? each,
  ).join('');
  const isAlike = HAS_ALIKE.test(plain);
  const hasVerb = isAlike || (plain.match(WORD) ?? []).some(readsLikeVerb);
  if (!beside && !hasVerb) return text;
  const without = (whole: string, word: string): string => (readsLikeVerb(word) ? LEFT_OUT : whole);
  const left = plain
    .replace(VERB_AND_CODE, without)
    .replace(CODE_AND_VERB, without)
    .replace(LONE_CODE, (code) => (hasVerb || /\d/u.test(code) ? LEFT_OUT : code));
  const safe = isAlike ? left.replace(CODE_ALIKE, LEFT_OUT) : left;
  return safe === plain ? text : safe;
}
