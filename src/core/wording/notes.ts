import type { Answer } from '../answers/answer.ts';
import { mostNeeded } from '../answers/in-service-name.ts';
import type { Outcome } from '../record/effect.ts';
import type { Ending, RecordedAnswer, RecordedDecision } from '../record/ledger-entry.ts';
import type { Instant } from '../values/instant.ts';
import { durationWords, sanitise, isBlank } from '../values/words.ts';
import {
  NAME_MAX,
  WORDS_MAX,
  approvalWords,
  byHand,
  inTheirWords,
  lastsWords,
  passedOn,
  person,
  ruleNames,
  rolesInWords,
  rulesInWords,
  untilWords,
  webLink,
  type Where,
} from './phrases.ts';
import { countWords } from './review-tally.ts';

/** The note on the incident that the on-call engineer is working on. */
export function liveNote(decided: RecordedDecision): string {
  const { request, decision } = decided;
  const first = `${person(request)} may use ${rolesInWords(request)}${untilWords(request)}.`;
  return [
    decision.breakGlass ? `BREAK GLASS: ${first}` : `Teleport access approved automatically: ${first}`,
    `Why: ${approvalWords(decided)} (${rulesInWords(decided)}).`,
    ...(isBlank(request.reason) ? [] : [`Their reason: ${inTheirWords(request.reason, WORDS_MAX)}`]),
  ].join('\n');
}

/** After a review on behalf that did not end the request, or was not given. */
export function progressNote(
  { request }: RecordedDecision,
  review: { readonly propose: 'approved' | 'denied'; readonly approver: { readonly name: string } },
  outcome: Outcome,
  { proxyPublicAddr, resolveWith }: Where,
): string {
  const who = passedOn(review.approver.name, NAME_MAX);
  if (!outcome.ours) {
    const notTaken = `The answer of ${who} was not taken: ${passedOn(outcome.summary, WORDS_MAX)}.`;
    if (outcome.reviewYourself !== true) return notTaken;
    const verb = review.propose === 'approved' ? 'approve' : 'deny';
    const link = resolveWith === 'review' ? webLink(proxyPublicAddr, request) : null;
    const where = link ?? byHand(verb, request.id, resolveWith);
    return `${notTaken} Please review it in Teleport yourself: ${where}`;
  }
  const what = review.propose === 'approved' ? 'Approval' : 'Denial';
  if (outcome.stillPending === true && outcome.given !== undefined) {
    const tally = countWords(request, { propose: review.propose, count: outcome.given });
    return `${what} of ${who} is given in Teleport: ${tally}. The page stays open until the request is settled.`;
  }
  const needed = mostNeeded(request, 'approved');
  const more =
    needed > 1
      ? ` Teleport asks for ${needed} approvals; the page stays open until the request is settled.`
      : '';
  return `${what} of ${who} is given in Teleport.${more}`;
}

/** On an approval that waits for those of other teams. */
export function waitingNote({ answer, rules = [] }: RecordedAnswer, open: readonly string[]): string {
  const who = passedOn(answer.by.name, NAME_MAX);
  return `The approval of ${who} counts for ${ruleNames(rules)}. Nothing is given before ${ruleNames(open)} is approved too.${readAsWords(answer)}`;
}

/** A slip of the keyboard that was read over is told; empty where there was none. */
export function readAsWords({ spelt, propose }: Pick<Answer, 'spelt' | 'propose'>): string {
  if (spelt === undefined) return '';
  const verb = propose === 'denied' ? 'deny' : propose === 'revoked' ? 'revoke' : 'approve';
  return ` ${inTheirWords(spelt, 30)} was read as \`${verb}\`.`;
}

/** On a page whose access somebody ended. */
export function revokedNote({ answer }: RecordedAnswer): string {
  const who = passedOn(answer.by.name, NAME_MAX);
  return `The access is ended: revoked by ${who}. A lock in Teleport keeps it from being used until it runs out by itself.${readAsWords(answer)}`;
}

/** The same where Teleport refuses the lock. */
export function notRevokedNote(
  { answer }: RecordedAnswer,
  { request }: RecordedDecision,
  why: string,
): string {
  const who = passedOn(answer.by.name, NAME_MAX);
  return `The access GOES ON, although ${who} revoked it: ${sanitise(why, WORDS_MAX)}. Whoever may set locks ends it by \`tctl lock --access-request=${request.id}\`; it is tried again here too.`;
}

