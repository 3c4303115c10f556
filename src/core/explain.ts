import type { AccessRequest } from './access-request.ts';
import { onCallWords } from './conditions/on-call-condition.ts';
import type { Outcome } from './effects/effect.ts';
import type { Instant } from './values/instant.ts';
import type { Ending, RecordedAnswer, RecordedDecision } from './record/ledger-entry.ts';
import { durationWords, harmless, isBlank, listed, quoted } from './values/words.ts';

/** Teleport refuses a resolve reason of more than 4,096 bytes (`teleport-wire.md` §3.9). */
const REASON_MAX_CHARACTERS = 1_000;
const NAME_MAX = 100;
const WORDS_MAX = 500;

/** Why the service approved or denied, for Teleport's audit log: who, by what, until when, which rule, which decision. */
export function reviewReason(decided: RecordedDecision): string {
  const { decision } = decided;
  const because = decision.verdict === 'approve' ? approvalWords(decided) : reasonsInWords(decided);
  return withProvenance(`${because} · ${rulesInWords(decided)}`, decided);
}

/** However long the words are, the decision they lead to stays readable. */
function withProvenance(words: string, decided: RecordedDecision): string {
  const tail = ` · ${provenance(decided)}`;
  return `${harmless(words, REASON_MAX_CHARACTERS - tail.length)}${tail}`;
}

/** Why the service votes as it does for an approver who answered in PagerDuty. */
export function voteReason(decided: RecordedDecision, { answer, why }: RecordedAnswer): string {
  const words = answer.reason === '' ? '' : `: ${quoted(answer.reason, WORDS_MAX)}`;
  const how = answer.how === 'note' ? 'by note' : 'by acknowledging';
  const verb = answer.propose === 'approved' ? 'Approved' : 'Denied';
  return withProvenance(
    `${verb} by ${harmless(answer.by.name, NAME_MAX)} ${how} in PagerDuty incident ${answer.incidentId} at ${answer.at}${words} · ${why}`,
    decided,
  );
}

/** The note on the incident that the on-call engineer is working on. */
export function liveNote(decided: RecordedDecision): string {
  const { request, decision } = decided;
  const first = `${person(request)} may use ${rolesInWords(request)}${untilWords(request)}.`;
  return [
    decision.breakGlass ? `BREAK GLASS: ${first}` : `Teleport access approved automatically: ${first}`,
    `Why: ${approvalWords(decided)} (${rulesInWords(decided)}).`,
    ...(isBlank(request.reason) ? [] : [`Their reason: ${quoted(request.reason, WORDS_MAX)}`]),
    noteMarker(decided, 'live-note'),
  ].join('\n');
}

/** How the page may be answered. */
export interface HowToAnswer {
  readonly code: string;
  /** Why only Teleport will do; null where a note is enough. */
  readonly onlyInTeleport: string | null;
  readonly acknowledging: boolean;
}

/** The page for the on-call approver: who asks for what, why it was not automatic, and how to answer. */
export function page(
  decided: RecordedDecision,
  { proxyPublicAddr }: { readonly proxyPublicAddr: string },
  howToAnswer: HowToAnswer,
): { readonly title: string; readonly details: string } {
  const { request, decision } = decided;
  const glass = decision.breakGlass;
  const names = `${request.requester} ${glass ? 'was given' : 'asks for'} ${request.roles.join(', ')}`;
  return {
    title: harmless(`${glass ? 'BREAK GLASS' : 'Access request'}: ${names}`, 250),
    details: [
      `${person(request)} ${glass ? 'was given' : 'asks for'} ${rolesInWords(request)}${untilWords(request)}.`,
      ...(request.resources.length === 0 ? [] : [`Only for: ${resourcesInWords(request)}.`]),
      `Their reason: ${isBlank(request.reason) ? 'none given' : quoted(request.reason, WORDS_MAX)}`,
      '',
      becauseLine(decision),
      ...decision.reasons.map(({ text }) => `- ${harmless(text, WORDS_MAX)}`),
      '',
      ...(glass
        ? afterBreakGlass(decided)
        : answerLines(decided, webLink(proxyPublicAddr, request), howToAnswer)),
      '',
      `Request ${request.id} · ${rulesInWords(decided)} · ${provenance(decided)}`,
    ].join('\n'),
  };
}

function becauseLine({ breakGlass, verdict }: RecordedDecision['decision']): string {
  if (breakGlass) return 'Approved without anybody on call, because:';
  return verdict === 'approve'
    ? 'Approved automatically, but Teleport asks for more than one approval. Approved because:'
    : 'Not approved automatically, because:';
}

function answerLines(
  { request }: RecordedDecision,
  link: string | null,
  how: HowToAnswer,
): readonly string[] {
  const inTeleport = [
    ...(link === null ? [] : [`  ${link}`]),
    `  tctl requests approve ${request.id}`,
    `  tctl requests deny ${request.id}`,
    ...(request.suggestedReviewers.length === 0
      ? []
      : [`Suggested reviewers: ${harmless(listed(request.suggestedReviewers), WORDS_MAX)}`]),
  ];
  if (how.onlyInTeleport !== null) return ['To decide, review the request in Teleport:', ...inTeleport];
  return [
    'To decide, add a note to this incident:',
    `  approve ${how.code}`,
    `  deny ${how.code} and why`,
    ...(how.acknowledging ? ['or acknowledge it, which approves the request.'] : []),
    'Only the answer of who is on call for it counts, and nobody answers their own request.',
    '',
    'Or review it in Teleport:',
    ...inTeleport,
  ];
}

