import { describe, expect, it } from 'vitest';
import {
  applies,
  candidateRules,
  goesByHoldings,
  needsUser,
  reaches,
  unknownResources,
} from '../../src/core/coverage.ts';
import type { ConditionAnswer } from '../../src/core/decision.ts';
import type { UserReading } from '../../src/core/facts.ts';
import type { ResourceId } from '../../src/core/resources/resource.ts';
import type { When } from '../../src/core/rule.ts';
import {
  aCause,
  aPolicy,
  aRequest,
  aResource,
  aRule,
  aTeleportUser,
  aWhen,
  NOW,
  someFacts,
  someTargets,
} from '../support/builders.ts';

describe('the rules that may cover a request', () => {
  it('leave out a rule that goes by an annotation alone where the request has none', () => {
    const rule = aRule({ onCall: someTargets({ services: [], fromAnnotation: 'pagerduty_services' }) });
    const annotated = aRequest({ annotations: { pagerduty_services: ['Payments API'] } });

    expect(candidateRules(aRequest(), [rule])).toEqual([]);
    expect(candidateRules(annotated, [rule])).toEqual([rule]);
  });

  it('leave out a rule that names only other resources', () => {
    const rule = aRule({ when: aWhen({ resources: { kinds: ['db'], names: ['pay*'] } }) });

    expect(candidateRules(aRequest({ resources: [aResource()] }), [rule])).toEqual([rule]);
    expect(candidateRules(aRequest({ resources: [aResource({ kind: 'app' })] }), [rule])).toEqual([]);
    expect(candidateRules(aRequest(), [rule])).toEqual([]);
  });
});

describe('a rule applies', () => {
  const unknown: UserReading = { state: 'unknown', cause: aCause() };

  function answer(when: Partial<When>, user: UserReading = { state: 'known', user: aTeleportUser() }) {
    return applies({
      rule: aRule({ when: aWhen(when) }),
      request: aRequest(),
      facts: someFacts({ user }),
      now: NOW,
    });
  }

  it('to who has one of the roles', () => {
    expect(answer({ requesterRoles: ['devs', 'sre*'] })).toBe('met');
    expect(answer({ requesterRoles: ['devs'] })).toBe('not-met');
    expect(
      answer(
        { requesterRoles: ['sres'] },
        { state: 'known', user: aTeleportUser({ roles: ['devs', 'sres'] }) },
      ),
    ).toBe('met');
  });

  it('to who has each of the traits with one of its values', () => {
    const traits = { team: ['search', 'payments'], level: ['senior'] };
    const withTraits = (own: Record<string, string[]>): UserReading => ({
      state: 'known',
      user: aTeleportUser({ traits: own }),
    });

    expect(answer({ requesterTraits: traits }, withTraits({ team: ['payments'], level: ['senior'] }))).toBe(
      'met',
    );
    expect(answer({ requesterTraits: traits }, withTraits({ team: ['payments'] }))).toBe('not-met');
    expect(answer({ requesterTraits: traits }, withTraits({ team: ['web'], level: ['senior'] }))).toBe(
      'not-met',
    );
    expect(answer({ requesterTraits: { team: [] } }, withTraits({ team: ['payments'] }))).toBe('not-met');
  });

  it('not by a trait that every object has, nor by one without a value', () => {
    const traits = { team: undefined } as unknown as Record<string, string[]>;
    const user: UserReading = { state: 'known', user: aTeleportUser({ traits }) };

    expect(answer({ requesterTraits: { constructor: ['Object'] } })).toBe('not-met');
    expect(answer({ requesterTraits: { team: ['payments'] } }, user)).toBe('not-met');
  });

  it.each<[string, UserReading]>([
    ['cannot be read', unknown],
    ['is not there', { state: 'absent' }],
    ['was not asked for', { state: 'not-asked' }],
  ])('perhaps, where it goes by the requester’s record, which %s', (_why, user) => {
    expect(answer({ requesterRoles: ['sres'] }, user)).toBe('unknown');
    expect(answer({ requesterTraits: { team: ['payments'] } }, user)).toBe('unknown');
  });

  it.each<[string, Partial<ResourceId>[], ConditionAnswer]>([
    ['to requests for what it names', [{}], 'met'],
    ['to requests of which it names a part', [{}, { name: 'search' }], 'met'],
    ['not to requests of which it names nothing', [{ name: 'search' }], 'not-met'],
    ['not to requests for all that the role allows', [], 'not-met'],
    ['perhaps, where one of them is not understood', [{}, { constraints: { kind: 'unknown' } }], 'unknown'],
  ])('%s', (_what, asked, expected) => {
    const scope = { kinds: ['db'], names: ['pay*'] };
    const question = {
      rule: aRule({ when: aWhen({ resources: scope }) }),
      request: aRequest({ resources: asked.map(aResource) }),
      facts: someFacts(),
      now: NOW,
    };

    expect(applies(question)).toBe(expected);
    expect(unknownResources(question)).toHaveLength(expected === 'unknown' ? 1 : 0);
  });

  it('to what earlier versions let it apply to, where their entries are read', () => {
    const scope = { kinds: ['db'], names: ['pay*'] };
    const facts = someFacts();
    Reflect.deleteProperty(facts, 'rootCluster');
    const leaf = aResource({ cluster: 'leaf', constraints: { kind: 'unknown' } });
    const question = (resources: When['resources'], ...asked: ResourceId[]) => ({
      rule: aRule({ when: aWhen({ resources }) }),
      request: aRequest({ resources: asked }),
      facts,
      now: NOW,
    });

    expect(applies(question(scope, leaf))).toBe('met');
    expect(unknownResources(question(scope, leaf))).toEqual([]);
    expect(reaches(question(scope, leaf), leaf)).toBe(true);
    expect(applies(question(null, leaf))).toBe('met');
    expect(applies(question(scope, leaf, aResource({ name: 'search' })))).toBe('not-met');
    // A rule that says more is none of theirs.
    expect(applies(question({ ...scope, clusters: ['*'] }, leaf))).toBe('unknown');
  });

  it('within its hours, and not outside of them, whatever else is not known', () => {
    const tuesdayNight = { timeZone: 'UTC', spans: [{ days: ['tue'] as const, from: 120, until: 180 }] };
    const mondays = { timeZone: 'UTC', spans: [{ days: ['mon'] as const, from: 0, until: 1_440 }] };

    expect(answer({ hours: tuesdayNight })).toBe('met');
    expect(answer({ hours: mondays })).toBe('not-met');
    expect(answer({ hours: mondays, requesterRoles: ['sres'] }, unknown)).toBe('not-met');
    expect(answer({ hours: tuesdayNight, requesterRoles: ['sres'] }, unknown)).toBe('unknown');
  });
});

describe('the requester’s record in Teleport', () => {
  it.each([
    ['for their roles', { requesterRoles: ['sres'] }, true],
    ['for their traits', { requesterTraits: {} }, true],
    ['not for anything else', {}, false],
  ])('is needed %s', (_what, when, needed) => {
    expect(needsUser(aRule({ when: aWhen(when) }))).toBe(needed);
  });

  it('is needed under a policy for one of its rules, or to recognise people by a trait', () => {
    const byMap = aPolicy({ identities: [{ kind: 'map', users: {} }] });

    expect(goesByHoldings(byMap)).toBe(false);
    const one = aRule({ when: aWhen({ requesterRoles: ['sres'] }) });
    expect(goesByHoldings({ ...byMap, rules: [one, aRule()] })).toBe(true);
    expect(goesByHoldings(aPolicy())).toBe(true);
  });
});
