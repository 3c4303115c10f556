import type { AccessRequest } from './access-request.ts';
import { onCallWords } from './on-call-condition.ts';
import type { Ending, RecordedDecision } from './ledger-entry.ts';
import { harmless, listed, quoted } from './words.ts';

/** Teleport refuses a resolve reason of more than 4,096 bytes (`teleport-wire.md` §3.9). */
const REASON_MAX_CHARACTERS = 1_000;
const NAME_MAX = 100;
const WORDS_MAX = 500;

/** Why the service approved or denied, for Teleport's audit log: who, by what, until when, which rule, which decision. */
export function reviewReason(decided: RecordedDecision): string {
  const { decision } = decided;
  const because = decision.verdict === 'approve' ? approvalWords(decided) : reasonsInWords(decided);
  return harmless(`${because} · ${rulesInWords(decided)} · ${provenance(decided)}`, REASON_MAX_CHARACTERS);
}

/** The note on the incident that the on-call engineer is working on. */
export function liveNote(decided: RecordedDecision): string {
  const { request } = decided;
  return [
    `Teleport access approved automatically: ${person(request)} may use ${rolesInWords(request)}${untilWords(request)}.`,
    `Why: ${approvalWords(decided)} (${rulesInWords(decided)}).`,
    ...(request.reason === '' ? [] : [`Their reason: ${quoted(request.reason, WORDS_MAX)}`]),
    provenance(decided),
  ].join('\n');
}

/** The page for the on-call approver: who asks for what, why it was not automatic, and how to answer. */
export function page(
  decided: RecordedDecision,
  { proxyPublicAddr }: { readonly proxyPublicAddr: string },
): { readonly title: string; readonly details: string } {
  const { request, decision } = decided;
  const link = webLink(proxyPublicAddr, request);
  return {
    title: harmless(`Access request: ${request.requester} asks for ${request.roles.join(', ')}`, 250),
    details: [
      `${person(request)} asks for ${rolesInWords(request)}${untilWords(request)}.`,
      ...(request.resources.length === 0 ? [] : [`Only for: ${resourcesInWords(request)}.`]),
      `Their reason: ${request.reason === '' ? 'none given' : quoted(request.reason, WORDS_MAX)}`,
      '',
      'Not approved automatically, because:',
      ...decision.reasons.map(({ text }) => `- ${harmless(text, WORDS_MAX)}`),
      '',
      'To decide, review the request in Teleport:',
      ...(link === null ? [] : [`  ${link}`]),
      `  tctl requests approve ${request.id}`,
      `  tctl requests deny ${request.id}`,
      ...(request.suggestedReviewers.length === 0
        ? []
        : [`Suggested reviewers: ${harmless(listed(request.suggestedReviewers), WORDS_MAX)}`]),
      '',
      `Request ${request.id} · ${rulesInWords(decided)} · ${provenance(decided)}`,
    ].join('\n'),
  };
}

/** The last note on a page: how the request ended, so that nobody looks any further. */
export function closingNote(decided: RecordedDecision, ending: Ending): string {
  return [
    `${endingWords(ending)}. Nothing is left to do here; this incident is resolved by oncall-approver.`,
    ...(ending.reason === '' ? [] : [`Reason given: ${quoted(ending.reason, WORDS_MAX)}`]),
    `Request ${decided.request.id} · ${provenance(decided)}`,
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

function approvalWords({ facts, decision }: RecordedDecision): string {
  const { requester } = facts;
  const who =
    requester.state === 'recognised' ? `${requester.name ?? requester.id} (${requester.source})` : '';
  return harmless(`${who} is ${listed([...new Set(decision.proofs.map(onCallWords))])}`, WORDS_MAX);
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
  return `https://${proxyPublicAddr}/web/requests/${encodeURIComponent(request.id)}`;
}
