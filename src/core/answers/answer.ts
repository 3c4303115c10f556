import type { TargetFact } from '../facts.ts';
import type { Binding } from '../identity.ts';
import type { Cause } from '../values/cause.ts';
import type { Instant } from '../values/instant.ts';
import type { OnCallReading } from '../on-call.ts';
import { sanitise } from '../values/words.ts';

/** Somebody's answer to a page, as PagerDuty has it. */
export interface Answer {
  /** PagerDuty's id of the note; for an acknowledgement who and when. */
  readonly id: string;
  readonly how: 'note' | 'acknowledge';
  readonly propose: 'approved' | 'denied';
  /** The approver's own words. */
  readonly reason: string;
  readonly by: { readonly id: string; readonly name: string; readonly isUser: boolean };
  readonly at: Instant;
  /** Notes can be edited: then it is not known what was answered when. */
  readonly edited: boolean;
  readonly codeIsRight: boolean;
  /** What it would have to name, where that is not the end of the request's id. */
  readonly code?: string;
  /** A word of an approval that may take it back, for instance `NOT` before "before Monday"; absent where there is none. */
  readonly takenBackBy?: string;
  readonly incidentId: string;
}

/** What is known of who answered. */
export interface AnswerFacts {
  /** Their on-call rows at the moment of the answer. */
  readonly onCall: OnCallReading;
  readonly targets: readonly TargetFact[];
  /** Their Teleport user, where it can be told from the identity sources. */
  readonly teleportUser: string | null;
  /** By what it is told; null where it is not. Absent in ledgers of earlier versions. */
  readonly binding?: Binding | null;
  /** Whether the page still is what was sent; absent where nothing depended on it, and in ledgers of earlier versions. */
  readonly page?: PageReading;
}

/** What PagerDuty shows of a page, read when its answer was heard. Whoever may edit incidents may change its title and text. */
export type PageReading =
  /** The answer counts from when the incident was opened, and not from before the page was intended. */
  | { readonly state: 'as-sent'; readonly since: Instant }
  | { readonly state: 'changed'; readonly what: 'title' | 'text' }
  /** It shows the request as it was before it was changed in Teleport. */
  | { readonly state: 'outdated' }
  /** It is not the page but the incident that the page was merged into, which anybody may have opened. */
  | { readonly state: 'merged' }
  | { readonly state: 'unknown'; readonly cause: Cause };

const CODE_LENGTH = 5;
const ANSWER = /^\s*(approve|deny)\b[\s:]*(\S*)[^\S\n]*([^\n]*)(.*)/isu;

/** What an answer names the request by: the end of its id, which is random in all versions of Teleport. */
export function answerCode(requestId: string, length = CODE_LENGTH): string {
  return requestId
    .replace(/[^0-9a-z]/giu, '')
    .slice(-length)
    .toUpperCase();
}

/** What a note that is an answer names, in the letters of a code; null for a note that is none. */
export function codeNamed(content: string): string | null {
  return ANSWER.exec(content)?.[2]?.toUpperCase() ?? null;
}

/**
 * Words by which people take back what they have just said, or make it depend on something. That some of them may stand in a plain
 * approval ("no objection") costs whoever wrote it one more note; that one was read over could let somebody in.
 */
const TAKING_BACK = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:${[
    'no|not|never|none|nope|nah|neither|nor|cannot',
    "\\p{L}{1,12}n['\u2019\u02bc\u00b4`]t|(?:do|does|did|ca|wo|is|should)nt",
    'unless|until|except|only|if|wait|hold|stop|void|disregard|undo|undone|mistake|withdraw|withdrawn|withdrew',
    '(?:cancel|retract|rescind)(?:l?ed)?|(?:revoke|ignore)d?',
    'deny|denied|reject|rejected|refuse|refused|disapprove',
    'nein|nicht|nie|kein\\p{L}{0,2}|non|pas|jamais|nunca|n\u00e3o',
  ].join('|')})(?![\\p{L}\\p{N}])`,
  'iu',
);

/**
 * Reads `approve CODE words` or `deny CODE words` at the beginning of a note; null for a note that is no answer. The whole rest of
 * the note is looked through for words that take an approval back, not only the line that is its reason.
 */
export function parseAnswer(
  content: string,
  code: string,
): Pick<Answer, 'propose' | 'reason' | 'codeIsRight' | 'takenBackBy'> | null {
  const [, verb, named = '', words = '', rest = ''] = ANSWER.exec(content) ?? [];
  if (verb === undefined) return null;
  const propose = verb.toLowerCase() === 'approve' ? 'approved' : 'denied';
  const takenBackBy =
    propose === 'approved' ? TAKING_BACK.exec(`${words}${rest}`.normalize('NFKC'))?.[0] : undefined;
  return {
    propose,
    reason: sanitise(words, 500),
    codeIsRight: code !== '' && named.toUpperCase() === code,
    ...(takenBackBy === undefined ? {} : { takenBackBy }),
  };
}
