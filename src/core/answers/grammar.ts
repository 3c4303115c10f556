import { sanitise, UNSEEN } from '../values/words.ts';
import { answerCode, type Listed, type Unclear } from './answer.ts';
import { isQuotation, isReported } from './quotation.ts';
import { takenBackBy } from './taking-back.ts';
import { verbOf, type Proposal } from './verbs.ts';

/** What a note says about one request. */
export interface Said {
  /** Null where no verb stands in its place. */
  readonly propose: Proposal | null;
  /** The words after verb and code, on their line. */
  readonly reason: string;
  readonly codeIsRight: boolean;
  /** The verb as it was written, where a slip of the keyboard was read over. */
  readonly spelt?: string;
  /** A word of an approval that may take it back, for instance `NOT` before "before Monday". */
  readonly takenBackBy?: string;
  /** Absent where it is clear. */
  readonly unclear?: Unclear;
}

export interface Reading {
  /** Others that are listed on the same page. */
  readonly others?: readonly Listed[];
  /** What stands above the page: whoever repeats it has not answered. */
  readonly title?: string;
}

interface Token {
  readonly text: string;
  /** In the letters of a code. */
  readonly code: string;
  readonly start: number;
  readonly end: number;
}

/** By it the service's own notes are known, and what is copied from them. */
const OWN_WORDS = 'oncall-approver decision OA-';
const RESOLUTION_NOTE = /^\s*resolution note:/iu;
const LINES = /[\n\r\cK\f\u0085\u2028\u2029]+/u;
const UNSEEN_IN_LINE = /(?![\n\r\cK\f\u0085])[\p{C}\p{Default_Ignorable_Code_Point}]/gu;
/** After a first word that has its line to itself. */
const FIRST_BREAK = /^(\s*\p{L}+:?)\s*[\n\r]\s*/u;
/** A dash, a quotation mark or a letter of another alphabet ends it. */
const ADDRESSES = /\bhttps?:\/\/[!#-;=?-~]+/giu;
const EMOJI = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u20e3]/gu;
const REFUSING =
  /(?<!\S)-1(?!\S)|[⬜🔲◻👎❌🚫⛔🛑✋❎🙅✖✘✗⏸⏳⌛🤔🤨🤷🚷🆖⏰⏱⏲📅📆🗓🔜🕐-🕧]|:(?:-1|x|thumbsdown|thinking|shrug|clock|alarm_clock|hourglass)\w*:/u;
const QUESTION = /[?\u00bf\u055e\u061f\u1367\u203d\u2047-\u2049\u2753\u2754\u2e2e]/u;
const MENTIONS = /<@[^>\n]*>|(?<=^|\s)@[\w.-]+/gu;
const WORDS =
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\p{L}\p{N}])|[\p{L}\p{N}\p{M}]+(?:['\u2019\u02bc]\p{L}+)*/giu;

/** What may stand before an answer, and changes nothing of it. */
const BEFORE = new Set(
  "please pls plz i we i've we've have hereby ok okay yes yep yeah yup sure lgtm thanks thx hi hello hey agreed ack".split(
    ' ',
  ),
);
/** What may stand between verb and code. */
const BETWEEN = new Set('the this access request req code id it is'.split(' '));
/** Before a verb: a dash or an exclamation mark joined to it would be a part of it. */
const LEADING = /^(?!.*\/\/)(?:[\s,.:;\u2022*_`/]|[-\u2013\u2014!](?=\s))*$/u;
const JOINING = /^(?!.*<\s*>)[\s,.:;=#<>("'\u2018-\u201f\u00ab\u00bb[{*_`)\]}\u2013\u2014-]*$/u;
const NUMBERED = /^(?=.*\d)[0-9A-F]{5,32}$/u;
const WORDS_OF_ANSWER =
  /(?<![\p{L}\p{N}])(?:lgtm|ok|okay|yes|yep|sure|go ahead|granted?|allow(?:ed)?|accept(?:ed)?|no|nope|refused?|declined?|\+1)(?![\p{L}\p{N}])/iu;

/**
 * Reads a note for a request: forgiving in form, strict in meaning. `docs/answers.md` has the table, which is made from the tests of this
 * function. An answer is one verb and one code on a line, in either order, with nothing but a greeting before them; nothing in the whole
 * note may ask, take it back, or speak of another request. A code is never guessed.
 */
