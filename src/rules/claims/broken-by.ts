import type { AccessRequest } from '../../core/access-request.ts';
import { incidentIsOpen } from '../../core/conditions/open-incident-condition.ts';
import { requesterIsOnCall } from '../../core/conditions/on-call-condition.ts';
import { lastsNoLongerThan, reasonIsGiven } from '../../core/conditions/request-conditions.ts';
import { requesterWasAskedToHelp } from '../../core/conditions/responder-condition.ts';
import { applies, candidateRules, coversRequester } from '../../core/coverage.ts';
import { decide } from '../../core/decide.ts';
import type { Facts } from '../../core/facts.ts';
import { byPolicies } from '../../core/owners/by-team.ts';
import { policyFor } from '../../core/ownership.ts';
import type { ResourceId } from '../../core/resources/resource.ts';
import { covers } from '../../core/resources/scope.ts';
import type { OnCallTargets, Policy, Rule } from '../../core/rule.ts';
import type { Instant } from '../../core/values/instant.ts';
import { matchesAny } from '../../core/values/pattern.ts';
import type { Things } from '../apart.ts';
import type { Always, Claim, Excuse, Never, Requester, SameAs } from './claim.ts';

export interface Asked {
  readonly request: AccessRequest;
  readonly facts: Facts;
  readonly now: Instant;
}

/** Whether what is decided here is what must never be. Whatever is not known to excuse it does not. */
export function isBrokenBy(asked: Asked, claim: Claim, policy: Policy): boolean {
  switch (claim.kind) {
    case 'never':
      return isApprovedAnyway(asked, claim, policy);
    case 'always':
      return isNobodyAsked(asked, claim, policy);
    case 'same-as':
      return isOtherwise(asked, claim, policy);
  }
}

function isApprovedAnyway(asked: Asked, claim: Never, policy: Policy): boolean {
  const { request, facts, now } = asked;
  const { verdict, breakGlass, rules } = decide(request, facts, policy, now);
  const { rule } = claim;
  const [first] = policy.rules;
  if (verdict !== 'approve' || first === undefined) return false;
  // A rule by owners is told by them.
  if (rule !== null && !rules.some((name) => name === rule || name.startsWith(`${rule}/`))) return false;
  if (!request.roles.some((role) => matchesAny(claim.roles, role))) return false;
  if (coversRequester(like(first, claim.requester), facts.user) !== 'met') return false;
  if (claim.resources !== null && !mayBeMeant(asked, claim.resources).includes(true)) return false;
  return !claim.unless.some((excuse) => excuses(excuse, { ...asked, rule: first, policy, breakGlass }));
}

function isNobodyAsked(asked: Asked, claim: Always, policy: Policy): boolean {
  const { request, facts, now } = asked;
  const [first] = policy.rules;
  const isOurs = request.state === 'pending' && !request.dryRun && request.kind !== 'long-term';
  if (!isOurs || first === undefined || request.roles.length === 0) return false;
  if (!request.roles.every((role) => matchesAny(claim.roles, role))) return false;
  if (coversRequester(like(first, claim.requester), facts.user) !== 'met') return false;
  if (
    claim.resources !== null &&
    (request.resources.length === 0 || mayBeMeant(asked, claim.resources).includes(false))
  )
    return false;
  if (claim.silent && [facts.onCall, facts.helped, facts.incidents].some(({ state }) => state === 'known'))
    return false;
  const { verdict, breakGlass } = decide(request, facts, policy, now);
  return verdict !== 'escalate' && !(breakGlass && claim.unless.length > 0);
}

/** Where it is not known which rules are for the request, it waits for people on one side, and may not on the other. */
function isOtherwise({ request, facts, now }: Asked, claim: SameAs, policy: Policy): boolean {
  const rules = candidateRules(request, [...policy.rules, ...claim.other.rules]).filter(
    ({ mode }) => mode === 'enforce',
  );
  if (rules.some((rule) => applies({ rule, request, facts, now }) === 'unknown')) return false;
  const [here, there] = [policy, claim.other].map(
    (each) => decide(request, facts, each, now).verdict === 'approve',
  );
  if (here === there) return false;
  return !request.roles.some((role) => matchesAny(here === true ? claim.gains : claim.losses, role));
}

