import type { AccessRequest } from '../access-request.ts';
import { onCallWords } from '../conditions/on-call-condition.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { withoutInstructions } from '../answers/instructions.ts';
import type { Instant } from '../values/instant.ts';
import { whenWords } from '../values/time-words.ts';
import { quoted, sanitise, listed } from '../values/words.ts';

/** Where and how people act. */
export interface Where {
  /** Teleport's web address, for instance `teleport.example.com:443`; empty when the cluster has none. */
  readonly proxyPublicAddr: string;
  /** How people resolve requests there: by reviews, or, as in Teleport Community, by setting the state. */
  readonly resolveWith: 'review' | 'state';
  /** In which times are written for people, by its IANA name; UTC where it is absent. */
  readonly timeZone?: string;
}

export const NAME_MAX = 100;
export const WORDS_MAX = 500;

/** What others have written, and we only pass on: fit to be shown, and never a way to answer. */
export function passedOn(text: string, max: number): string {
  return sanitise(withoutInstructions(text), max);
}

export function inTheirWords(text: string, max: number): string {
  return quoted(withoutInstructions(text), max);
}

/** The reasons of a decision as one sentence, for logs and for people. */
export function reasonsInWords({ decision }: Pick<RecordedDecision, 'decision'>): string {
  return decision.reasons.map(({ text }) => text).join('; ');
}

export function approvalWords(decided: RecordedDecision): string {
  const { requester } = decided.facts;
  const { proofs, breakGlass } = decided.decision;
  if (breakGlass || requester.state !== 'recognised') return sanitise(reasonsInWords(decided), WORDS_MAX);
  const ways = proofs.map((proof) =>
    proof.helpsWith === null
      ? onCallWords(proof)
      : `asked to help with incident ${passedOn(proof.helpsWith.title, NAME_MAX)} by ${sanitise(proof.row.user.summary, NAME_MAX)}, who is ${onCallWords(proof)}`,
  );
  const who = `${sanitise(requester.name ?? requester.id, NAME_MAX)} (${requester.source})`;
  return sanitise(`${who} is ${listed([...new Set(ways)])}`, WORDS_MAX);
}

export function rulesInWords({ decision }: RecordedDecision): string {
  return ruleNames(decision.rules);
}

export function ruleNames(names: readonly string[]): string {
  return `${names.length === 1 ? 'rule' : 'rules'} ${listed(names)}`;
}

/** The last line of a note, which no other note has. */
export function noteMarker({ decisionId, digest }: RecordedDecision, key: string): string {
  return `oncall-approver decision ${decisionId} digest ${digest.slice(0, 12)} (${key})`;
}

/** The three places that must agree: this line stands in Teleport, in PagerDuty, and names the ledger's entry. */
export function provenance({ decisionId, digest }: RecordedDecision): string {
  return `oncall-approver decision ${decisionId} digest ${digest.slice(0, 12)}`;
}

export function person(request: AccessRequest): string {
  return passedOn(request.requester, NAME_MAX);
}

export function rolesInWords(request: AccessRequest): string {
  const roles = request.roles.map((role) => passedOn(role, NAME_MAX));
  return `${roles.length === 1 ? 'role' : 'roles'} ${listed(roles)}`;
}

export function untilWords(request: AccessRequest): string {
  return request.accessExpires === null ? '' : ` until ${request.accessExpires}`;
}

/** How long the access lasts, in a sentence. */
export function lastsWords({ accessExpires }: AccessRequest, now: Instant, { timeZone }: Where): string {
  return accessExpires === null
    ? 'Teleport does not say how long it lasts.'
    : `Until ${whenWords(accessExpires, now, timeZone)}.`;
}

/** How a request is approved or denied by hand: a review counts as Teleport's thresholds say, setting the state ends it at once. */
export function byHand(verb: 'approve' | 'deny', id: string, resolveWith: 'review' | 'state'): string {
  return resolveWith === 'review' ? `tsh request review --${verb} ${id}` : `tctl requests ${verb} ${id}`;
}

/** Teleport's web page of a request. */
export function webLink(proxyPublicAddr: string, request: AccessRequest): string | null {
  if (proxyPublicAddr === '') return null;
  return `https://${proxyPublicAddr}/web/requests/${encodeURIComponent(request.id.toWellFormed())}`;
}
