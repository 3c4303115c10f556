import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ClaimConfig } from '../../src/config/schema.ts';
import type { ResourceScope } from '../../src/core/resources/resource-scope.ts';
import type { OnCallTargets, Policy, Rule } from '../../src/core/rule.ts';
import { tryClaim } from '../../src/rules/claims/try-claim.ts';
import { anEscalation, aPolicy, aRule, aWhen } from '../support/builders.ts';
import { configured, proving, testing, PROD, SAME, EXCUSED } from './proving.ts';

it('a rule that asks people for every request lets nobody in', () => {
  const asks = aRule({ name: 'asks', notifies: true, escalate: { ...anEscalation(), service: 'Desk' } });
  const claim: ClaimConfig = { never: { approve: ['prodaccess'], when: {}, unless: [] } };

  expect(tryClaim({ written: claim }, aPolicy({ rules: [aRule(), asks] })).state).toBe('holds');
  expect(tryClaim({ written: claim }, aPolicy({ rules: [aRule()] })).state).toBe('possible');
});

it('a rule without a page asks nobody, and what is new where two patterns meet is a gain', () => {
  const written: ClaimConfig = {
    always: { person_asked: ['prodaccess'], when: { pagerduty: 'unknown' }, unless: [] },
  };
  // An annotation alone may name no page.
  const unpaged = { ...anEscalation(), service: null, fromAnnotation: 'desk' };
  const roles = (...named: string[]) => aRule({ name: named.join(), roles: named });
  const strict = { ...roles('*-admin'), require: { ...aRule().require, reason: true } };
  const lax = (rule: Rule): Rule => ({ ...rule, require: { ...rule.require, reason: false } });
  const same = { same_as: { file: 'old.yaml', gains: [], losses: ['*-admin'] } };
  const before = aPolicy({ rules: [lax(roles('prod-*')), strict] });

  expect(
    [null, unpaged, { ...unpaged, toOwner: true as const }].map(
      (escalate) => tryClaim({ written }, aPolicy({ rules: [aRule({ escalate })] })).state,
    ),
  ).toEqual(['possible', 'possible', 'holds']);
  expect(tryClaim({ written: same, other: before }, aPolicy({ rules: [lax(roles('prod-*'))] })).state).toBe(
    'possible',
  );
});

const [DAY, NIGHT] = [
  { timeZone: 'UTC', spans: [{ days: ['mon' as const], from: 480, until: 1_080 }] },
  { timeZone: 'UTC', spans: [{ days: ['mon' as const], from: 0, until: 480 }] },
];
const DATABASES = { kinds: ['db'], names: ['*'] };

it.each<[Partial<Rule['when']>, Partial<Rule['when']>]>([
  [{ requesterTraits: { team: ['a'] } }, { requesterTraits: { team: ['a', 'b'] } }],
  [{ requesterRoles: ['a'] }, { requesterRoles: ['a', 'b'] }],
  [{ requesterTraits: { team: ['a'] } }, { requesterTraits: { site: ['a'] } }],
  [{ requesterTraits: { team: ['a'] } }, { requesterRoles: ['a'] }],
  [{ requesterRoles: ['a'] }, { requesterTraits: { team: ['a'] } }],
  [{ hours: DAY }, { hours: NIGHT }],
  [{ resources: DATABASES }, { resources: { ...DATABASES, kinds: ['app'] } }],
  [{ resources: DATABASES }, { hours: DAY }],
])('whoever need give no reason any more may gain: %j', (now, then) => {
  const lax = aRule({ name: 'lax', require: { ...aRule().require, reason: false } });
  const beside = (when: Partial<Rule['when']>) =>
    aPolicy({ rules: [lax, aRule({ name: 'strict', when: { ...aWhen(), ...when } })] });

  expect(tryClaim({ written: { same_as: 'old.yaml' }, other: beside(then) }, beside(now)).state).toBe(
    'possible',
  );
});