/** Of each requested resource whether it is one of these, or holds some of them, or may; where labels were not asked for, any may. */
function mayBeMeant({ request, facts }: Asked, { labels, inLeaf, ...scope }: Things): readonly boolean[] {
  const asked = facts.labels?.state === 'known' ? facts.labels.asked : undefined;
  const told = Object.entries(labels ?? {}).filter(([label]) => asked?.includes(label) !== false);
  const wanted = { ...scope, ...(told.length === 0 ? {} : { labels: Object.fromEntries(told) }) };
  // Entries of earlier versions do not have the name of the root cluster.
  const { rootCluster } = facts;
  const isElsewhere = ({ cluster }: ResourceId) => rootCluster !== undefined && cluster !== rootCluster;
  return request.resources.map(
    (each) => (inLeaf !== true || isElsewhere(each)) && covers(wanted, each, facts) !== 'not-met',
  );
}

interface Circumstances extends Asked {
  readonly rule: Rule;
  readonly policy: Policy;
  readonly breakGlass: boolean;
}

function excuses(excuse: Excuse, { policy, breakGlass, ...question }: Circumstances): boolean {
  const { rule, facts, request } = question;
  switch (excuse.kind) {
    case 'break-glass':
      return breakGlass;
    case 'reason':
      return reasonIsGiven(question).answer === 'met';
    case 'max-duration':
      return lastsNoLongerThan(question, excuse.maxMs).answer === 'met';
    case 'requester':
      return coversRequester(like(rule, excuse.requester), facts.user) === 'met';
    case 'on-call':
      return placesOf(excuse, policy, question).some((onCall) => {
        const { condition } = requesterIsOnCall({ ...question, rule: at(rule, onCall, facts) });
        return condition.answer === 'met';
      });
    case 'asked-to-help':
      return placesOf(excuse, policy, question).some((onCall) => {
        const { condition } = requesterWasAskedToHelp({ ...question, rule: at(rule, onCall, facts) });
        return condition.answer === 'met';
      });
    case 'open-incident': {
      const { rules } = policyFor(policy, request, facts);
      const services = rules.flatMap(({ onCall }) => onCall.services);
      const onCall = { ...rule.onCall, services, fromAnnotation: null };
      const wanted = { urgency: null, involvement: 'any' } as const;
      return incidentIsOpen({ ...question, rule: { ...rule, onCall } }, wanted).answer === 'met';
    }
  }
}

/** Whose on-call counts: of the places that are named, and of each owner where owners do. */
function placesOf(
  { onCall, owner }: Extract<Excuse, { onCall: unknown }>,
  policy: Policy,
  { request, facts }: Asked,
): readonly OnCallTargets[] {
  if (!owner) return [onCall];
  const byOwner = policy.rules.filter((rule) => rule.onCall.owner !== undefined && rule.mode === 'enforce');
  const owners = policyFor({ ...policy, rules: byOwner }, request, facts).rules.filter(
    (rule) => rule.onCall.noOwner === undefined,
  );
  return [
    onCall,
    ...owners.map(({ onCall: { services, escalationPolicies } }) => ({
      ...onCall,
      services,
      escalationPolicies,
      schedules: [],
      fromAnnotation: null,
    })),
  ];
}

/** As no rule that believes local users has it. */
function at(rule: Rule, onCall: OnCallTargets, { ownership }: Facts): Rule {
  return byPolicies({ ...rule, onCall, localUsers: [] }, ownership);
}

function like(rule: Rule, requester: Requester): Rule {
  return { ...rule, when: { ...rule.when, ...requester } };
}
