import type { Identity } from '../identity.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { Policy } from '../rule.ts';
import { UNSEEN } from '../values/words.ts';
import type { AnswerFacts } from './answer.ts';

/** Whoever answers, by PagerDuty's id, and what is known of them. */
interface InQuestion {
  readonly byId: string;
  readonly facts: Pick<AnswerFacts, 'teleportUser'>;
}

/** Whether this is the requester: by PagerDuty's id, or by a Teleport user behind it. */
export function isRequester(
  { request: { requester }, facts }: RecordedDecision,
  { byId, facts: theirs }: InQuestion,
  policy: Policy,
): boolean {
  const known = [theirs.teleportUser, ...mappedTo(byId, policy)];
  return idOf(facts.requester) === byId || known.some((name) => name !== null && isSameUser(name, requester));
}

/**
 * Whether whoever answers, who is not `isRequester`, is known to be another person. INVARIANT (two-people): one of these is known: who
 * the requester is in PagerDuty; or who whoever answers is in Teleport. An address tells that only where nobody can choose their own:
 * PagerDuty lets everybody change theirs.
 */
export function areTwoPeople(
  decided: RecordedDecision,
  { byId, facts }: InQuestion,
  policy: Policy,
): boolean {
  return (
    isRequesterKnown(decided, policy) ||
    mappedTo(byId, policy).length > 0 ||
    (hasManagedAddresses(policy) && facts.teleportUser !== null)
  );
}

/**
 * Whether this is the requester for certain, so that they may end what they were given: by a map, by an address that is the first one
 * seen, or by one that nobody can choose. `isRequester` is told generously, since it takes a right away; this gives one.
 */
export function isRequesterForCertain(
  decided: RecordedDecision,
  { byId, facts }: { readonly byId: string; readonly facts: Pick<AnswerFacts, 'teleportUser' | 'binding'> },
  policy: Policy,
): boolean {
  const { requester } = decided.request;
  const mapped = mappedId(requester, policy);
  if (mapped !== null) return mapped === byId;
  const isKnown = isRequesterKnown(decided, policy) && idOf(decided.facts.requester) === byId;
  return isKnown || certainTeleportUser(byId, facts, policy) === requester;
}

/** Whether an earlier version decided, which did not tell by what the requester was recognised: by a map, or by an address. */
export function lacksBinding({ facts: { requester } }: RecordedDecision): boolean {
  return requester.state === 'recognised' && requester.binding === undefined;
}

/** Why nobody's answer on a page can count, as far as it is known before anybody has answered; null where somebody's can. */
export function whyNobodyIsTwo(decided: RecordedDecision, policy: Policy): string | null {
  const someAreKnown = hasManagedAddresses(policy) || mapsSomebodyElse(decided.request.requester, policy);
  return someAreKnown || isRequesterKnown(decided, policy)
    ? null
    : `it is not known here who ${decided.request.requester} is in PagerDuty, nor who anybody there is in Teleport`;
}

/**
 * Whether the requester is some PagerDuty user for certain. Decisions of earlier versions do not tell whether an address is the first
 * one: those are made again before long, by which it is known.
 */
export function isRequesterKnown({ request, facts }: RecordedDecision, policy: Policy): boolean {
  if (mappedId(request.requester, policy) !== null) return true;
  const { requester } = facts;
  if (requester.state !== 'recognised') return false;
  const { binding } = requester;
  return binding === 'id' || binding === 'unchanged-address' || hasManagedAddresses(policy);
}

/**
 * The Teleport user in whose name an answer may be given: one whom a map binds to the PagerDuty id; or, where the identity provider
 * keeps addresses, one whom an address leads to that is the first one seen. Null for anybody less certain.
 */
export function certainTeleportUser(
  byId: string,
  { teleportUser, binding }: Pick<AnswerFacts, 'teleportUser' | 'binding'>,
  policy: Policy,
): string | null {
  const [name, ...others] = mappedTo(byId, policy);
  if (name !== undefined) return others.length === 0 ? name : null;
  return hasManagedAddresses(policy) && binding === 'unchanged-address' ? teleportUser : null;
}

/** Teleport users to whom a map gives this PagerDuty id. */
export function mappedTo(id: string, { identities }: Pick<Policy, 'identities'>): readonly string[] {
  const names = identities.flatMap((source) =>
    source.kind === 'map' ? Object.entries(source.users).filter(([, each]) => each === id) : [],
  );
  return [...new Set(names.map(([name]) => name))];
}

/**
 * Whether two names may be one person's: told generously, since two people must be known to be two. Names that differ in case only,
 * of any letters, or look the same are taken for one person's.
 */
export function isSameUser(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

/**
 * Without what is not seen, in both cases one after the other: either alone leaves letters apart that have one form in the other case. The
 * dot of a Turkish capital stays over its small letter, which has one already.
 */
function folded(name: string): string {
  const seen = name.normalize('NFKC').replace(UNSEEN, '');
  return seen
    .trim()
    .toLowerCase()
    .replace(/i\u0307/gu, 'i')
    .toUpperCase();
}

export function hasManagedAddresses({ addresses }: Policy): boolean {
  return addresses === 'managed';
}

function mappedId(name: string, { identities }: Policy): string | null {
  for (const source of identities) {
    const id = source.kind === 'map' && Object.hasOwn(source.users, name) ? source.users[name] : undefined;
    if (id !== undefined) return id;
  }
  return null;
}

function mapsSomebodyElse(requester: string, { identities }: Policy): boolean {
  return identities.some(
    (source) =>
      source.kind === 'map' && Object.keys(source.users).some((name) => !isSameUser(name, requester)),
  );
}

function idOf(requester: Identity): string | null {
  return requester.state === 'recognised' ? requester.id : null;
}