it('a request that was made together with others may wait longer for broken glass, or have more owners, than before', () => {
  const glass = aRule({ name: 'glass', roles: ['glass'], breakGlass: true });
  const waits = (decideWithinMs: number) =>
    aPolicy({ rules: [glass, aRule({ escalate: { ...anEscalation(), decideWithinMs } })] });
  const owners = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`r${index}`, [`s${index}`]]));
  const owned = (roles: readonly string[]) => {
    const owner = { map: [], ofRole: owners, unowned: 'Desk', settledMs: 0 };
    return aRule({ name: roles.join(), roles, onCall: { ...aRule().onCall, services: [], owner } });
  };
  const all = Object.keys(owners);
  const together = aPolicy({ rules: [owned(all)] });
  const alone = aPolicy({ rules: all.map((role) => owned([role])) });
  const state = (now: Policy, other: Policy) =>
    tryClaim({ written: { same_as: 'old.yaml' }, other }, now).state;

  expect([state(waits(2), waits(2)), state(waits(2), waits(1))]).toEqual(['holds', 'possible']);
  expect([state(together, together), state(alone, together)]).toEqual(['holds', 'undecided']);
});

it.each(['username_is_email: true', 'map: { ada: PADA001 }'])(
  'a broken claim is shown by a case also where people are recognised by %s',
  async (identity) => {
    const config = configured([PROD], ['never: { approve: [prod] }']);
    const text = readFileSync(config, 'utf8').replace('trait: email', identity);
    expect(text).toContain(identity);
    writeFileSync(config, text);
    const proven = await proving(config);

    expect(proven).toEqual({ code: 1, text: expect.stringContaining('BROKEN') as string });
    expect(await testing(config, proven.text)).toMatch(/^1 FAIL[^]*found {5}approve/u);
  },
);

