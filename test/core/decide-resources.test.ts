import { describe, expect, it } from 'vitest';
import { onlyInTeleport } from '../../src/core/answers/judge-answer.ts';
import { decide } from '../../src/core/decide.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { ResourceId } from '../../src/core/resources/resource.ts';
import type { Rule } from '../../src/core/rule.ts';
import {
  aCause,
  aLasting,
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aResource,
  aRule,
  aWhen,
  NOW,
  onCallWith,
  someFacts,
  someTargets,
  TAYLOR,
} from '../support/builders.ts';

const LEAF = aResource({ cluster: 'leaf' });
const NODE = aResource({ kind: 'node', name: 'uuid-1' });
const PAYMENTS = { kinds: ['db'], names: ['payments-*'] };
const GLASS = { name: 'glass', breakGlass: true, onCall: someTargets({ services: [] }) };

function decided(
  rules: readonly Partial<Rule>[],
  resources: readonly ResourceId[],
  facts: Partial<Facts> = {},
) {
  const policy = aPolicy({ rules: rules.map((each) => aRule(each)) });
  const request = aRequest({ resources, roles: ['prodaccess'] });
  return decide(request, someFacts(facts), policy, NOW);
}

/** Verdict, and reasons as codes with what they say. */
function told(...asked: Parameters<typeof decided>): readonly string[] {
  const { verdict, reasons } = decided(...asked);
  return [verdict, ...reasons.map(({ code, text }) => `${code}: ${text}`)];
}

function scoped(resources: Rule['when']['resources'], overrides: Partial<Rule> = {}): Partial<Rule> {
  return { when: aWhen({ resources }), ...overrides };
}

describe('a request for resources', () => {
  it('is approved where every one of them has a rule, and all of those rules approve', () => {
    const apps = scoped({ kinds: ['app'], names: ['*'] }, { name: 'apps' });
    const both = [aResource(), aResource({ kind: 'app' })];

    expect(decided([{}], [aResource()]).verdict).toBe('approve');
    expect(decided([scoped(PAYMENTS), apps], both)).toMatchObject({
      verdict: 'approve',
      rules: ['apps', 'prod-oncall'],
    });
    const others = { onCall: someTargets({ services: ['Search API'] }) };
    expect(decided([scoped(PAYMENTS), { ...apps, ...others }], both).verdict).toBe('escalate');
  });

  it('goes to a person where one of them has no rule: who asks for more gets out of no rule’s way', () => {
    const both = [aResource(), aResource({ name: 'search' })];

    expect(told([scoped(PAYMENTS)], both)).toEqual([
      'escalate',
      'resource-not-covered: no rule covers db search',
    ]);
    expect(decided([scoped(PAYMENTS)], both).provisional).toBe(false);
    const strict = scoped(PAYMENTS, {
      name: 'strict',
      onCall: someTargets({ services: ['Other'] }),
      otherwise: 'deny',
    });
    expect(decided([{}, strict], both, { targets: someFacts().targets }).verdict).not.toBe('approve');
  });

  it('needs a rule for each role on each of them', () => {
    const request = aRequest({
      resources: [aResource(), aResource({ kind: 'app' })],
      roles: ['prodaccess', 'dbadmin'],
    });
    const rules = [
      aRule(scoped({ kinds: ['db'], names: ['*'] })),
      aRule(scoped({ kinds: ['app'], names: ['*'] }, { name: 'apps', roles: ['dbadmin'] })),
    ];

    expect(decide(request, someFacts(), aPolicy({ rules }), NOW).reasons.map(({ text }) => text)).toEqual([
      'no rule covers db payments-main and app payments-main',
    ]);
  });

  it.each([
    [
      'a kind that is new',
      aResource({ kind: 'hologram' }),
      'hologram payments-main is not known: this version does not know such resources',
    ],
    [
      'a narrowing that is new',
      aResource({ constraints: { kind: 'unknown' } }),
      'db payments-main, narrowed in a way this version does not know is not known: the access is narrowed in a way that this version does not know',
    ],
  ])('of %s goes to a person', (_what, resource, words) => {
    expect(told([{ otherwise: 'deny' }], [resource])).toEqual([
      'escalate',
      `condition-unknown: whether the rule covers ${words}`,
    ]);
    expect(
      decided([{ ...GLASS }], [resource], {
        approvers: { state: 'known', reachable: false, lasting: aLasting() },
      }).verdict,
    ).not.toBe('approve');
  });

  it('goes to a person while the root cluster is not known, and is decided again', () => {
    expect(decided([{}], [aResource()], { rootCluster: null })).toMatchObject({
      verdict: 'escalate',
      provisional: true,
    });
    expect(decided([{}], [], { rootCluster: null }).verdict).toBe('approve');
  });
});

