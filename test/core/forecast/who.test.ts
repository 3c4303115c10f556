import { describe, expect, it } from 'vitest';
import { whoMayHave } from '../../../src/core/forecast/who.ts';
import { HOUR, plusMs } from '../../../src/core/values/instant.ts';
import type { Rule } from '../../../src/core/rule.ts';
import { anEscalation, aRule, aTargetFact, aWhen, SAM, someTargets, TAYLOR } from '../../support/builders.ts';
import { anAhead, dayOf, loggedIn, PAGED, rowOf, userOf, week, WEEK } from './aheads.ts';

const ROWS = [rowOf(SAM, dayOf(-7), dayOf(14)), rowOf(TAYLOR, dayOf(-7), dayOf(14), 2)];
const BOTH = someTargets({ maxLevel: 2 });
const MONDAYS = { timeZone: 'Etc/UTC', spans: [{ days: ['mon'] as const, from: 8 * 60, until: 9 * 60 }] };
const MONDAY_AT_8 = { from: plusMs(WEEK.from, 8 * HOUR), until: plusMs(WEEK.from, 9 * HOUR) };
const NOTIFIES = { notifies: true, onCall: someTargets({ services: [] }) } as const;

/** Who could have `prodaccess` by these rules beside each other: rule, person, Teleport users, stretches, rules that must agree. */
function found(...rules: readonly Partial<Rule>[]) {
  const named = rules.map((rule, index) => aRule({ name: `rule-${index}`, onCall: BOTH, ...rule }));
  const { people, besides } = whoMayHave('prodaccess', week({ rows: ROWS, policy: { rules: named } }));
  return {
    besides,
    people: people.map(({ rule, user, stretches, ifAlso }) => [rule, user.summary, stretches, ifAlso]),
  };
}

