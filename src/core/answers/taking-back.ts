import { swaps } from './verbs.ts';

/**
 * Words by which people take back what they have just said, or make it depend on something. That some of them may stand in a plain
 * approval ("no objection") costs whoever wrote it one more note; that one was read over could let somebody in.
 */
const WORDS = [
  'no|not|never|none|nope|nah|neither|nor|cannot',
  "\\p{L}{1,12}n['\u2018\u2019\u02bc\u00b4`]t|(?:do|does|did|ca|wo|is|should)nt",
  'unless|until|except|only|if|wait|hold|stop|void|disregard|undo|undone|mistake|withdraw|withdrawn|withdrew',
  'once|after|when|later|maybe|perhaps|whether|assuming|provided|pending|tomorrow|subject to|in case|but',
  'as (?:soon|long) as|so long as|conditional(?:ly)?|next (?:week|month)|(?:from|on|by|next) \\p{L}{3,6}day',
  'in (?:half )?(?:an?|one|\\d{1,3}) ?(?:h|hr|hour|min|minute|day)s?',
  'oops|wrong one|scratch that',
  '(?:cancel|retract|rescind)(?:l?ed)?|(?:revoke|ignore)d?',
  'deny|denied|reject|rejected|refuse|refused|decline|declined|disapproved?|unapproved?|disproved?',
  'nein|nicht|nie|kein\\p{L}{0,2}|non|pas|jamais|nunca|n\u00e3o',
].join('|');
const TAKING_BACK = new RegExp(`(?<![\\p{L}\\p{N}])(?:${WORDS})(?![\\p{L}\\p{N}])`, 'iu');
const WORD = new RegExp(`^(?:${WORDS})$`, 'iu');
/** What is struck through. */
const STRUCK = /~~|[\u0335-\u0338]/u;

/** The first word that takes an approval back, or makes it depend on something; null where there is none. Two letters may be swapped. */
export function takenBackBy(text: string): string | null {
  const found = TAKING_BACK.exec(text) ?? STRUCK.exec(text);
  if (found !== null) return found[0];
  const words = text.match(/\p{L}{3,10}/gu) ?? [];
  return words.find((word) => swaps(word).some((each) => WORD.test(each))) ?? null;
}