describe('a resource in a leaf cluster', () => {
  it.each([[[LEAF]], [[aResource(), LEAF]]])(
    'is nothing that the approvers of other rules can grant on a page: %j',
    (resources) => {
      const policy = aPolicy();
      const facts = someFacts({ onCall: onCallWith() });
      const asked = aRecordedDecision({ request: aRequest({ resources }), facts, policy });

      expect(asked.decision.verdict).toBe('escalate');
      expect(onlyInTeleport(asked, policy)).toBe('no rule covers db payments-main in leaf cluster leaf');
    },
  );

  const alone = 'the rule covers the root cluster alone, not db payments-main in leaf cluster leaf';

  it('is told to people where no rule speaks of the cluster', () => {
    const expected = [
      'escalate',
      'resource-not-covered: no rule covers db payments-main in leaf cluster leaf',
      `condition-not-met: ${alone}`,
    ];

    expect(told([{}], [LEAF])).toEqual(expected);
    expect(told([scoped(PAYMENTS)], [LEAF])).toEqual(expected);
    expect(told([scoped(PAYMENTS)], [aResource(), LEAF]).slice(0, 2)).toEqual(expected.slice(0, 2));
    for (const names of [
      ['one', 'two'],
      ['two', 'one'],
    ]) {
      const { outcomes } = decided(
        names.map((name) => ({ name })),
        [LEAF],
      );
      expect(outcomes.map(({ rule }) => rule)).toEqual(['one', 'two']);
    }
  });

  it('is left alone where the rule leaves what it does not approve, is in shadow, or speaks of others', () => {
    expect(decided([{ otherwise: 'leave' }], [LEAF]).verdict).toBe('abstain');
    expect(decided([{ mode: 'shadow' }], [LEAF])).toMatchObject({
      verdict: 'abstain',
      shadow: { verdict: 'escalate' },
    });
    expect(told([scoped({ ...PAYMENTS, names: ['x'] })], [LEAF])).toEqual([
      'abstain',
      'no-rule: no rule covers this request',
    ]);
    expect(decided([scoped({ ...PAYMENTS, clusters: ['other'] })], [LEAF]).verdict).toBe('abstain');
    expect(decided([{ when: aWhen({ hours: { timeZone: 'UTC', spans: [] } }) }], [LEAF]).verdict).toBe(
      'abstain',
    );
    expect(decided([GLASS], [LEAF]).verdict).toBe('abstain');
  });

  it('is the business of the rules that name it, and of no other', () => {
    const leaf = scoped({ ...PAYMENTS, clusters: ['leaf'] }, { name: 'leaf' });
    const off = { onCall: someTargets({ services: ['Search API'] }), otherwise: 'deny' as const };

    expect(decided([off, leaf], [LEAF])).toMatchObject({ verdict: 'approve', rules: ['leaf'] });
    expect(decided([{ ...off, name: 'aaa' }, leaf], [LEAF]).outcomes.map(({ rule }) => rule)).toEqual([
      'leaf',
    ]);
    // A shadow rule of the cluster does not keep people from hearing of it.
    expect(decided([{}, { ...leaf, mode: 'shadow' }], [LEAF])).toMatchObject({
      verdict: 'escalate',
      shadow: { verdict: 'approve' },
      outcomes: [{ rule: 'leaf' }, { rule: 'prod-oncall' }],
    });
  });

  it('is opened by broken glass only where that rule names it', () => {
    const approvers = { state: 'known', reachable: false, lasting: aLasting() } as const;
    const nobody = { approvers, onCall: onCallWith() };
    const glass = { ...GLASS, when: aWhen({ resources: { ...PAYMENTS, clusters: ['*'] } }) };

    expect(decided([{}, GLASS], [LEAF], nobody).verdict).toBe('escalate');
    expect(decided([{}, glass], [LEAF], nobody)).toMatchObject({ verdict: 'approve', rules: ['glass'] });
    expect(decided([{}, glass], [LEAF, aResource({ kind: 'app' })], nobody).verdict).toBe('escalate');
    expect(decided([{}, { ...glass, roles: ['other'] }], [aResource()], nobody).verdict).toBe('escalate');
  });
});

describe('a node whose host name is not known', () => {
  const named = scoped({ kinds: ['node'], names: ['db-*'] }, { name: 'db', otherwise: 'deny' });
  const silent = {
    hostNames: { state: 'unknown', cause: aCause({ message: 'Teleport is silent' }) },
  } as const;
  const seen = { hostNames: { state: 'known', names: [{ id: 'uuid-1', hostname: 'db-1' }] } } as const;

  it('is approved by no rule that goes by names, nor past one; it is asked again while Teleport is silent', () => {
    const off = { onCall: onCallWith(anOnCallRow({ user: TAYLOR })) };

    expect(decided([named], [NODE], seen).verdict).toBe('approve');
    expect(decided([named], [NODE], { ...seen, ...off }).verdict).toBe('deny');
    expect(decided([{}, named], [NODE], silent)).toMatchObject({ verdict: 'escalate', provisional: true });
    expect(decided([named], [NODE], { hostNames: { state: 'known', names: [] } })).toMatchObject({
      verdict: 'escalate',
      provisional: false,
    });
    expect(decided([{}], [NODE], silent).verdict).toBe('approve');
  });

  it('is no emergency: Teleport’s silence is none of PagerDuty’s', () => {
    const glass = { ...GLASS, approvers: { onCall: null, answerBy: ['note'] as const } };

    expect(decided([named, glass], [NODE], silent)).toMatchObject({ verdict: 'escalate', breakGlass: false });
  });
});
