import type { AccessRequest } from './access-request.ts';
import { allOf, type Question } from './conditions/condition.ts';
import type { Answer } from './decision.ts';
import { holdingsOf, valuesOf } from './holdings.ts';
import type { Held } from './identity.ts';
import { isWithin } from './values/opening-hours.ts';
import { matchesAny } from './values/pattern.ts';
import { rolesUnder, targetsOf, type Policy, type Rule, type When } from './rule.ts';

/**
 * The rules that may cover the request by what it says itself: its roles, annotations and resources. Which facts must be
 * gathered follows from them. A rule that goes by an annotation alone covers only requests that carry it, as Teleport's own
 * plugin has it: the requester's role must have opted in.
 */
export function candidateRules(request: AccessRequest, rules: readonly Rule[]): readonly Rule[] {
  return rules.filter(
    (rule) =>
      rolesUnder(rule, request).length > 0 &&
      (rule.breakGlass || targetsOf(rule, request).length > 0) &&
      coversResources(rule.when, request),
  );
}

/** Whether a candidate covers the request, by what is known of the requester and the hour. */
export function applies({ rule, facts, now }: Question): Answer {
  const { requesterRoles, requesterTraits, hours } = rule.when;
  return allOf([
    hours === null || isWithin(hours, now) ? 'met' : 'not-met',
    requesterRoles === null
      ? 'met'
      : ofUser(facts.user, ({ roles }) => roles.some((role) => matchesAny(requesterRoles, role))),
    requesterTraits === null ? 'met' : ofUser(facts.user, (held) => hasTraits(held, requesterTraits)),
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

function coversResources({ resources }: When, request: AccessRequest): boolean {
  if (resources === null) return true;
  return (
    request.resources.length > 0 &&
    request.resources.every(
      ({ kind, name }) => matchesAny(resources.kinds, kind) && matchesAny(resources.names, name),
    )
  );
}

/**
 * Where Teleport says in one way that the requester is covered and in another that they are not, or where it cannot be read, the
 * rule is in the way of an approval, and approves nothing.
 */
function ofUser(reading: Question['facts']['user'], covers: (held: Held) => boolean): Answer {
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
