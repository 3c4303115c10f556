import { describe, expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { labelledNames } from '../../src/core/owners/owner-of.ts';
import { labelsAskedBy, policyFor, servicesNamedBy } from '../../src/core/ownership.ts';
import type { ResourceId } from '../../src/core/resources/resource.ts';
import type { Rule } from '../../src/core/rule.ts';
import {
  aCause,
  anEscalation,
  aPolicy,
  aRequest,
  aResource,
  aRule,
  aWhen,
  NOW,
  ROOT_CLUSTER,
  someFacts,
  someRequirements,
  someTargets,
} from '../support/builders.ts';
import { ask, db, factsOf, labelsAs, OWNER, ruleFor } from './owning.ts';

describe('a rule that goes by owners', () => {
  it('is one for each owner, and the policy itself where there is none', () => {
    const labels = {
      pay: [{ owner: 'A' }],
      till: [{ owner: ' A , A' }],
      users: [{ owner: 'B,C' }],
      none: [{}],
    };
    const resources = ['pay', 'till', 'users', 'none'].map((name) => db(name));
    const { names, rules, decision } = ask(resources, { labels });

    expect(names).toEqual(['prod-oncall/A', 'prod-oncall/B,C', 'prod-oncall/(no owner)']);
    expect(rules.map(({ owned = [] }) => owned.map(({ name }) => name))).toEqual([
      ['pay', 'till'],
      ['users'],
      ['none'],
    ]);
    expect(rules.some(({ onCall }) => 'owner' in onCall || 'teams' in onCall)).toBe(false);
    // Without what looks at PagerDuty told, too: which services are to be looked at.
    const unseen = { labels: labelsAs(labels), rootCluster: ROOT_CLUSTER };
    expect(policyFor(aPolicy({ rules: [ruleFor({})] }), aRequest({ resources }), unseen).rules).toHaveLength(
      3,
    );
    expect(decision.outcomes.map(({ verdict }) => verdict)).toEqual(['escalate', 'approve', 'escalate']);
    const plain = aPolicy();
    expect(policyFor(plain, aRequest(), someFacts())).toBe(plain);
    const own = { ...plain, rules };
    expect(policyFor(own, aRequest({ resources }), someFacts())).toBe(own);
  });

  it('leaves other rules as they are, and asks for the labels that any of them goes by', () => {
    const other = aRule({
      name: 'other',
      when: aWhen({ resources: { kinds: ['*'], names: ['*'], labels: { env: ['prod'] } } }),
    });
    const rules = [ruleFor({}), other, ruleFor({ label: undefined as never })];
    const policy = aPolicy({ rules });

    const applied = policyFor(policy, aRequest(), someFacts()).rules;
    expect(applied.filter(({ onCall }) => onCall.owner === undefined)).toHaveLength(applied.length);
    expect(applied).toContain(other);
    expect(labelsAskedBy([ruleFor({}), other, aRule()])).toEqual(['env', 'owner']);
    const source = {
      ...OWNER,
      map: [{ scope: { kinds: ['db'], names: ['*'] }, services: ['A'] }],
      ofRole: { x: ['B', 'A'] },
    };
    expect(servicesNamedBy(source)).toEqual(['A', 'B', 'Access requests']);
  });

  it.each<[string, readonly ResourceId[], Parameters<typeof ask>[1], string]>([
    ['an empty label', [db('x')], { labels: { x: [{ owner: ' ' }] } }, 'label `owner` or entry in the map'],
    [
      'blanks in the map',
      [db('x')],
      {
        rule: ruleFor({
          label: undefined as never,
          map: [{ scope: { kinds: ['db'], names: ['*'] }, services: [' '] }],
        }),
      },
      'db x: no service is named',
    ],
    ['commas alone', [db('x')], { labels: { x: [{ owner: ',' }] } }, 'no list of up to 10 services'],
    ['eleven', [db('x')], { labels: { x: [{ owner: 'a,b,c,d,e,f,g,h,i,j,k' }] } }, 'no list of up to 10'],
    ['a long label', [db('x')], { labels: { x: [{ owner: 'A'.repeat(1_001) }] } }, 'no list of up to 10'],
    ['half a letter', [db('x')], { labels: { x: [{ owner: '\ud800' }] } }, 'no list of up to 10'],
    ['servers at odds', [db('x')], { labels: { x: [{ owner: 'A' }, {}] } }, 'do not agree in label `owner`'],
    ['no server', [db('x')], { labels: { x: [] } }, 'the service may not see it'],
    ['labels that nobody asked for', [db('x', { kind: 'app' })], {}, 'the service may not see it'],
    ['no labels at all', [db('x', { kind: 'user_group' })], {}, 'its labels cannot be read'],
    [
      'no map',
      [db('x')],
      { rule: ruleFor({ label: undefined as never }) },
      'db x: it has no entry in the map',
    ],
    [
      'no owner of the role',
      [],
      { rule: ruleFor({ ofRole: { other: ['A'] } }) },
      'role prodaccess: it is asked for without',
    ],
    [
      'more than ten owners',
      Array.from({ length: 11 }, (_, at) => db(`x${at}`)),
      {
        labels: Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`x${at}`, [{ owner: `S${at}` }]])),
      },
      'belongs to 11 services',
    ],
    [
      'three things without any',
      ['x', 'y', 'z'].map((name) => db(name)),
      { rule: ruleFor({ label: undefined as never }) },
      'no owner is known of db x: it has no entry in the map; db y: it has no entry in the map; db z: it has no entry in the map',
    ],
    ['four things without any', ['w', 'x', 'y', 'z'].map((name) => db(name)), {}, '; and 1 more'],
  ])('goes to a person for %s', (_what, resources, options, why) => {
    const found = ask(resources, options);

    expect(found.why).toContain(why);
    expect(found.decision).toMatchObject({ verdict: 'escalate', provisional: false });
    expect(found.why).not.toContain('; and 0 more');
    const { escalate } = options.rule ?? ruleFor({});
    expect(found.asking.map((rule) => rule.escalate)).toEqual([{ ...escalate, service: 'Access requests' }]);
  });

  it('waits for labels that cannot be read now, and for no others', () => {
    const labels = { state: 'unknown', cause: aCause() } as const;
    const { decision, why } = ask([db('x')], { reading: labels });
    expect(decision).toMatchObject({ verdict: 'escalate', provisional: true });
    expect(why).toContain('its labels are not known');
    expect(ask([db('x'), db('y', { kind: 'user_group' })], { reading: labels }).decision.provisional).toBe(
      false,
    );
    const unasked = someFacts({ targets: factsOf(['A'], labels).targets });
    const policy = aPolicy({ rules: [ruleFor({})] });
    const blind = decide(aRequest({ resources: [db('x')] }), unasked, policy, NOW);
    expect(blind.reasons[0]?.text).toContain('not asked for');
    expect(blind.provisional).toBe(false);
  });

  it('goes by the map where there is no label, and asks a person where the map has two owners, or may have', () => {
    const entry = (services: readonly string[], names: readonly string[], more = {}) => ({
      scope: { kinds: ['*'], names, ...more },
      services,
    });
    const rule = ruleFor({
      map: [entry(['A'], ['a*']), entry(['B'], ['*b']), entry(['A'], ['prod'], { subResources: ['pay/*'] })],
    });
    const labels = { x: [{}], a: [{}], ab: [{}], b: [{ owner: 'A' }] };
    const pod = (subResource: string) => aResource({ kind: 'pod', name: 'prod', subResource });

    expect(ask([db('a')], { rule, labels }).decision.verdict).toBe('approve');
    expect(ask([db('b')], { rule, labels }).decision.verdict).toBe('approve');
    expect(ask([pod('pay/x')], { rule }).decision.verdict).toBe('approve');
    expect(ask([db('ab')], { rule, labels }).why).toContain('the map of owners names A and B');
    expect(ask([pod('*/*')], { rule }).why).toContain('not known which entries');
    const two = (...services: readonly string[][]) =>
      ask([db('x')], { labels, rule: ruleFor({ map: services.map((each) => entry(each, ['x'])) }) });
    expect(two(['A', 'B'], ['AB']).why).toContain('the map of owners names A,B and AB');
    expect(two(['A', 'B'], ['B', 'A']).decision.verdict).toBe('approve');
    expect(ask([db('x')], { rule, labels }).why).toContain('no label `owner` or entry in the map');
  });

  it('goes by the owners of roles that are asked for without resources', () => {
    const rule = ruleFor({ ofRole: { prodaccess: ['A'], other: ['B'] } }, { roles: ['*access', 'other'] });

    expect(ask([], { rule }).decision.verdict).toBe('approve');
    expect(ask([], { rule, roles: ['prodaccess', 'other'] }).decision.verdict).toBe('escalate');
    expect(ask([], { rule, roles: ['prodaccess', 'other'], onCallFor: ['A', 'B'] }).decision.verdict).toBe(
      'approve',
    );
    expect(
      ask([], {
        rule: ruleFor(
          { ofRole: { prodaccess: ['A'] } },
          { when: aWhen({ resources: { kinds: ['*'], names: ['*'] } }) },
        ),
      }).decision.verdict,
    ).toBe('abstain');
  });

  it('pages the owner, one after another where there are several, and those for what has none where that is it', () => {
    const labels = { a: [{ owner: 'A' }], bc: [{ owner: 'B,C' }], none: [{}] };
    const toOwner = ruleFor(
      {},
      { escalate: anEscalation({ service: null, toOwner: true }), otherwise: 'deny' },
    );
    const resources = [db('a'), db('bc'), db('none')];
    const desks = (rule: Rule) =>
      ask(resources, { rule, labels }).rules.map(({ escalate }) => [escalate?.service, escalate?.instead]);

    expect(desks(toOwner)).toEqual([
      ['A', ['Access requests']],
      ['B', ['C', 'Access requests']],
      ['Access requests', undefined],
    ]);
    const elsewhere = anEscalation({ service: 'Desk', instead: ['Other'] });
    expect(desks(ruleFor({}, { escalate: elsewhere }))).toEqual([
      ['Desk', ['Other']],
      ['Desk', ['Other']],
      ['Access requests', undefined],
    ]);
    const left = ask([db('none')], { rule: ruleFor({}, { escalate: null, otherwise: 'leave' }), labels });
    expect(left.decision.verdict).toBe('abstain');
    expect(left.rules[0]?.escalate).toBeNull();
    expect(desks(ruleFor({}, { escalate: null }))[0]).toEqual([undefined, undefined]);
  });

  it('neither denies nor approves for want of an owner; its page is answered there, or by whom the rule names', () => {
    const require = someRequirements({ openIncident: { urgency: null, involvement: 'any' } });
    const rule = ruleFor({}, { otherwise: 'deny', require });
    const found = ask([db('none')], { rule, labels: { none: [{}] } });

    expect(found.decision.verdict).toBe('escalate');
    expect(found.rules[0]).toMatchObject({
      otherwise: 'escalate',
      onCall: {
        noOwner: {
          ...{ message: 'no owner is known of db none: it has no label `owner` or entry in the map' },
          transient: false,
        },
      },
    });
    expect(found.asking[0]?.approvers.onCall?.services).toEqual(['Access requests']);
    const named = { onCall: someTargets({ services: ['D'] }), answerBy: ['note'] as const };
    const other = ask([db('none')], { rule: { ...rule, approvers: named }, labels: { none: [{}] } });
    expect(other.asking[0]?.approvers).toEqual(named);
  });

  it('keeps owners apart whatever they are called, and their rules from each other’s things', () => {
    const labels = { a: [{ owner: 'A(1)' }], b: [{ owner: 'A%281%29' }] };
    expect(new Set(ask([db('a'), db('b')], { labels }).names).size).toBe(2);
    for (const most of ['A'.repeat(1_000), 'a,b,c,d,e,f,g,h,i,j'])
      expect(ask([db('a')], { labels: { a: [{ owner: most }] } }).names).toEqual([`prod-oncall/${most}`]);
    expect(labelledNames({ owner: ' A , B', team: ',' })).toEqual(['A', 'B']);
    const ten = Array.from({ length: 10 }, (_, at) => [`x${at}`, [{ owner: `S${at}` }]] as const);
    expect(
      ask(
        ten.map(([name]) => db(name)),
        { labels: Object.fromEntries(ten) },
      ).names,
    ).toHaveLength(10);

    const [mine] = ask([db('a')], { labels: { a: [{ owner: 'A' }] } }).rules;
    const policy = aPolicy({ rules: mine === undefined ? [] : [mine] });
    const facts = factsOf(['A'], labelsAs({}));
    const verdict = (resources: readonly ResourceId[]) =>
      decide(aRequest({ resources, roles: ['prodaccess'] }), facts, policy, NOW).verdict;
    expect(verdict([db('a')])).toBe('approve');
    for (const others of [
      db('b'),
      db('a', { kind: 'app' }),
      db('a', { cluster: 'leaf' }),
      db('a', { subResource: 'x' }),
    ])
      expect(verdict([others])).toBe('abstain');
    expect(verdict([])).toBe('abstain');
  });
});