/** Why an answer does not count, once, for whoever gave it. */
export function refusalNote({ answer, why }: RecordedAnswer): string {
  const who = passedOn(answer.by.name, NAME_MAX);
  if (answer.unclear === 'acknowledged') return `Seen by ${who}; ${sanitise(why, WORDS_MAX)}.`;
  const what = answer.how === 'note' ? 'note' : 'acknowledgement';
  return `The ${what} of ${who} is not taken for an answer: ${sanitise(why, WORDS_MAX)}.`;
}

/** `tally`: what was given by answers without settling the request; null for nothing. */
export function reminderNote(silentMs: number, tally: string | null = null): string {
  const waiting =
    tally === null ? 'Still waiting for an answer' : `${tally}: still waiting for another answer`;
  return `${waiting}, for ${durationWords(silentMs)} now.`;
}

/** On a page that somebody resolved too early. `tally` as above. */
export function unansweredNote({ request }: RecordedDecision, tally: string | null = null): string {
  const how = tally === null ? 'without an answer' : `before it was settled (${tally})`;
  return `This incident was resolved ${how}: the access request ${request.id} is still pending in Teleport.`;
}

/** On the incident that a page was merged into. */
export function mergedNote({ request }: RecordedDecision): string {
  return `The page about access request ${request.id} of ${person(request)} was merged into this incident. Answers to it do not count here, since anybody may have opened or edited this incident: the page about it is opened anew, where the rules have one, and the request can be reviewed in Teleport.`;
}

/** The last word on a request that was changed in Teleport, on a page that others may be asked about on too. */
export function replacedNote({ request }: RecordedDecision): string {
  return `What access request ${request.id} asks for was changed in Teleport: it is asked anew, on an incident of its own. Answers to it do not count here any more; oncall-approver resolves this incident once nothing on it waits.`;
}

/** The last note on a page that reached nobody who could answer. */
export function elsewhereNote({ request }: RecordedDecision): string {
  return `Nobody has answered here for access request ${request.id}: it is asked about on another incident, of the next service of its rule. An answer here counts still; oncall-approver resolves this incident once nothing on it waits.`;
}

export function shiftEndNote({ request }: RecordedDecision, end: Instant, withIncident = false): string {
  if (withIncident)
    return `The access of ${person(request)} to ${rolesInWords(request)} ends at ${end}, unless the work goes on: an incident by which it was given is open again.`;
  return `The access of ${person(request)} to ${rolesInWords(request)} ends with the shift, at ${end}, unless the shift goes on.`;
}

/** Where the access was locked with the shift, and that goes on. */
export function givenBackNote({ request }: RecordedDecision): string {
  return `The access of ${person(request)} to ${rolesInWords(request)} is given back${untilWords(request)}: it was locked when the shift ended, and the shift goes on. The lock in Teleport is lifted.`;
}

/** What is said at the end of a request beside how it ended. */
export interface Closing {
  readonly where: Where;
  readonly now: Instant;
  /** Whose answer to the page ended it; null where nobody's did. */
  readonly approver?: string | null;
  /** What its slip was read as. */
  readonly readAs?: string;
  /** By what `revoke` names the request here; null where that is not heard. */
  readonly code?: string | null;
}

/** The last note on a page: how the request ended, so that nobody looks any further. */
export function closingNote(
  { request }: RecordedDecision,
  ending: Ending,
  { where, now, approver = null, readAs = '', code = null }: Closing,
): string {
  return [
    `${endingWords(ending, approver)}: ${person(request)}, ${rolesInWords(request)}.${readAs}`,
    ...(isBlank(ending.reason) ? [] : [`Reason given: ${inTheirWords(ending.reason, WORDS_MAX)}`]),
    ...(ending.state === 'approved' ? [lastsWords(request, now, where)] : []),
    ...(code === null ? [] : [`To end the access before its time, write here: revoke ${code}`]),
    'Nothing is left to do for it; oncall-approver resolves this incident once nothing on it waits.',
    `Request ${request.id}`,
  ].join('\n');
}

/** How the request ended and by whom: by the approver who answered its page, or else by Teleport's user. */
export function endingWords(ending: Ending, approver: string | null = null): string {
  switch (ending.state) {
    case 'approved':
    case 'denied':
      return `The access request was ${ending.state}${byWords(ending.by, approver)}`;
    case 'promoted':
      return 'The access request was promoted to an access list';
    case 'deleted':
      return 'The access request was deleted before anybody answered';
    case 'expired':
      return 'The access request expired before anybody answered';
  }
}

function byWords(user: string | null, approver: string | null): string {
  if (approver !== null) return ` by ${passedOn(approver, NAME_MAX)}, answering the page`;
  return user === null ? '' : ` by ${passedOn(user, NAME_MAX)}`;
}
