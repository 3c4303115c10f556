import { putOffBy } from './putting-off.ts';
import { swaps } from './verbs.ts';

/**
 * Words by which people take back what they have just said, or make it depend on something. That some of them may stand in a plain
 * approval ("no objection") costs whoever wrote it one more note; that one was read over could let somebody in.
 */
const WORDS = [
  'no+|not|never|none|nop[es]?|nah|neither|nor|cannot',
  "\\p{L}{0,12}n['\u2018\u2019\u02bc\u00b4`]t|(?:do|does|did|ca|wo|is|are|was|were|has|have|should|would|could|ai)nt",
  'unless|until|except|only|if|wait|hold|stop|void|disregard|undo|undone|mistake|withdraw|withdrawn|withdrew',
  'once|after|when|later|maybe|perhaps|whether|assuming|provided|pending|tomorrow|subject[- ]to|in case|but',
  'as (?:soon|long) as|so long as|conditional(?:ly)?|next (?:week|month)|(?:from|on|by|next) \\p{L}{3,6}day',
  'in (?:half )?(?:an?|one|\\d{1,3}) ?(?:h|hr|hour|min|minute|day)s?',
  '(?:wh?)?oops(?:ie)?|wrong (?:one|page|window|request|code|incident|person|channel|tab|thread|button)|(?:scratch|strike|scrap) that|never ?mind|nvm|my bad|typo',
  'forget (?:it|this|that)|kidding|j/?k|y/n|yes ?/ ?no|yes or no|for example|e\\.g|just (?:a )?test(?:ing)?|draft|to-?do|next steps?|action items?|instead|rather than|excluding|without|against',
  'changed my mind|second thoughts?|(?:take|took) (?:it|that|this) back|i meant|correction|hang on|stand by|caveats?|beforehand',
  '(?:cancel|retract|rescind|abort)(?:l?ed|l?ing|s)?|(?:revok|ignor)(?:e[sd]?|ing)|revocation',
  'den(?:y|ied|ies|ying|ials?)|(?:reject|veto)(?:e?d|ing|e?s|ions?)?|(?:refus|declin)(?:e[sd]?|ing|al)|veto\\p{L}*|nay|naw|negative?',
  '(?:dis|un|not|non)-?approv(?:e[sd]?|ing|al)|disprov(?:e[sd]?|ing)|(?:disallow|forbid|prohibit)\\p{L}*',
  'nein|nicht|nie|kein\\p{L}{0,2}|non|pas|ne|jamais|nunca|nao|niet|geen|ikke|inte|nem|hay[i\u0131]r|niente',
  "n['\u2019]\\p{L}*|(?:un|dis)-",
].join('|');
const TAKING_BACK = new RegExp(`(?<![\\p{L}\\p{N}])(?:${WORDS})(?![\\p{L}\\p{N}])`, 'iu');
const WORD = new RegExp(`^(?:${WORDS})$`, 'iu');
/** What is struck through: also as a chat has it, where a number behind it is none. */
const STRUCK = /~~|[\u0335-\u0338]|<(?:s|del|strike)>|(?<![\p{L}\p{N}])~[^~\s\d][^~\n]{0,200}~/iu;
/** In letters that are not read here: it may say anything. The one of the micro sign stands in units. */
const UNREAD = /(?![\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}\u03bc])\p{L}+/u;
/** Between letters that stand by themselves, as in `N O T`. */
const SPACED = /(?<=(?<![\p{L}\p{N}])\p{L})[ .*_-]+(?=\p{L}(?![\p{L}\p{N}]))/gu;

/**
 * The first words that take an approval back, put it off, or make it depend on something; null where there are none. Two letters may be
 * swapped. `tail`: what follows verb and code.
 */
export function takenBackBy(text: string, tail: string): string | null {
  const struck = STRUCK.exec(text);
  if (struck !== null) return struck[0];
  const plain = withoutAccents(text);
  const joined = plain.replace(SPACED, '');
  const found = TAKING_BACK.exec(plain) ?? TAKING_BACK.exec(joined) ?? UNREAD.exec(plain);
  if (found !== null) return found[0];
  const words = plain.match(/\p{L}{3,10}/gu) ?? [];
  const misspelt = words.find((word) => swaps(word).some((each) => WORD.test(each)));
  return misspelt ?? putOffBy(plain, withoutAccents(tail)) ?? putOffBy(joined, '');
}

function withoutAccents(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '');
  // As programs write an apostrophe that put a note from elsewhere into PagerDuty.
  return plain.replace(/&(?:#0*39|#x0*27|#8217|apos|rsquo);/giu, "'");
}