describe('who could be approved for a role', () => {
  it('is told with their users in Teleport, rule, schedules and hours', () => {
    expect(whoMayHave('prodaccess', anAhead()).people).toEqual([
      {
        user: SAM,
        accounts: ['sre-1'],
        rule: 'prod-oncall',
        schedules: ['Payments primary'],
        stretches: [WEEK],
        ifAlso: [],
      },
    ]);
    expect(whoMayHave('another', anAhead())).toEqual({ people: [], besides: [] });
  });

  it('leaves out whom another rule that covers them never approves, and for as long', () => {
    expect(found({}, { onCall: someTargets() }).people).toEqual([
      ['rule-0', 'Sam One', [WEEK], []],
      ['rule-1', 'Sam One', [WEEK], []],
    ]);
    expect(
      found({ onCall: someTargets() }, { ...NOTIFIES, when: { ...aWhen(), hours: MONDAYS } }).people,
    ).toEqual([
      [
        'rule-0',
        'Sam One',
        [
          { from: WEEK.from, until: MONDAY_AT_8.from },
          { from: MONDAY_AT_8.until, until: WEEK.until },
        ],
        [],
      ],
    ]);
    expect(found({}, NOTIFIES).people).toEqual([]);
  });

  it.each<[string, Partial<Rule>]>([
    ['of other things', { when: { ...aWhen(), resources: { kinds: ['db'], names: ['*'] } } }],
    ['that helpers get past', { responders: true }],
    ['by an annotation', { onCall: someTargets({ fromAnnotation: 'services' }) }],
    [
      'by labels, and a map for the rest',
      {
        onCall: someTargets({
          services: [],
          owner: {
            ...{ label: 'owner', ofRole: {}, unowned: 'Desk', settledMs: 0 },
            map: [{ scope: { kinds: ['db'], names: ['*'] }, services: ['Payments API'] }],
          },
        }),
      },
    ],
    ['that may page nobody', { ...NOTIFIES, escalate: anEscalation({ service: null }) }],
    ['that has no page', { ...NOTIFIES, escalate: null }],
    ['for a service that is not known', { onCall: someTargets({ services: [] }) }],
    ['one of whose services is not known', { onCall: someTargets({ services: ['Payments API', 'Gone'] }) }],
    ['of a team that cannot be read', { onCall: someTargets({ unread: { message: '', transient: true } }) }],
  ])('keeps whom another rule may not cover, %s, and names it', (_kind, other) => {
    expect(found({}, other).people).toContainEqual(['rule-0', 'Taylor Two', [WEEK], ['rule-1']]);
  });

  it('keeps whom another rule surely does not cover, and what it does not cover in a leaf cluster', () => {
    const strict = { onCall: someTargets(), when: { ...aWhen(), requesterRoles: ['devs'] } };
    const leaf = { when: { ...aWhen(), resources: { clusters: ['leaf'], kinds: ['*'], names: ['*'] } } };

    expect(found({}, strict).people).toContainEqual(['rule-0', 'Taylor Two', [WEEK], []]);
    expect(found(leaf, { onCall: someTargets() }).people).toContainEqual([
      'rule-0',
      'Taylor Two',
      [WEEK],
      ['rule-1'],
    ]);
    const covering = { onCall: someTargets(), when: { ...aWhen(), requesterRoles: ['sre*'] } };
    expect(found({}, covering).people.map(([, name]) => name)).toEqual(['Sam One', 'Sam One']);
  });

  it.each<[string, Partial<Rule['when']>, readonly string[] | null]>([
    ['unless the other rule is for everybody', {}, null],
    ['and for certain roles', { requesterRoles: ['sres'] }, ['b']],
    ['and for certain traits', { requesterTraits: { team: ['sre'] } }, ['b']],
  ])('keeps whoever is not known in Teleport, %s', (_what, when, ifAlso) => {
    const rules = [
      aRule({ name: 'a', onCall: BOTH }),
      aRule({ name: 'b', onCall: someTargets(), when: aWhen(when) }),
    ];
    const unread = { users: [], unread: 'the service may not list users' };
    const { people, besides } = whoMayHave(
      'prodaccess',
      week({ rows: ROWS, policy: { rules }, teleport: unread }),
    );

    const taylor = { user: TAYLOR, accounts: [], rule: 'a', schedules: ['Payments primary'] };
    expect(people.filter(({ user }) => user === TAYLOR)).toEqual(
      ifAlso === null ? [] : [{ ...taylor, stretches: [WEEK], ifAlso }],
    );
    expect(besides).toEqual([]);
  });

  it.each<[string, readonly (readonly string[])[], readonly string[] | null]>([
    ['leaves out whom it covers by each of their users', [['sres'], ['sres', 'devs']], null],
    ['keeps whom it covers by one of their users', [['sres'], ['devs']], ['b']],
    ['keeps whom it covers by none', [['devs'], ['guests']], []],
  ])('beside a rule for certain roles that never approves them, %s', (_what, roles, ifAlso) => {
    const users = roles.map((held, index) => userOf(2, { name: `taylor-${index}`, roles: held }));
    const rules = [
      aRule({ name: 'a', onCall: BOTH }),
      aRule({ name: 'b', onCall: someTargets(), when: aWhen({ requesterRoles: ['sres'] }) }),
    ];
    const { people } = whoMayHave('prodaccess', week({ rows: ROWS, policy: { rules }, teleport: { users } }));

    expect(people.flatMap((each) => (each.user === TAYLOR ? [each.ifAlso] : []))).toEqual(
      ifAlso === null ? [] : [ifAlso],
    );
  });

  it('keeps whom another rule covers perhaps, as their record and their last login differ', () => {
    const rules = [
      aRule({ name: 'a', onCall: BOTH }),
      aRule({ name: 'b', onCall: someTargets(), when: aWhen({ requesterRoles: ['devs'] }) }),
    ];
    const teleport = { users: [userOf(2)], ...loggedIn(userOf(2, { roles: ['sres', 'devs'] })) };
    const { people } = whoMayHave('prodaccess', week({ rows: ROWS, policy: { rules }, teleport }));

    expect(people).toMatchObject([{ user: TAYLOR, rule: 'a', ifAlso: ['b'] }]);
  });

  it('leaves out whom a rule by several targets never approves', () => {
    const schedule = aTargetFact({ kind: 'schedule', asked: 'Night', id: 'PNIGHT1', policy: null });
    const policy = aTargetFact({ kind: 'escalation policy', asked: 'Search', id: 'PPOLCY2', policy: null });
    const targets = [aTargetFact(), PAGED, schedule, policy];
    for (const onCall of [{ schedules: ['Night'] }, { escalationPolicies: ['Search'] }]) {
      const rules = [aRule({ name: 'a', onCall: BOTH }), aRule({ name: 'b', onCall: someTargets(onCall) })];
      const { people } = whoMayHave('prodaccess', week({ rows: ROWS, targets, policy: { rules } }));

      expect(people.map(({ user }) => user)).toEqual([SAM, SAM]);
    }
  });

  it('is nobody by broken glass, nor by a rule that asks people, whatever else those say', () => {
    const both = ['Sam One', 'Taylor Two'].map((name) => ['rule-0', name, [WEEK], []]);
    const asking: Partial<Rule> = { notifies: true, onCall: BOTH };
    const unread = { services: ['Gone'], fromAnnotation: null };

    expect(found({}, { breakGlass: true, onCall: BOTH }).people).toEqual(both);
    expect(found(asking)).toEqual({ people: [], besides: [] });
    expect(found({}, asking).people).toEqual([]);
    expect(found({ ...asking, responders: true, onCall: { ...BOTH, ...unread } })).toEqual({
      people: [],
      besides: [],
    });
    expect(found({ ...asking, escalate: anEscalation({ service: 'Gone' }) }).besides).toEqual([]);
  });

  it('is told with no schedules but their own, under what the rule names', () => {
    const schedule = (name: string) => ({ schedule: { id: name, summary: name } });
    const elsewhere = { id: 'PPOLCY9', summary: 'Other', services: [] };
    const rows = [
      rowOf(SAM, dayOf(-7), dayOf(14)),
      { ...rowOf(SAM, dayOf(-7), dayOf(14)), ...schedule('Other'), escalation_policy: elsewhere },
      { ...rowOf(TAYLOR, dayOf(-7), dayOf(14)), ...schedule('Taylors') },
    ];
    const night = aTargetFact({ kind: 'schedule', asked: 'Night', id: 'PNIGHT1', policy: null });
    const ahead = week({
      ...{ rows, targets: [aTargetFact(), PAGED, night] },
      rule: { onCall: someTargets({ schedules: ['Night'] }) },
    });

    expect(whoMayHave('prodaccess', ahead).people.map(({ user, schedules }) => [user, schedules])).toEqual([
      [SAM, ['Payments primary']],
      [TAYLOR, ['Taylors']],
    ]);
  });

  it('is whoever is on call for an owner that the rule names, by the role or by a map', () => {
    const owner = {
      map: [{ scope: { kinds: ['db'], names: ['*'] }, services: ['Payments API'] }],
      ofRole: {},
      unowned: 'Access requests',
      settledMs: 0,
    };
    const onCall = someTargets({ services: [], owner });

    expect(found({ onCall }).people).toEqual([['rule-0', 'Sam One', [WEEK], []]]);
  });

  it('also names those of whom nobody can say ahead who they are', () => {
    const owner = { label: 'owner', map: [], ofRole: {}, unowned: 'Access requests', settledMs: 0 };
    const { besides } = found(
      { responders: true },
      { onCall: someTargets({ fromAnnotation: 'services' }) },
      { onCall: someTargets({ services: [], owner }) },
      { breakGlass: true },
      NOTIFIES,
      { mode: 'shadow', responders: true },
      { onCall: someTargets({ services: ['Gone'] }) },
    );

    expect(besides).toEqual([
      { rule: 'rule-0', who: 'helpers' },
      { rule: 'rule-1', who: 'annotated' },
      { rule: 'rule-2', who: 'labelled' },
      { rule: 'rule-3', who: 'break-glass' },
      { rule: 'rule-6', who: 'not-known' },
    ]);
  });

  it('by no schedule is named in the policy', () => {
    const row = { ...rowOf(SAM, null, null), schedule: null };
    const ahead = week({ rows: [row], rule: { onCall: someTargets({ permanent: true }) } });

    expect(whoMayHave('prodaccess', ahead).people).toMatchObject([{ schedules: [], stretches: [WEEK] }]);
  });
});
