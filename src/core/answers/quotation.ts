import { UNSEEN } from '../values/words.ts';

/** Where verb and code stand. */
interface Place {
  readonly lines: readonly string[];
  readonly line: string;
  /** What follows them. */
  readonly tail: string;
}

interface Note extends Place {
  readonly text: string;
  /** What stands above the page. */
  readonly title?: string;
}

/** Above what was copied from a mail or a chat: a mail's own lines, and who wrote when. */
const MAIL = /^[\s*_]*(?:from|sent|subject|von|gesendet|betreff|de|objet)\s*[*_]*\s*:|^\s*[-_]{2,}.*\p{L}/iu;
const WROTE =
  /^\s*(?:from\s+\p{L}+|fwd?|forwarded)\s*$|(?<!\p{L})(?:messages?|notes?|e-?mails?|texts?|sms|chats?|slack|dms?|comments?|repl(?:y|ies))\s+(?:from|by|of)(?!\p{L})|(?<!\p{L})(?:wrote|writes|said|says|asked|asks|schrieb|schreibt|geschrieben|sagte?|gesagt|meinte|écrit|dit|dijo|escribió|escreveu|disse)(?!\p{L})|\d[:.]\d\d(?:[:.]\d\d)?\s*(?:[ap]\.?m\.?)?[\s)\]]*$/iu;
/** Quotations that are begun and not ended, where they begin and end by different marks. */
const OPEN_QUOTATION =
  /[\u2018\u201a\u2039\u300c\u300e][^\u2019\u203a\u300d\u300f]*$|<(?:blockquote|q|del|s|strike)\b|<!--|\{quote|\[quote/iu;

/** Words by which somebody tells what others said or wrote, or what they were made to. */
const TELLING =
  /(?<!\p{L})(?:wrote|writes|written|said|says|tells|told|typed|types|posted|texted|messaged|replied|quot(?:e|es|ed|ing)|cop(?:y|ied)|pasted|forwarded|dictated|claim(?:s|ed)|insist(?:s|ed)|begg?(?:s|ed)|ask(?:s|ed)\s+(?:me|us|him|her|them|to|that)|according\s+to|(?:his|her|their)\s+words|puts?\s+it|schrieb|schreibt|sagte?|meinte?|laut|dit|écrit|dijo|escribió)(?!\p{L})/iu;
/** `approve E1B44 is what …`: verb and code are what is spoken of. */
const SPOKEN_OF =
  /^(?:(?:is|was|were|are|stands|stood|came|comes|by|per(?!\s+\p{L}+-\d)|on behalf|in the name|von|par|por)(?!\p{L})|['’]s\s)/iu;

/**
 * Whether it stands where somebody tells what others said or wrote: after a colon, between marks of quotation, below what tells who wrote
 * it, or as the page has it.
 */
export function isQuotation({ text, lines, line, title }: Note): boolean {
  if (title !== undefined && title !== '' && plain(text).includes(plain(title))) return true;
  const [before, after] = [lines.slice(0, lines.indexOf(line)), lines.slice(lines.indexOf(line) + 1)];
  const said = before.filter(isSaying);
  const isHeading = (each: string) => each.trimEnd().endsWith(':') || WROTE.test(each);
  if (said.slice(-1).some(isHeading) || said.some((each) => MAIL.test(each))) return true;
  const above = before.join('\n');
  if (
    OPEN_QUOTATION.test(above) ||
    countOf(above, /"/gu) % 2 === 1 ||
    countOf(above, /[\u201c\u201e\u00ab]/gu) > countOf(above, /[\u201d\u00bb]/gu)
  )
    return true;
  return countOf(above, /```/gu) % 2 === 1 && (said.length > 0 || after.some(isSaying));
}

/** Whether words after verb and code say that these are somebody else's: whoever repeats them has not answered. Why somebody refuses may be what others have said. */
export function isReported({ lines, line, tail }: Place): boolean {
  const below = lines.slice(lines.indexOf(line) + 1);
  return SPOKEN_OF.test(tail) || [tail, ...below].some((each) => TELLING.test(each));
}

function plain(text: string): string {
  return text.normalize('NFKC').replace(UNSEEN, '').replace(/\s+/gu, ' ').trim().toLowerCase();
}

function isSaying(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line);
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
