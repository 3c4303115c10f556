import type { AccessRequest } from './access-request.ts';
import { allOf, type Question } from './conditions/condition.ts';
import type { ConditionAnswer } from './decision.ts';
import type { UserReading } from './facts.ts';
import { holdingsOf, valuesOf } from './holdings.ts';
import type { Held } from './identity.ts';
import { isWithin } from './values/opening-hours.ts';
import type { ResourceId } from './resources/resource.ts';
import {
  coveredAsBefore,
  covers,
  coversButForCluster,
  isJudgedAsBefore,
  mayCover,
} from './resources/scope.ts';
import { desksOf, hasTargets, type Policy, type Rule } from './rule.ts';
import { matchesAny } from './values/pattern.ts';

/**
 * The rules that may cover the request by what it says itself: its roles, annotations and resources. Which facts must be
 * gathered follows from them. A rule that goes by an annotation alone covers only requests that carry it, as Teleport's own
 * plugin has it: the requester's role must have opted in.
 */
export function candidateRules(request: AccessRequest, rules: readonly Rule[]): readonly Rule[] {
  return rules.filter((rule) => isCandidate(rule, request));
}

/** The same of one rule. */
export function isCandidate(rule: Rule, request: AccessRequest): boolean {
  return (
    coversARole(rule, request) &&
    (rule.breakGlass || (rule.notifies === true ? hasDesk(rule, request) : hasTargets(rule, request))) &&
    mayCover(rule.when.resources, resourcesUnder(rule, request))
  );
}

function coversARole(rule: Rule, { roles }: AccessRequest): boolean {
  for (const role of roles) if (matchesAny(rule.roles, role)) return true;
  return false;
}

function hasDesk({ escalate }: Rule, request: AccessRequest): boolean {
  return escalate !== null && desksOf(escalate, request).length > 0;
}

/** Whether a candidate covers the request, or a part of it, by what is known of resources, requester and hour. */
export function applies(question: Question): ConditionAnswer {
  return allOf([ofResources(question), ofRequesterAndHour(question)]);
}

/** Whether the rule would apply if only it said that it covers the leaf cluster, too, in which the resources are. */
export function appliesButForCluster(question: Question): boolean {
  const { rule, request, facts } = question;
  const isCovered = (resource: ResourceId) => coversButForCluster(rule.when.resources, resource, facts);
  return ofRequesterAndHour(question) !== 'not-met' && resourcesUnder(rule, request).some(isCovered);
}

/** Whether the rule covers this one of the requested resources, or perhaps does. */
export function reaches({ rule, facts }: Question, resource: ResourceId): boolean {
  const scope = rule.when.resources;
  return (
    isAbout(rule, resource) &&
    (isJudgedAsBefore(scope, facts) || covers(scope, resource, facts) !== 'not-met')
  );
}

/** The resources of which it is not known whether the rule covers them. */
export function unknownResources({ rule, request, facts }: Question): readonly ResourceId[] {
  const scope = rule.when.resources;
  if (isJudgedAsBefore(scope, facts)) return [];
  return resourcesUnder(rule, request).filter((resource) => covers(scope, resource, facts) === 'unknown');
}

/**
 * Whether the rule covers some of the requested resources. One of which that is not known makes it `unknown`: whoever asks for more
 * does not get out of a rule's way by it.
 */
export function ofResources({ rule, request, facts }: Question): ConditionAnswer {
  const scope = rule.when.resources;
  const resources = resourcesUnder(rule, request);
  if (resources.length === 0) return scope === null && rule.owned === undefined ? 'met' : 'not-met';
  if (isJudgedAsBefore(scope, facts)) return coveredAsBefore(scope, resources) ? 'met' : 'not-met';
  const answers = resources.map((resource) => covers(scope, resource, facts));
  if (answers.includes('unknown')) return 'unknown';
  return answers.includes('met') ? 'met' : 'not-met';
}

/** Those of the requested resources that a rule for an owner is about; of every other rule all. */
function resourcesUnder(rule: Rule, { resources }: AccessRequest): readonly ResourceId[] {
  return resources.filter((resource) => isAbout(rule, resource));
}

function isAbout({ owned }: Rule, { cluster, kind, name, subResource }: ResourceId): boolean {
  return (
    owned === undefined ||
    owned.some(
      (each) =>
        each.cluster === cluster &&
        each.kind === kind &&
        each.name === name &&
        each.subResource === subResource,
    )
  );
}

function ofRequesterAndHour({ rule, facts, now }: Question): ConditionAnswer {
  const { hours } = rule.when;
  const atThisHour = hours === null || isWithin(hours, now) ? 'met' : 'not-met';
  return allOf([atThisHour, coversRequester(rule, facts.user)]);
}

/** Whether the rule is for holders of the user's roles and traits. */
export function coversRequester({ when }: Rule, user: UserReading): ConditionAnswer {
  const { requesterRoles, requesterTraits } = when;
  return allOf([
    requesterRoles === null
      ? 'met'
      : ofUser(user, ({ roles }) => roles.some((role) => matchesAny(requesterRoles, role))),
    requesterTraits === null ? 'met' : ofUser(user, (held) => hasTraits(held, requesterTraits)),
  ]);
}

/** Whether `applies` needs the requester's record in Teleport. */
export function needsUser({ when }: Rule): boolean {
  return when.requesterRoles !== null || when.requesterTraits !== null;
}

/** Whether roles or traits of requesters decide anything under the policy, be it who they are. */
export function goesByHoldings({ identities, rules }: Policy): boolean {
  return identities.some(({ kind }) => kind === 'trait') || rules.some(needsUser);
}

/**
 * Where Teleport says in one way that the requester is covered and in another that they are not, or where it cannot be read, the
 * rule is in the way of an approval, and approves nothing.
 */
function ofUser(reading: UserReading, covers: (held: Held) => boolean): ConditionAnswer {
  const holdings = holdingsOf(reading);
  if (holdings === null) return 'unknown';
  if (covers(holdings.sure)) return 'met';
  return covers(holdings.possible) ? 'unknown' : 'not-met';
}

function hasTraits(held: Held, wanted: Readonly<Record<string, readonly string[]>>): boolean {
  return Object.entries(wanted).every(([name, values]) =>
    valuesOf(held, name).some((value) => values.includes(value)),
  );
}