describe('a claim that nobody can decide', () => {
  it.each<[string, readonly string[], string, RegExp]>([
    ['names a role that no rule has', [PROD], 'never: { approve: [gone] }', /no rule names role `gone`/u],
    ['names a rule that is gone', [PROD], 'unreachable: gone', /there is no rule `gone`/u],
    [
      'names a service that no rule has',
      [PROD],
      'never: { approve: [prod], unless: [on_call: { services: [Gone] }] }',
      /no rule names `Gone`/u,
    ],
    [
      'is about patterns of several stars that overlap in part',
      ["roles: ['prod-*'], on_call: { services: [Payments API] }"],
      "never: { approve: ['*-*-admin'], unless: [reason] }",
      /overlap in part/u,
    ],
    [
      'excuses help with incidents of other services than an annotation names',
      ['roles: [prod], on_call: { from_annotation: s, schedules: [Rota] }, responders: true'],
      'never: { approve: [prod], unless: [on_call: { from_annotation: s, schedules: [Rota] }, asked_to_help: { from_annotation: s }, asked_to_help: { schedules: [Rota] }] }',
      /no case was found/u,
    ],
    [
      'asks a person of things in a leaf cluster, which another rule leaves',
      [PROD, `${PROD}, when: { resources: { clusters: [leaf], kinds: [db] } }, otherwise: leave`],
      'always: { person_asked: [prod], when: { pagerduty: unknown } }',
      /no case was found/u,
    ],
    ['excuses all whom it is about', [PROD], EXCUSED, /contradicts itself/u],
    [
      'names a kind that there is not',
      [PROD],
      'never: { approve: [prod], when: { resources: { kinds: [database] } } }',
      /no resources of kind `database`/u,
    ],
    [
      'excuses whoever lacks one of more traits than can be tried',
      [PROD],
      `never: { approve: [prod], when: { requester_traits: { a: [x] } }, unless: [requester_traits: { a: [x] }${', requester_traits: { a: [x], b: [x], c: [x], d: [x] }'.repeat(11)}] }`,
      /more than 30000 steps/u,
    ],
    ['asks for a role of no rule', [PROD], 'always: { person_asked: [gone] }', /no rule names role `gone`/u],
    ['gains an odd role', [PROD], 'same_as: { file: old.yaml, gains: [gone] }', /no rule names role `gone`/u],
    [
      'compares broken glass that is for others',
      [PROD, 'roles: [prod], break_glass: true, when: { requester_roles: [b] }'],
      'same_as: glass.yaml',
      /no case was found/u,
    ],
  ])('%s: fails, and says so', async (_kind, rules, claim, why) => {
    const { code, text } = await proving(configured(rules, [claim]));

    expect([code, text]).toEqual([1, expect.stringMatching(why)]);
  });

  it.each<[string, Partial<Rule>]>([
    ['of a rule', { whoever: true } as Partial<Rule>],
    ['of when', { when: { ...aWhen(), weather: ['rain'] } as Rule['when'] }],
    ['of on-call', { onCall: { ...aRule().onCall, moon: 'full' } as Rule['onCall'] }],
    [
      'of the owner of a thing',
      {
        onCall: {
          ...aRule().onCall,
          owner: {
            map: [],
            ofRole: {},
            unowned: 'Desk',
            settledMs: 0,
            moon: 'full',
          } as OnCallTargets['owner'],
        } as OnCallTargets,
      },
    ],
    [
      'of things',
      { when: { ...aWhen(), resources: { kinds: ['*'], names: ['*'], smells: ['prod'] } as ResourceScope } },
    ],
    ['of a requirement', { require: { ...aRule().require, blood: true } as Rule['require'] }],
  ])('asks for something %s that proofs do not know: never proven', (_where, rule) => {
    const claim = { never: { approve: ['prodaccess'], when: {}, unless: ['reason'] } } as ClaimConfig;
    const policy = aPolicy({ rules: [aRule({ require: { ...aRule().require, reason: true }, ...rule })] });

    const proof = tryClaim({ written: claim }, policy);
    expect(proof.state).toBe('undecided');
    expect('why' in proof && proof.why).toMatch(/do not know/u);
  });

  it('asks for something of the whole policy that proofs do not know: never proven', () => {
    const strange = { ...aPolicy(), whoever: true } as Policy;
    for (const written of [
      { never: { approve: ['prodaccess'], when: {}, unless: ['reason'] } },
      { always: { person_asked: ['prodaccess'], when: {}, unless: [] } },
      { always: { person_asked: ['prodaccess'], when: { pagerduty: 'unknown' }, unless: [] } },
    ] as ClaimConfig[]) {
      expect(tryClaim({ written }, strange)).toMatchObject({
        why: expect.stringMatching(/do not know/u) as string,
      });
    }
    const same = { written: { same_as: 'old.yaml' }, other: strange };
    expect(tryClaim(same, aPolicy())).toMatchObject({ why: expect.stringMatching(/do not know/u) as string });
  });

  it('compares rules by which other people are approved', async () => {
    const config = configured([PROD], [SAME]);
    const old = join(config, '../old.yaml');
    appendFileSync(old, '\nidentities: [{ trait: email }]\n');
    expect((await proving(config)).code).toBe(0);

    appendFileSync(old, 'require_sso: false\n');
    await expect(proving(config)).rejects.toThrow(/`require_sso` is another in [^]*other people/u);
  });

  it('contradicts another one: the rules that it keeps do what the other forbids', async () => {
    const config = configured([PROD], ['never: { approve: [prod], unless: [reason] }', SAME]);

    expect((await proving(config)).text).toMatch(/UNDECIDED {2}same_as: [^]*it contradicts never: /u);
  });

  it('takes too long: fails, and says so', () => {
    const [people, rooms] = [11, 10];
    const all = Array.from({ length: people }, (_, person) => `p${person}`);
    const room = (index: number) => `room-${index}`;
    // Each rule is got out of by one room for one person alone: there is a room too few, which takes all ways to find out.
    const traits = (values: readonly string[]) =>
      Object.fromEntries(Array.from({ length: rooms }, (_, index) => [room(index), [...values]]));
    const brief = { ...aRule().require, maxDurationMs: 1 };
    const rules = all.map((person) =>
      aRule({
        name: person,
        when: { ...aWhen(), requesterTraits: traits(all.filter((each) => each !== person)) },
        require: brief,
      }),
    );
    const claim: ClaimConfig = {
      never: {
        approve: ['prodaccess'],
        when: { requester_traits: traits(all) },
        unless: [{ max_duration: 1 }],
      },
    };

    expect(
      tryClaim({ written: claim }, aPolicy({ rules: [aRule({ name: 'first' }), ...rules] })),
    ).toMatchObject({ state: 'undecided', why: 'it takes more than 30000 steps' });
  });
});
