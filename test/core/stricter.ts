import type { Facts, OpenIncident } from '../../src/core/facts.ts';
import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import { isKnownNarrowing } from '../../src/core/resources/resource.ts';
import { rolesUnder, type Rule } from '../../src/core/rule.ts';
import { aCause, aResource, NOW, SAM } from '../support/builders.ts';
import type { Scenario } from './arbitraries.ts';
import { coveringRules } from './evidence.ts';

/** Which rule, row, incident or target to change (counted round), and a rule that may be added. */
interface Choice {
  readonly index: number;
  readonly rule: Rule;
}

type Change = (scenario: Scenario, choice: Choice) => Scenario;

const UNKNOWN = { state: 'unknown' as const, cause: aCause() };

function openedBy(agent: NonNullable<OpenIncident['openedBy']> | null): Change {
  return ofIncidents({ openedBy: agent });
}

const lessIsKnown: Readonly<Record<string, Change>> = {
  'not knowing who is on call': (scenario) => withFacts(scenario, { onCall: UNKNOWN }),
  'not knowing who asks': (scenario) => withFacts(scenario, { requester: UNKNOWN }),
  'not recognising who asks': (scenario) =>
    withFacts(scenario, { requester: { state: 'unrecognised', why: 'no PagerDuty user has the address' } }),
  'not knowing their roles and traits': (scenario) => withFacts(scenario, { user: UNKNOWN }),
  'not knowing what Access Lists grant': (scenario) => {
    const { user } = scenario.facts;
    return user.state === 'known' ? withFacts(scenario, { user: { ...user, login: UNKNOWN } }) : scenario;
  },
  'not knowing what nodes are called': (scenario) => withFacts(scenario, { hostNames: UNKNOWN }),
  'not knowing which cluster is the root': (scenario) => withFacts(scenario, { rootCluster: null }),
  'not knowing what is open': (scenario) => withFacts(scenario, { incidents: UNKNOWN }),
  'not knowing who asked for help': (scenario) => withFacts(scenario, { helped: UNKNOWN }),
  'not knowing what a name means': (scenario, { index }) =>
    withFacts(scenario, {
      targets: changed(scenario.facts.targets, index, ({ kind, asked }) => ({ kind, asked, ...UNKNOWN })),
    }),
  'not looking up a name': (scenario, { index }) =>
    withFacts(scenario, { targets: without(scenario.facts.targets, index) }),
};

const lessIsTrue: Readonly<Record<string, Change>> = {
  'losing a row': (scenario, { index }) => {
    const { onCall } = scenario.facts;
    if (onCall.state !== 'known') return scenario;
    return withFacts(scenario, { onCall: { ...onCall, rows: without(onCall.rows, index) } });
  },
  'a shift that is long over': (scenario, { index }) => {
    const { onCall } = scenario.facts;
    if (onCall.state !== 'known') return scenario;
    const rows = changed(onCall.rows, index, (row) => ({ ...row, end: plusMs(NOW, -3 * HOUR) }));
    return withFacts(scenario, { onCall: { ...onCall, rows } });
  },
  'an incident that the requester opened': openedBy({ ...SAM, type: 'user_reference' }),
  'an incident that nobody knows who opened': openedBy(null),
  'an incident on which nobody logged a request for help': ofIncidents({
    helpRequests: { state: 'known', requests: [] },
  }),
  'losing an incident': (scenario, { index }) => {
    const { incidents } = scenario.facts;
    if (incidents.state !== 'known') return scenario;
    return withFacts(scenario, {
      incidents: { ...incidents, incidents: without(incidents.incidents, index) },
    });
  },
  'a review that Teleport refused': (scenario) => withFacts(scenario, { reviewRefused: aCause() }),
  'asking for one more thing': ({ request, ...rest }, { index }) => {
    const more = [
      aResource({ cluster: 'leaf' }),
      aResource({ kind: 'pod', subResource: '*/*' }),
      aResource(),
    ];
    const resources = [...request.resources, ...more.slice(index % 3, (index % 3) + 1)];
    // Without any it is for all that the roles allow.
    return { ...rest, request: request.resources.length === 0 ? request : { ...request, resources } };
  },
  // What narrows in a way that is not known here asks for a person: without it the request is a plain one.
  'asking without what narrows it': ({ request, ...rest }) => ({
    ...rest,
    request: {
      ...request,
      resources: request.resources.map((resource) => {
        const { cluster, kind, name, subResource } = resource;
        return isKnownNarrowing(resource) ? { cluster, kind, name, subResource } : resource;
      }),
    },
  }),
  'a missing reason': ({ request, ...rest }) => ({ ...rest, request: { ...request, reason: '' } }),
  'a later start': ({ request, ...rest }) => ({
    ...rest,
    request: { ...request, startsAt: plusMs(NOW, HOUR) },
  }),
};

