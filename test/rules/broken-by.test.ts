import { expect, it } from 'vitest';
import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { Policy } from '../../src/core/rule.ts';
import { isBrokenBy } from '../../src/rules/claims/broken-by.ts';
import type { Always, Excuse, Never } from '../../src/rules/claims/claim.ts';
import { factsOf, labelsAs, ruleFor } from '../core/owning.ts';
import {
  anOpenIncident,
  aPolicy,
  aRequest,
  aResource,
  aRule,
  NOW,
  onCallWith,
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
const unless = (...excuses: readonly Excuse[]) => never({ unless: excuses });
const onCall = someTargets({ services: ['B'] });
const two = aPolicy({ rules: [aRule(), aRule({ name: 'other' })] });
const owned = (mode: 'enforce' | 'shadow') =>
  aPolicy({ rules: [ruleFor({}), { ...ruleFor({ label: 'other' }), name: 'beside', mode }] });
const labels = labelsAs({ x: [{ owner: 'A', other: 'B' }] });
const byOwner = { request: { resources: [aResource({ name: 'x' })] }, facts: factsOf(['A'], labels) };
const silence = { onCall: { state: 'not-asked' }, incidents: { state: 'not-asked' } } as const;

interface World {
  readonly request?: Partial<AccessRequest>;
  readonly facts?: Partial<Facts>;
  readonly policy?: Policy;
}

it.each<[string, Never | Always, boolean, World?]>([
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
    { request: byOwner.request, facts: { labels: { state: 'known', asked: ['team'], resources: [] } } },
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
