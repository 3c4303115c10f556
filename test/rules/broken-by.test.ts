import { expect, it } from 'vitest';
import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { Policy } from '../../src/core/rule.ts';
import { isBrokenBy } from '../../src/rules/claims/broken-by.ts';
import type { Always, Claim, Excuse, Never, SameAs } from '../../src/rules/claims/claim.ts';
import { factsOf, labelsAs, ruleFor } from '../core/owning.ts';
import {
  aCause,
  anOnCallRow,
  anOpenIncident,
  aPolicy,
  aRequest,
  aResource,
  aRule,
  aWhen,
  NOW,
  onCallWith,
  ROOT_CLUSTER,
  SAM,
  TAYLOR,
  someFacts,
  someRequirements,
  someTargets,
} from '../support/builders.ts';

const asked = { roles: ['prodaccess'], requester: { requesterRoles: null, requesterTraits: null } };
const never = (more: Partial<Never> = {}): Never => ({
  ...{ kind: 'never', words: '', rule: null, resources: null, unless: [], ...asked, ...more },
});
const always = (more: Partial<Always> = {}): Always => ({
  ...{ kind: 'always', words: '', silent: false, resources: null, unless: [], ...asked, ...more },
});
const sameAs = (other: Policy, more: Partial<SameAs> = {}): SameAs => ({
  ...{ kind: 'same-as', words: '', other, gains: [], losses: [], ...more },
});
const unless = (...excuses: readonly Excuse[]) => never({ unless: excuses });
const onCall = someTargets({ services: ['B'] });
const elsewhere = aPolicy({ rules: [aRule({ onCall: someTargets({ services: ['C'] }) })] });
const helped = {
  facts: {
    incidents: {
      state: 'known',
      incidents: [
        anOpenIncident({
          responders: [{ user: SAM, state: 'joined', requester: TAYLOR }],
        }),
      ],
    },
    helped: onCallWith(anOnCallRow({ user: TAYLOR })),
  },
} as const;
const two = aPolicy({ rules: [aRule(), aRule({ name: 'other' })] });
const owned = (mode: 'enforce' | 'shadow') =>
  aPolicy({ rules: [ruleFor({}), { ...ruleFor({ label: 'other' }), name: 'beside', mode }] });
const bare = { state: 'known', resources: [{ kind: 'db', name: 'x', labels: [{}] }] } as const;
const labels = labelsAs({ x: [{ owner: 'A', other: 'B' }] });
const byOwner = { request: { resources: [aResource({ name: 'x' })] }, facts: factsOf(['A'], labels) };
const inLeaf = { clusters: ['*'], kinds: ['*'], names: ['*'], inLeaf: true } as const;
const leaf = (cluster: string) => ({
  request: { resources: [aResource({ name: 'x', cluster: cluster === 'leaf' ? 'leaf' : ROOT_CLUSTER })] },
  policy: aPolicy({
    rules: [aRule({ when: { ...aWhen(), resources: { clusters: ['*'], kinds: ['*'], names: ['*'] } } })],
  }),
});
const silence = { onCall: { state: 'not-asked' }, incidents: { state: 'not-asked' } } as const;

interface World {
  readonly request?: Partial<AccessRequest>;
  readonly facts?: Partial<Facts>;
  readonly policy?: Policy;
}

