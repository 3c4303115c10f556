import type { TargetFact } from '../facts.ts';
import type { Instant } from '../values/instant.ts';
import type { OnCallReading } from '../on-call.ts';
import { harmless } from '../values/words.ts';

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
  readonly incidentId: string;
}

/** What is known of who answered. */
export interface AnswerFacts {
  /** Their on-call rows at the moment of the answer. */
  readonly onCall: OnCallReading;
  readonly targets: readonly TargetFact[];
  /** Their Teleport user, where it can be told from the identity sources. */
  readonly teleportUser: string | null;
}

const CODE_LENGTH = 5;

/** What an answer names the request by: the end of its id, which is random in all versions of Teleport. */
export function answerCode(requestId: string): string {
  return requestId
    .replace(/[^0-9a-z]/giu, '')
    .slice(-CODE_LENGTH)
    .toUpperCase();
}

/** Reads `approve CODE words` or `deny CODE words` at the beginning of a note; null for a note that is no answer. */
export function parseAnswer(
  content: string,
  code: string,
): Pick<Answer, 'propose' | 'reason' | 'codeIsRight'> | null {
  const [, verb, named = '', words = ''] =
    /^\s*(approve|deny)\b[\s:]*(\S*)[^\S\n]*([^\n]*)/iu.exec(content) ?? [];
  if (verb === undefined) return null;
  const propose = verb.toLowerCase() === 'approve' ? 'approved' : 'denied';
  return { propose, reason: harmless(words, 500), codeIsRight: code !== '' && named.toUpperCase() === code };
}