const moreIsAsked: Readonly<Record<string, Change>> = {
  'a lower level': onCallOf(({ maxLevel }) => ({ maxLevel: maxLevel - 1 })),
  'no permanent rows': onCallOf(() => ({ permanent: false })),
  'an older shift': onCallOf(({ minShiftAgeMs }) => ({ minShiftAgeMs: minShiftAgeMs + HOUR })),
  'no grace after the shift': onCallOf(() => ({ graceAfterShiftMs: 0 })),
  'no responders': (scenario, { index }) =>
    withRule(scenario, index, (rule) => ({ ...rule, responders: false })),
  'a required reason': requiring({ reason: true }),
  // Another incident than the one that is required already would be no stricter.
  'a required incident': (scenario, { index }) =>
    withRule(scenario, index, ({ require, ...rule }) => {
      const openIncident = require.openIncident ?? { urgency: 'high', involvement: 'assigned' };
      return { ...rule, require: { ...require, openIncident } };
    }),
  'a shorter access': requiring({ maxDurationMs: 0 }),
  'one more rule for the same roles': (scenario, { rule }) => {
    const { request, policy } = scenario;
    const covered = coveringRules(scenario).flatMap((each) => rolesUnder(each, request));
    const added: Rule = { ...rule, name: 'one-more', roles: covered, breakGlass: false };
    return { ...scenario, policy: { ...policy, rules: [...policy.rules, added] } };
  },
};

/** Changes after which there is less reason to approve than before. */
export const stricter: Readonly<Record<string, Change>> = { ...lessIsKnown, ...lessIsTrue, ...moreIsAsked };

/** The same rules without those in shadow. */
export function withoutShadow(scenario: Scenario): Scenario {
  return withRules(scenario, ({ mode }) => mode === 'enforce');
}

/** The same rules without those for an emergency. */
export function withoutBreakGlass(scenario: Scenario): Scenario {
  return withRules(scenario, ({ breakGlass }) => !breakGlass);
}

/** The rules in shadow put in force. */
export function allEnforced(scenario: Scenario): Scenario {
  const { policy } = scenario;
  const rules = policy.rules.map((rule) => ({ ...rule, mode: 'enforce' as const }));
  return { ...scenario, policy: { ...policy, rules } };
}

function withRules(scenario: Scenario, keep: (rule: Rule) => boolean): Scenario {
  const { policy } = scenario;
  return { ...scenario, policy: { ...policy, rules: policy.rules.filter(keep) } };
}

function withFacts(scenario: Scenario, facts: Partial<Facts>): Scenario {
  return { ...scenario, facts: { ...scenario.facts, ...facts } };
}

function onCallOf(change: (onCall: Rule['onCall']) => Partial<Rule['onCall']>): Change {
  return (scenario, { index }) =>
    withRule(scenario, index, (rule) => ({ ...rule, onCall: { ...rule.onCall, ...change(rule.onCall) } }));
}

function requiring(require: Partial<Rule['require']>): Change {
  return (scenario, { index }) =>
    withRule(scenario, index, (rule) => ({ ...rule, require: { ...rule.require, ...require } }));
}

function withRule(scenario: Scenario, index: number, change: (rule: Rule) => Rule): Scenario {
  const { policy } = scenario;
  return { ...scenario, policy: { ...policy, rules: changed(policy.rules, index, change) } };
}

function changed<T>(items: readonly T[], index: number, change: (item: T) => T): readonly T[] {
  return items.map((item, place) => (place === index % items.length ? change(item) : item));
}

function without<T>(items: readonly T[], index: number): readonly T[] {
  return items.filter((_item, place) => place !== index % items.length);
}

/** One of the incidents is as well like this. */
function ofIncidents(change: Partial<OpenIncident>): Change {
  return (scenario, { index }) => {
    const { incidents } = scenario.facts;
    if (incidents.state !== 'known') return scenario;
    const listed = changed(incidents.incidents, index, (incident) => ({ ...incident, ...change }));
    return withFacts(scenario, { incidents: { ...incidents, incidents: listed } });
  };
}