it.each<[string, Claim, boolean, World?]>([
  ['is not by whoever is on call', unless({ kind: 'on-call', onCall: someTargets(), owner: false }), false],
  [
    'is not by whoever was asked to help',
    unless({ kind: 'asked-to-help', onCall: someTargets(), owner: false }),
    false,
    helped,
  ],
  ['is by whoever was not', unless({ kind: 'asked-to-help', onCall: someTargets(), owner: false }), true],
  [
    'is by whoever is on call for the owner by a rule in shadow',
    unless({ kind: 'on-call', onCall, owner: true }),
    true,
    {
      request: byOwner.request,
      facts: factsOf(['A', 'C'], labels),
      policy: aPolicy({ rules: [...elsewhere.rules, { ...ruleFor({}), name: 'beside', mode: 'shadow' }] }),
    },
  ],
  ['is by what is in a leaf', never({ resources: inLeaf }), true, leaf('leaf')],
  ['is not by what is here', never({ resources: inLeaf }), false, leaf('root')],
  [
    'is not by what may be here, in what an earlier version wrote',
    never({ resources: inLeaf }),
    false,
    { ...leaf('leaf'), facts: { rootCluster: undefined } as unknown as Partial<Facts> },
  ],
  ['is broken where others would not approve', sameAs(elsewhere), true],
  ['is broken where others would', sameAs(aPolicy()), true, { policy: elsewhere }],
  ['is not where all would', sameAs(two), false],
  ['is not by what is gained on purpose', sameAs(elsewhere, { gains: ['prod*'] }), false],
  ['is by what is gained where a loss was meant', sameAs(elsewhere, { losses: ['prod*'] }), true],
  [
    'is not by what is lost on purpose',
    sameAs(aPolicy(), { losses: ['prod*'] }),
    false,
    { policy: elsewhere },
  ],
  [
    'is by what is lost where a gain was meant',
    sameAs(aPolicy(), { gains: ['prod*'] }),
    true,
    { policy: elsewhere },
  ],
  [
    'is not where nobody knows whether a rule is for it',
    sameAs(aPolicy({ rules: [aRule({ when: { ...aWhen(), requesterRoles: ['sres'] } })] })),
    false,
    { facts: { user: { state: 'unknown', cause: aCause() } } },
  ],
  [
    'is where nobody knows that of a rule in shadow',
    sameAs(
      aPolicy({
        rules: [
          ...elsewhere.rules,
          aRule({ name: 'beside', mode: 'shadow', when: { ...aWhen(), requesterRoles: ['sres'] } }),
        ],
      }),
    ),
    true,
    { facts: { user: { state: 'unknown', cause: aCause() } } },
  ],
  ['is not by what is over', always(), false, { request: { state: 'denied' } }],
  ['is not by a dry run', always(), false, { request: { dryRun: true } }],
  ['is not by what lasts', always(), false, { request: { kind: 'long-term' } }],
  ['is broken by an approval', never(), true],
  ['is not by none', never(), false, { facts: { onCall: onCallWith() } }],
  ['is not by that of another role', never({ roles: ['db*'] }), false],
  [
    'is by that of one of its roles',
    never(),
    true,
    { request: { roles: ['prodaccess', 'db'] }, policy: aPolicy({ rules: [aRule({ roles: ['*'] })] }) },
  ],
  ['is by that of its rule', never({ rule: 'prod-oncall' }), true, { policy: two }],
  [
    'is by that of its rule for an owner',
    never({ rule: 'prod-oncall' }),
    true,
    { ...byOwner, policy: owned('shadow') },
  ],
  ['is not by that of another rule', never({ rule: 'prod' }), false, { policy: two }],
  ['is not by what is excused by its reason', unless({ kind: 'reason' }), false],
  [
    'is by what has none',
    unless({ kind: 'reason' }),
    true,
    {
      request: { reason: '' },
      policy: aPolicy({ rules: [aRule({ require: someRequirements({ reason: false }) })] }),
    },
  ],
  [
    'is not by what an incident excuses',
    unless({ kind: 'open-incident' }),
    false,
    { facts: { incidents: { state: 'known', incidents: [anOpenIncident()] } } },
  ],
  ['is by what none excuses', unless({ kind: 'open-incident' }), true],
  ['is by whoever is on call elsewhere', unless({ kind: 'on-call', onCall, owner: false }), true],
  [
    'is not by the owner',
    unless({ kind: 'on-call', onCall, owner: true }),
    false,
    { ...byOwner, policy: owned('shadow') },
  ],
  [
    'is not by things that surely have another label',
    never({ resources: { kinds: ['*'], names: ['*'], labels: { owner: ['B'] } } }),
    false,
    byOwner,
  ],
  [
    'is by things of which that label was not asked for',
    never({ resources: { kinds: ['*'], names: ['*'], labels: { owner: ['B'] } } }),
    true,
    { request: byOwner.request, facts: { labels: { ...bare, asked: ['team'] } } },
  ],
  ['is broken by whatever asks nobody', always(), true],
  ['is not by what asks', always(), false, { facts: { onCall: onCallWith() } }],
  [
    'is not where other roles are asked for beside it',
    always(),
    false,
    { request: { roles: ['prodaccess', 'db'] }, policy: aPolicy({ rules: [aRule({ roles: ['*'] })] }) },
  ],
  ['is not where nothing is', always({ roles: ['*'] }), false, { request: { roles: [] } }],
  ['is not where PagerDuty tells something', always({ silent: true }), false],
  [
    'is where it is silent',
    always({ silent: true }),
    true,
    { facts: silence, policy: aPolicy({ rules: [aRule({ otherwise: 'leave' })] }) },
  ],
])('a claim %s: %#', (_what, claim, broken, { request = {}, facts = {}, policy = aPolicy() } = {}) => {
  const world = { request: aRequest(request), facts: someFacts(facts), now: NOW };
  expect(isBrokenBy(world, claim, policy)).toBe(broken);
});