function afterBreakGlass({ request }: RecordedDecision): readonly string[] {
  return [
    'Look at it now: was it needed? What was done with it is in Teleport’s audit log.',
    `To end the access: tctl lock --access-request=${request.id} --message="break glass was not needed"`,
    'Resolve this incident once it has been looked at.',
  ];
}

/** After a vote that did not end the request. */
export function progressNote(
  { request }: RecordedDecision,
  vote: { readonly propose: 'approved' | 'denied'; readonly approver: { readonly name: string } },
  outcome: Outcome,
): string {
  const who = harmless(vote.approver.name, NAME_MAX);
  const needed = Math.max(1, ...request.thresholds.map(({ approve }) => approve));
  if (!outcome.ours) return `The answer of ${who} was not taken: ${harmless(outcome.summary, WORDS_MAX)}.`;
  const more =
    needed > 1
      ? ` Teleport asks for ${needed} approvals; the page stays open until the request is settled.`
      : '';
  return `${vote.propose === 'approved' ? 'Approval' : 'Denial'} of ${who} is given in Teleport.${more}`;
}

/** Why an answer does not count, once, for whoever gave it. */
export function refusalNote({ answer, why }: RecordedAnswer): string {
  const what = answer.how === 'note' ? 'note' : 'acknowledgement';
  return `The ${what} of ${harmless(answer.by.name, NAME_MAX)} is not taken for an answer: ${harmless(why, WORDS_MAX)}.`;
}

export function reminderNote(silentMs: number): string {
  return `Still waiting for an answer, for ${durationWords(silentMs)} now.`;
}

export function unansweredNote({ request }: RecordedDecision): string {
  return `This incident was resolved without an answer: the access request ${request.id} is still pending in Teleport.`;
}

export function shiftEndNote({ request }: RecordedDecision, end: Instant): string {
  return `The access of ${person(request)} to ${rolesInWords(request)} ends with the shift, at ${end}, unless the shift goes on.`;
}

export function lockMessage(decided: RecordedDecision, why: string): string {
  return withProvenance(`Access ended with the shift: ${why}`, decided);
}

/** The last line of a note, which no other note has. */
export function noteMarker({ decisionId, digest }: RecordedDecision, key: string): string {
  return `oncall-approver decision ${decisionId} digest ${digest.slice(0, 12)} (${key})`;
}

/** The last note on a page: how the request ended, so that nobody looks any further. */
export function closingNote(decided: RecordedDecision, ending: Ending): string {
  return [
    `${endingWords(ending)}. Nothing is left to do here; this incident is resolved by oncall-approver.`,
    ...(isBlank(ending.reason) ? [] : [`Reason given: ${quoted(ending.reason, WORDS_MAX)}`]),
    `Request ${decided.request.id}`,
  ].join('\n');
}

export function endingWords(ending: Ending): string {
  switch (ending.state) {
    case 'approved':
    case 'denied':
      return `The access request was ${ending.state}${ending.by === null ? '' : ` by ${harmless(ending.by, NAME_MAX)}`}`;
    case 'promoted':
      return 'The access request was promoted to an access list';
    case 'deleted':
      return 'The access request was deleted before anybody answered';
    case 'expired':
      return 'The access request expired before anybody answered';
  }
}

/** The reasons of a decision as one sentence, for logs and for people. */
export function reasonsInWords({ decision }: Pick<RecordedDecision, 'decision'>): string {
  return decision.reasons.map(({ text }) => text).join('; ');
}

function approvalWords(decided: RecordedDecision): string {
  const { requester } = decided.facts;
  const { proofs, breakGlass } = decided.decision;
  if (breakGlass || requester.state !== 'recognised') return harmless(reasonsInWords(decided), WORDS_MAX);
  const ways = proofs.map((proof) =>
    proof.helpsWith === null
      ? onCallWords(proof)
      : `asked to help with incident ${harmless(proof.helpsWith.title, NAME_MAX)} by ${harmless(proof.row.user.summary, NAME_MAX)}, who is ${onCallWords(proof)}`,
  );
  const who = `${harmless(requester.name ?? requester.id, NAME_MAX)} (${requester.source})`;
  return harmless(`${who} is ${listed([...new Set(ways)])}`, WORDS_MAX);
}

function rulesInWords({ decision }: RecordedDecision): string {
  return decision.rules.length === 1 ? `rule ${listed(decision.rules)}` : `rules ${listed(decision.rules)}`;
}

/** The three places that must agree: this line stands in Teleport, in PagerDuty, and names the ledger's entry. */
function provenance({ decisionId, digest }: RecordedDecision): string {
  return `oncall-approver decision ${decisionId} digest ${digest.slice(0, 12)}`;
}

function person(request: AccessRequest): string {
  return harmless(request.requester, NAME_MAX);
}

function rolesInWords(request: AccessRequest): string {
  const roles = request.roles.map((role) => harmless(role, NAME_MAX));
  return `${roles.length === 1 ? 'role' : 'roles'} ${listed(roles)}`;
}

function resourcesInWords(request: AccessRequest): string {
  const names = request.resources.map(({ kind, name }) => harmless(`${kind} ${name}`, NAME_MAX));
  return names.length <= 10
    ? listed(names)
    : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`;
}

function untilWords(request: AccessRequest): string {
  return request.accessExpires === null ? '' : ` until ${request.accessExpires}`;
}

/** Teleport's web page of a request. */
function webLink(proxyPublicAddr: string, request: AccessRequest): string | null {
  if (proxyPublicAddr === '') return null;
  return `https://${proxyPublicAddr}/web/requests/${encodeURIComponent(request.id.toWellFormed())}`;
}
