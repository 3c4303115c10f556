import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyOf } from '../../src/config/policy.ts';
import { ConfigFile, type ClaimConfig } from '../../src/config/schema.ts';
import type { Facts } from '../../src/core/facts.ts';
import { fieldKey, type FieldFact } from '../../src/core/owners/reading.ts';
import type { LabelsReading } from '../../src/core/resources/labels-reading.ts';
import type { OwnerField, Policy, Rule } from '../../src/core/rule.ts';
import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import { isBrokenBy } from '../../src/rules/claims/broken-by.ts';
import { claimOf } from '../../src/rules/claims/claim.ts';
import { tryClaim } from '../../src/rules/claims/try-claim.ts';
import { scenarios, weirdScenarios, type Scenario } from '../core/arbitraries.ts';
import { check, manyRuns, mostly } from '../core/arbitrary-text.ts';
import { aCause, aResource, anEscalation, NOW, recognised } from '../support/builders.ts';
import { FIVE_CLAIMS, TWENTY_RULES } from './twenty-rules.ts';

describe('twenty rules with six conditions each', () => {
  it('are proven in five seconds', () => {
    const { claims: written, rules: read } = ConfigFile.pick({ rules: true, claims: true }).parse({
      rules: TWENTY_RULES,
      claims: FIVE_CLAIMS,
    });
    const policy = policyOf(
      { identities: [{ username_is_email: true }], require_sso: true, addresses: 'managed', rules: read },
      () => ({}),
      () => [],
    );
    const begun = performance.now();

    const states = written.map((claim) => tryClaim({ written: claim, other: policy }, policy).state);
    expect(states).toEqual(['holds', 'holds', 'holds', 'holds', 'possible']);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});

const WIDE = {
  services: ['Payments API', 'Search API'],
  escalation_policies: ['Payments', 'Search'],
  schedules: ['Payments primary'],
  teams: ['Payments'],
  from_annotation: 'pagerduty_services',
  owner: true,
  grace_after_shift: '2h',
};

const whens = fc
  .tuple(
    fc.constantFrom<object>({}, { requester_traits: { team: ['payments'] } }, { requester_roles: ['sre*'] }),
    fc.constantFrom<object>(
      {},
      {},
      ...[
        { kinds: ['db'] },
        { leaf_clusters: true },
        { leaf_clusters: true, clusters: ['le*'], kinds: ['db'] },
        { kinds: ['node', 'app'], names: ['*1', 'db-*'] },
        { names: ['db-1'], labels: { owner: ['Payments API'] } },
        { kinds: ['db'], labels: { env: ['prod'], owner: ['Search API', 'nobody'] } },
        { clusters: ['*leaf*', 'root'], kinds: ['db', 'pod', 'kube:ns:*'], sub_resources: ['payments/*'] },
      ].map((resources) => ({ resources })),
    ),
  )
  .map(([who, what]) => ({ ...who, ...what }));
const roles = fc.subarray(['prodaccess', 'dbadmin', '*', 'prod*', '*access'], { minLength: 1 });

const nevers = fc.record({
  approve: roles,
  when: whens,
  unless: fc.subarray<unknown>([
    'break_glass',
    'open_incident',
    'reason',
    { max_duration: '8h' },
    { requester_roles: ['sres'] },
    { requester_traits: { team: ['payments', 'search'] } },
    { on_call: WIDE },
    {
      on_call: {
        services: ['Payments API', 'Search API'],
        owner: true,
        max_level: 2,
        permanent: false,
        min_shift_age: '10m',
      },
    },
    { asked_to_help: WIDE },
  ]),
});

const always = fc.record({
  person_asked: roles,
  when: fc
    .tuple(whens, fc.boolean())
    .map(([when, silent]) => ({ ...when, ...(silent ? { pagerduty: 'unknown' } : {}) })),
  unless: fc.subarray(['break_glass']),
});

/** Claims about what the scenarios are made of. */
const claimed = fc
  .oneof(
    nevers.map((never) => ({ never })),
    always.map((each) => ({ always: each })),
    fc.constantFrom('prod-oncall', 'db-oncall', 'glass').map((unreachable) => ({ unreachable })),
    fc.subarray(['prodaccess']).map((gains) => ({ same_as: { file: 'other.yaml', gains } })),
  )
  .map((claim): ClaimConfig | undefined => ConfigFile.shape.claims.parse([claim])[0]);

const labels = fc.record({
  owner: fc.constantFrom('Payments API', 'Search API', 'nobody'),
  env: fc.constantFrom('prod', 'dev'),
});
const labelled: fc.Arbitrary<LabelsReading> = mostly<LabelsReading>(
  fc.array(labels, { minLength: 1, maxLength: 2 }).map((sets) => ({
    state: 'known',
    resources: ['db-1', 'node-1'].flatMap((name) =>
      ['db', 'node'].map((kind) => ({ kind, name, labels: sets })),
    ),
  })),
  fc.constant({ state: 'unknown', cause: aCause() }),
);

/** What scenarios of the core do not have: rules by owners and labels, rules that ask for every request, PagerDuty wholly silent. */
const changes = fc.record({
  owned: fc.constantFrom('no', 'no', 'label', 'map', 'role', 'all', 'team', 'team label', 'field'),
  labels: fc.boolean(),
  believes: fc.boolean(),
  notifies: mostly(fc.constant(false), fc.constant(true)),
  escalates: fc.boolean(),
  silent: mostly(fc.constant(false), fc.constant(true)),
  things: fc.constantFrom('as before', 'here', 'leaf'),
  reading: labelled,
  settledMs: mostly(fc.constant(0), fc.constant(HOUR)),
  policies: fc.constantFrom('old', 'new', 'not known'),
});
type Change = typeof changes extends fc.Arbitrary<infer Each> ? Each : never;

const SILENT = { state: 'unknown', cause: aCause({ transient: true }) } as const;

function changed({ request, facts, policy }: Scenario, change: Change): Scenario {
  const [first, ...rest] = policy.rules;
  const silence: Partial<Facts> = change.silent ? { onCall: SILENT, helped: SILENT, incidents: SILENT } : {};
  return {
    request:
      change.things === 'as before'
        ? request
        : {
            ...request,
            resources: [
              aResource({ name: 'db-1', ...(change.things === 'leaf' ? { cluster: 'leaf' } : {}) }),
            ],
          },
    facts: {
      ...facts,
      ...silence,
      ...(change.believes ? { requester: recognised({ local: true }) } : {}),
      labels: change.reading,
      ...policiesIn(facts, change),
    },
    policy: { ...policy, rules: first === undefined ? [] : [ruleWith(first, change), ...rest] },
  };
}

const FIELD: OwnerField = { name: 'selector', services: ['Payments API'], teams: [] };

/** Since when the services of the scenario, and the teams, were seen to have their policies. */
function policiesIn({ targets }: Facts, { policies }: Change): Pick<Facts, 'policies' | 'ownership'> {
  if (policies === 'not known') return {};
  const since = policies === 'old' ? plusMs(NOW, -2 * HOUR) : NOW;
  const seen = targets.flatMap((fact) =>
    fact.state === 'known' && fact.policy !== null
      ? [{ service: fact.id, policy: fact.policy.id, since }]
      : [],
  );
  const known = { state: 'known', at: NOW, id: 'PTEAM01', name: 'Payments', desks: [] } as const;
  const theirs = seen.map(({ policy: id }) => ({ id, since }));
  const teams = ['prod', 'Payments'].map((asked) => ({ ...known, asked, policies: theirs }));
  const fields = targets.slice(0, 1).flatMap((fact): FieldFact[] => {
    if (fact.state === 'unknown') return [];
    const service = { id: fact.id, summary: fact.name };
    const values = [{ id: 'env=prod', since }];
    return [{ service, field: FIELD.name, state: 'known', at: NOW, values }];
  });
  return { policies: { at: NOW, seen }, ownership: { teams, fields, asked: [fieldKey(FIELD)] } };
}

function ruleWith(
  rule: Rule,
  { owned, labels: byLabels, notifies, escalates, believes, settledMs }: Change,
): Rule {
  const owner = {
    ...(owned === 'label' || owned === 'all' ? { label: 'owner' } : {}),
    ...(owned === 'team label' ? { teamLabel: 'env' } : {}),
    ...(owned === 'field' ? { field: FIELD } : {}),
    map:
      owned === 'map' || owned === 'all'
        ? [{ scope: { kinds: ['db'], names: ['*'] }, services: ['Payments API'] }]
        : [],
    ofRole: owned === 'role' || owned === 'all' ? { prodaccess: ['Search API', 'Payments API'] } : {},
    unowned: 'Desk',
    settledMs,
  };
  const teams = { names: ['Payments'], settled: { ms: settledMs, orFirst: true } };
  return {
    ...rule,
    ...(owned === 'no' || owned === 'team' ? {} : { onCall: { ...rule.onCall, owner } }),
    ...(owned === 'team' ? { onCall: { ...rule.onCall, teams } } : {}),
    ...(byLabels
      ? {
          when: {
            ...rule.when,
            resources: {
              kinds: ['db', 'node'],
              names: ['*'],
              ...rule.when.resources,
              labels: { env: ['prod'] },
            },
          },
        }
      : {}),
    ...(believes ? { localUsers: ['sre-1'] } : {}),
    ...(notifies ? { notifies: true } : {}),
    ...(escalates ? { otherwise: 'escalate', escalate: { ...anEscalation(), service: 'Desk' } } : {}),
  };
}

/** The rules before a change: often but a few words apart, so that there is something to prove. */
const others = fc.constantFrom<((policy: Policy) => Policy)[]>(
  (policy) => policy,
  (policy) => ({ ...policy, rules: policy.rules.toReversed() }),
  (policy) => ({ ...policy, rules: policy.rules.map((rule) => ({ ...rule, otherwise: 'escalate' })) }),
  ({ rules, ...policy }) => ({
    ...policy,
    rules: rules.map((rule) => ({
      ...rule,
      escalate: { ...anEscalation(), decideWithinMs: HOUR, fromAnnotation: 'pagerduty_services' },
    })),
  }),
  ({ rules, ...policy }) => ({
    ...policy,
    rules: [...rules, ...rules.slice(0, 1).map((rule) => ({ ...rule, name: 'twin', responders: false }))],
  }),
  ({ rules, ...policy }) => ({
    ...policy,
    rules: rules.map((rule) => ({ ...rule, require: { ...rule.require, reason: false } })),
  }),
  ({ rules, ...policy }) => ({
    ...policy,
    rules: rules.flatMap((rule) =>
      (rule.when.resources?.kinds ?? ['']).map((kind, index) => ({
        ...rule,
        name: `${rule.name}${index}`,
        when: { ...rule.when, resources: rule.when.resources && { ...rule.when.resources, kinds: [kind] } },
      })),
    ),
  }),
  ({ rules, ...policy }) => ({
    ...policy,
    rules: rules.flatMap((rule) =>
      rule.roles.map((role, index) => ({ ...rule, name: `${rule.name}${index}`, roles: [role] })),
    ),
  }),
);

describe('a claim that is proven', () => {
  it('is broken by no request and no facts whatever, as decide itself has it', () => {
    const proven: Record<string, number> = {
      never: 0,
      always: 0,
      'same-as': 0,
      owner: 0,
      field: 0,
      leaf: 0,
      labels: 0,
      things: 0,
    };
    for (const worlds of [scenarios, weirdScenarios]) {
      check(fc.tuple(claimed, worlds, changes, others), ([written, plain, change, otherwise]) => {
        if (written === undefined) return;
        const { request, facts, policy } = changed(plain, change);
        const claim = { written, other: otherwise(policy) };
        if (tryClaim(claim, policy).state !== 'holds') return;
        const { kind } = claimOf(claim);
        for (const each of [
          kind,
          ...(change.owned === 'no' ? [] : ['owner']),
          ...(change.owned === 'field' ? ['field'] : []),
          ...(JSON.stringify(written).includes('leaf_clusters') ? ['leaf'] : []),
          ...(change.labels ? ['labels'] : []),
          ...('resources' in claimOf(claim) && JSON.stringify(written).includes('resources')
            ? ['things']
            : []),
        ])
          proven[each] = (proven[each] ?? 0) + 1;
        expect(isBrokenBy({ request, facts, now: NOW }, claimOf(claim), policy)).toBe(false);
      });
    }
    // Where worlds are few, not every kind is among them.
    expect(Math.min(...Object.values(proven))).toBeGreaterThan(manyRuns ? 20 : -1);
  });
});