export function parseAnswer(content: string, listed: Listed, reading: Reading = {}): Said {
  const text = content.normalize('NFKC').replace(RESOLUTION_NOTE, '');
  const about: About = { text, lines: linesOf(text), listed, reading };
  const isRight = ({ code }: Token) => names(code, listed);
  // The code may have a line of its own.
  const readings = [...readingsOf(text), text.replace(FIRST_BREAK, '$1 ')];
  const found =
    readings.map((each) => answerOn(linesOf(each), isRight)).find((each) => each !== null) ?? null;
  if (found === null) return unread(about, isRight);
  const { propose, spelt, tail } = found;
  const said = {
    ...{ propose, reason: sanitise(tail, 500), codeIsRight: true },
    ...(spelt === undefined ? {} : { spelt: sanitise(spelt, 30) }),
  };
  const back = propose === 'denied' ? null : wordsAgainst(text, propose, tail);
  if (text.includes(OWN_WORDS) || isQuotation({ text, ...reading, ...found }))
    return { ...said, unclear: 'quotation' };
  // Why somebody refuses may be put as a question.
  if (QUESTION.test(propose === 'denied' ? tail.slice(0, 1) : withoutAddresses(text)))
    return { ...said, unclear: 'question' };
  if (back !== null) return { ...said, takenBackBy: back };
  if (propose !== 'denied' && isReported(found)) return { ...said, unclear: 'quotation' };
  if (verbsIn(about).some((verb) => verb !== propose)) return { ...said, unclear: 'several verbs' };
  return namesAnother(about, tail) ? { ...said, unclear: 'several codes' } : said;
}

/** Of the requests that are listed on a page the first that a note names, by its code or its whole id. */
export function firstNamed<T extends Listed>(content: string, asked: readonly T[]): T | null {
  for (const { code } of readingsOf(content.normalize('NFKC')).flatMap(linesOf).flatMap(tokensOf)) {
    const named = asked.find((each) => names(code, each));
    if (named !== undefined) return named;
  }
  return null;
}

/** A word of a note by which an answer above it is taken back, or put off; null where it has none. */
export function takenBackIn(content: string, propose: Proposal): string | null {
  return wordsAgainst(content.normalize('NFKC'), propose, '');
}

/** Whether a note is the service's own, or says to be. */
export function saysOwnWords(content: string): boolean {
  return content.includes(OWN_WORDS);
}

interface Found {
  readonly line: string;
  /** Those among which it stands. */
  readonly lines: readonly string[];
  readonly propose: Proposal;
  readonly spelt?: string;
  /** What follows verb and code on their line. */
  readonly tail: string;
}

interface About {
  readonly text: string;
  readonly lines: readonly string[];
  readonly listed: Listed;
  readonly reading: Reading;
}

type IsCode = (token: Token) => boolean;

function linesOf(text: string): readonly string[] {
  return text.split(LINES).map((line) => line.replace(MENTIONS, ' ').replace(UNSEEN, '').replace(EMOJI, ' '));
}

/** What is not seen may stand within a word, or where a blank would. */
function readingsOf(text: string): readonly string[] {
  return [text, text.replace(UNSEEN_IN_LINE, ' ')];
}

function isQuoted(line: string): boolean {
  return /^\s*>/u.test(line);
}

function tokensOf(line: string): readonly Token[] {
  return [...withoutAddresses(line).matchAll(WORDS)].map(({ 0: text, index }) => ({
    text,
    code: text.replace(/-/gu, '').toUpperCase(),
    start: index,
    end: index + text.length,
  }));
}

/** All else stays in its place. */
function withoutAddresses(text: string): string {
  return text.replace(ADDRESSES, (address) => ' '.repeat(address.length));
}

function names(code: string, { code: own, requestId }: Listed): boolean {
  return code === own || code === answerCode(requestId, Infinity);
}

function answerOn(lines: readonly string[], isCode: IsCode): Found | null {
  const found = lines.map((line) => answerIn(line, isCode)).find((each) => each !== null) ?? null;
  return found === null ? null : { ...found, lines };
}

