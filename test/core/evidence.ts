import { applies, candidateRules } from '../../src/core/coverage.ts';
import type { OpenIncident } from '../../src/core/facts.ts';
import type { OnCallReading } from '../../src/core/on-call.ts';
import { targetsOf, type Rule } from '../../src/core/rule.ts';
import { NOW, SAM } from '../support/builders.ts';
import type { Scenario } from './arbitraries.ts';

/** The ordinary rules in force that cover the request, or may cover it. */
export function coveringRules({ request, facts, policy }: Scenario): readonly Rule[] {
  return candidateRules(request, policy.rules).filter(
    (rule) =>
      rule.mode === 'enforce' &&
      !rule.breakGlass &&
      applies({ rule, request, facts, now: NOW }) !== 'not-met',
  );
}

/** What an approval needs, told without the code that decides: a row of the requester, or of who asked for their help. */
export function isEntitled(rule: Rule, scenario: Scenario): boolean {
  const { onCall, helped, incidents } = scenario.facts;
  if (hasRow(SAM.id, onCall, rule, scenario)) return true;
  if (!rule.responders || incidents.state !== 'known') return false;
  const services = idsOf(rule, scenario, 'service');
  return incidents.incidents
    .filter(({ service }) => services.includes(service.id))
    .filter(({ responders }) =>
      responders.some(({ user, state }) => user.id === SAM.id && state !== 'declined'),
    )
    .flatMap(askers)
    .some((id) => id !== SAM.id && hasRow(id, helped, rule, scenario));
}

/** Who asked for Sam's help: by the log, or in entries of earlier versions by what the request for help says of itself. */
function askers({ responders, helpRequests, openedBy }: OpenIncident): readonly string[] {
  if (helpRequests === undefined) {
    return responders.flatMap(({ user, requester }) =>
      user.id === SAM.id && requester !== null ? [requester.id] : [],
    );
  }
  if (helpRequests.state === 'unknown' || openedBy?.id === SAM.id) return [];
  return helpRequests.requests.flatMap(({ by, asked }) => (asked?.includes(SAM.id) === true ? [by.id] : []));
}

/** By numbers, from the rule, the facts and the rows. */
function hasRow(userId: string, reading: OnCallReading, rule: Rule, scenario: Scenario): boolean {
  if (reading.state !== 'known') return false;
  const { maxLevel, permanent, graceAfterShiftMs } = rule.onCall;
  const at = Date.parse(reading.at);
  const ids = idsOf(rule, scenario, null);
  return reading.rows.some(
    ({ user, escalation_policy, escalation_level, schedule, start, end }) =>
      user.id === userId &&
      escalation_level <= maxLevel &&
      (start === null ? permanent : Date.parse(start) <= at) &&
      (end === null || at < Date.parse(end) + graceAfterShiftMs) &&
      [escalation_policy, schedule, ...(escalation_policy?.services ?? [])].some(
        (reference) => reference !== null && ids.includes(reference.id),
      ),
  );
}

/** PagerDuty's ids of what the rule names, the policies of its services included. */
function idsOf(rule: Rule, { request, facts }: Scenario, kind: 'service' | null): readonly string[] {
  const wanted = targetsOf(rule, request).map((target) => `${target.kind} ${target.asked}`);
  return facts.targets.flatMap((fact) =>
    fact.state === 'known' &&
    !fact.disabled &&
    wanted.includes(`${fact.kind} ${fact.asked}`) &&
    (kind === null || fact.kind === kind)
      ? [fact.id, fact.policy?.id ?? '']
      : [],
  );
}