/** Verb and code in their place, the code being one that `isCode`; null where the line has none. */
function answerIn(line: string, isCode: IsCode): Omit<Found, 'lines'> | null {
  const tokens = tokensOf(line);
  const first = tokens.findIndex(({ text }) => !BEFORE.has(text.toLowerCase()));
  const begin = tokens[first];
  if (begin === undefined || !isPlainBefore(line, tokens.slice(0, first + 1))) return null;
  const second = tokens.findIndex(
    (token, index) => index > first && (isCode(token) || !BETWEEN.has(token.text.toLowerCase())),
  );
  const end = tokens[second];
  if (end === undefined || !isJoined(line, tokens.slice(first, second + 1))) return null;
  if (
    isAskedOrOrdered(
      tokens.slice(0, second + 1).map(({ text }) => text.toLowerCase()),
      isCode(begin),
    )
  )
    return null;
  const verb = isCode(end) ? verbOf(begin.text) : isCode(begin) ? verbOf(end.text) : null;
  if (verb === null) return null;
  const tail = line
    .slice(end.end)
    .replace(/^[\s"'\u2018-\u201f\u00ab\u00bb)\]}>*_`.,:;!\u2013\u2014-]+/u, '');
  return { ...verb, line, tail };
}

/** `E1B44, is it approved` asks, and `have E1B44 approved` is for others to do. */
function isAskedOrOrdered(words: readonly string[], codeFirst: boolean): boolean {
  return / is (?!it )(?!\S+$)| is it /u.test(words.join(' ')) || (codeFirst && words.includes('have'));
}

function isPlainBefore(line: string, tokens: readonly Token[]): boolean {
  return tokens.every(({ start }, index) => LEADING.test(line.slice(tokens[index - 1]?.end ?? 0, start)));
}

function isJoined(line: string, tokens: readonly Token[]): boolean {
  return tokens.slice(1).every(({ start }, index) => JOINING.test(line.slice(tokens[index]?.end, start)));
}

/** The first words of a note by which such an answer is taken back, put off, or made to depend on something. */
function wordsAgainst(text: string, propose: Proposal, tail: string): string | null {
  const found = takenBackBy(besideVerbs(text, propose), tail) ?? REFUSING.exec(text)?.[0] ?? null;
  return found === null ? null : sanitise(found, 30);
}

/** What the note says beside the verbs of its own kind, some of which take back an answer of another kind. */
function besideVerbs(text: string, propose: Proposal): string {
  const isOwn = (word: string) => verbOf(word)?.propose === propose;
  const left = (line: string) => withoutAddresses(line.replace(UNSEEN, '').replace(EMOJI, ' '));
  // Whoever writes "@noon" mentions nobody.
  const lines = text.split(LINES).map(left);
  return lines.map((line) => line.replace(/\p{L}+/gu, (word) => (isOwn(word) ? ' ' : word))).join('\n');
}

function verbsIn({ lines }: About): readonly Proposal[] {
  return lines.flatMap(tokensOf).flatMap(({ text }) => verbOf(text)?.propose ?? []);
}

/** Whether another request may be meant too: one of this page, or something that looks like the code of one. */
function namesAnother({ lines, listed, reading: { others = [] } }: About, tail: string): boolean {
  const isOther = ({ code }: Token) => !names(code, listed);
  const tokens = lines.flatMap(tokensOf).filter(isOther);
  const next = tokensOf(tail.replace(/^(?:and|or)\b/iu, ''))[0];
  return (
    tokens.some(
      ({ code }) =>
        others.some((each) => names(code, each)) ||
        /^(?=.*\d)(?=.*[A-F])[0-9A-F]{5}$|^[0-9A-F]{32}$/u.test(code),
    ) ||
    (next !== undefined && isOther(next) && NUMBERED.test(next.code)) ||
    answerOn(lines, (token) => isOther(token) && NUMBERED.test(token.code)) !== null
  );
}

/** Why there is no answer in a note. */
function unread(about: About, isRight: IsCode): Said {
  const { text, lines } = about;
  const none = { propose: null, reason: '' } as const;
  const verbs = new Set(verbsIn(about));
  if (lines.flatMap(tokensOf).some(isRight)) {
    const isOwn = lines.some((line) => !isQuoted(line) && tokensOf(line).some(isRight));
    const named = { ...none, codeIsRight: true };
    if (!isOwn || text.includes(OWN_WORDS)) return { ...named, unclear: 'quotation' };
    if (QUESTION.test(text)) return { ...named, unclear: 'question' };
    if (verbs.size > 1) return { ...named, unclear: 'several verbs' };
    return { ...named, unclear: verbs.size === 0 ? 'no verb' : 'other words' };
  }
  const wrong = answerOn(lines, looksLikeCode);
  if (wrong !== null)
    return { propose: wrong.propose, reason: sanitise(wrong.tail, 500), codeIsRight: false };
  const isMeant = verbs.size > 0 || WORDS_OF_ANSWER.test(text);
  return { ...none, codeIsRight: false, unclear: isMeant ? 'no code' : 'talk' };
}

function looksLikeCode({ text }: Token): boolean {
  return text.length > 3 && (/\d/u.test(text) || text === text.toUpperCase());
}
