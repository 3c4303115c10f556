import { describe, expect, it } from 'vitest';
import { onCallAhead } from '../../../src/core/forecast/on-call-ahead.ts';
import { MINUTE, plusMs, SECOND } from '../../../src/core/values/instant.ts';
import type { OnCallTargets, Rule } from '../../../src/core/rule.ts';
import { forecast, type Ahead } from '../../../src/core/forecast/forecast.ts';
import {
  anEscalation,
  aPolicy,
  aRule,
  aTargetFact,
  aWhen,
  PAYMENTS_API,
  SAM,
  someTargets,
  TAYLOR,
} from '../../support/builders.ts';
import {
  anAhead,
  asks,
  dayOf,
  lock,
  loggedIn,
  only,
  PAGED,
  ROBIN,
  rowOf,
  told,
  userOf,
  week,
  WEEK,
} from './aheads.ts';

it('takes a shift that was seen while the rota was read for one that was there when the window began', () => {
  const row = rowOf(SAM, dayOf(-7), dayOf(14));
  const { user, schedule, start, end } = row;
  const about = {
    target: { kind: 'service', id: PAYMENTS_API.id },
    user,
    level: 1,
    schedule,
    start,
    end,
  } as const;
  const seen = plusMs(WEEK.from, SECOND);
  const { rota } = anAhead();
  const sightings = [{ ...about, firstSeen: seen, since: seen, by: 'sighting' as const }];
  const from = (rule: Partial<Rule>) =>
    onCallAhead(aRule(rule), { ...rota, sightings }).flatMap(({ counted }) => counted)[0]?.from;

  expect(from({ onCall: someTargets({ minShiftAgeMs: 10 * MINUTE }) })).toBe(plusMs(WEEK.from, 10 * MINUTE));
});

it('keeps the grace after a shift whole, whatever else of theirs begins or ends in it', () => {
  const { rota } = anAhead();
  const end = dayOf(1);
  const rows = [rowOf(SAM, dayOf(-7), end), rowOf(SAM, plusMs(end, 5 * MINUTE), plusMs(end, 10 * MINUTE), 2)];
  const onCall = someTargets({ minShiftAgeMs: 0, graceAfterShiftMs: 15 * MINUTE });

  expect(onCallAhead(aRule({ onCall }), { ...rota, rows })).toMatchObject([
    { counted: [{ from: WEEK.from, until: plusMs(end, 15 * MINUTE) }] },
  ]);
});

const BEHIND = rowOf(TAYLOR, dayOf(-7), dayOf(14), 2);
const byAnnotation = anEscalation({ service: null, fromAnnotation: 'x' });
const NOBODY = someTargets({ services: [] });
const by = (targets: Partial<OnCallTargets>, way: 'note' | 'teleport') => ({
  onCall: someTargets(targets),
  answerBy: [way],
});
const ON_DAYS = [rowOf(SAM, dayOf(-1), dayOf(1)), rowOf(TAYLOR, dayOf(-1), dayOf(1), 2)];
const MONDAYS = { timeZone: 'Etc/UTC', spans: [{ days: ['mon'] as const, from: 8 * 60, until: 9 * 60 }] };
const TRAIT = { kind: 'trait', trait: 'email' } as const;
const ELSEWHERE = { id: 'POTHER1', summary: 'Other', services: [PAYMENTS_API] };
const AS_ONE = [
  rowOf(SAM, dayOf(-1), dayOf(9)),
  { ...BEHIND, escalation_policy: ELSEWHERE },
  rowOf(ROBIN, dayOf(-1), dayOf(9), 3),
];
const [sam, taylor] = [userOf(1), userOf(2)];
const people = (...users: readonly ReturnType<typeof userOf>[]) => ({ users });
const localSam = userOf(1, { sso: false });
const map = (users: Record<string, string>) => ({ kind: 'map', users }) as const;

const DESK = aTargetFact({ asked: 'Desk', id: 'PSERVC2', name: 'Desk' });
/** A page to one service, and instead of it to another. */
const twoDesks = (...more: readonly [object, object]) =>
  week({
    rule: { escalate: anEscalation({ instead: ['Desk'] }) },
    targets: [aTargetFact(), { ...PAGED, ...more[0] }, { ...DESK, ...more[1] }],
  });

describe('the forecast of a rule', () => {
  it('tells that nobody is paged where none of its services can page', () => {
    expect(told(twoDesks({ disabled: true }, { disabled: true })).map(([code]) => code)).toEqual([
      'service-disabled',
    ]);
  });

  it('tells of a page whom it reaches alone, by the policy of its own service, and when', () => {
    const turns = [rowOf(SAM, dayOf(-1), dayOf(3)), rowOf(ROBIN, dayOf(3), dayOf(9))];
    const pages = (...more: Parameters<typeof week>) =>
      only(week(...more)).foreseen.map(({ code, people, stretches }) => [code, people, stretches]);

    expect(pages({ rows: turns, rule: { onCall: someTargets({ minShiftAgeMs: 0 }) } })).toEqual([
      ['page-reaches-requester', [SAM], [{ from: WEEK.from, until: dayOf(3) }]],
      ['page-reaches-requester', [ROBIN], [{ from: dayOf(3), until: WEEK.until }]],
    ]);
    expect(pages({ targets: [aTargetFact(), { ...PAGED, id: 'PSERVC9' }] })).toEqual([
      ['page-reaches-nobody', [], [WEEK]],
    ]);
  });

  it('names whom it would refuse, and as approvable nobody else than who could be approved', () => {
    const rows = [rowOf(SAM, dayOf(-1), dayOf(3)), rowOf(ROBIN, dayOf(3), dayOf(9)), BEHIND];
    const { approvable, foreseen } = only(week({ rows, teleport: lock('sre-1') }));

    expect(approvable.map(({ user }) => user)).toEqual([ROBIN]);
    expect(foreseen.find(({ code }) => code === 'all-refused')?.people).toEqual([SAM]);
  });

  it('tells who could be approved when, and nothing else where nothing will go wrong', () => {
    const approvable = [{ user: SAM, stretches: [WEEK] }];

    expect(only(anAhead())).toEqual({
      rule: 'prod-oncall',
      mode: 'enforce',
      present: approvable,
      approvable,
      foreseen: [],
    });
  });

  it('is told for each rule, in shadow or not', () => {
    const policy = aPolicy({ rules: [aRule(), aRule({ name: 'tried', mode: 'shadow' })] });

    expect(forecast(anAhead({ people: { policy } })).map(({ rule, mode }) => [rule, mode])).toEqual([
      ['prod-oncall', 'enforce'],
      ['tried', 'shadow'],
    ]);
  });

  it.each<[string, Ahead]>([
    ['a rule paging nobody', week({ rule: { escalate: null }, rows: [rowOf(SAM, dayOf(-7), dayOf(14))] })],
    ['a page where the request says', week({ rule: { escalate: byAnnotation } })],
    ['a page that goes elsewhere where it cannot be opened', twoDesks({ disabled: true }, {})],
    ['broken glass', week({ rule: { breakGlass: true, onCall: NOBODY } })],
    [
      'people asked for every request',
      week({ rule: { notifies: true, onCall: NOBODY, approvers: by({ maxLevel: 2 }, 'note') } }),
    ],
    ['hours in which it does not hold', week({ rule: { when: aWhen({ hours: MONDAYS }) }, rows: ON_DAYS })],
    ['a lock on somebody else', week({ teleport: lock('sre-2') })],
    ['a lock on another role', week({ teleport: lock('', { role: 'guests' }) })],
    [
      'a bot with the address',
      week({ teleport: people(sam, taylor, userOf(1, { name: 'bot-1', bot: true })) }),
    ],
    [
      'a user whom a map binds to another',
      week({
        policy: { identities: [map({ twin: 'PROB3RE' }), TRAIT] },
        teleport: { users: [sam, taylor, userOf(1, { name: 'twin' })] },
      }),
    ],
    [
      'a map, whatever the address, of a local user too',
      week({
        policy: { identities: [map({ boss: SAM.id })] },
        teleport: { users: [userOf(7, { name: 'boss', sso: false })] },
      }),
    ],
    [
      'a user name that is the address',
      week({
        policy: { identities: [{ kind: 'username-is-email' }] },
        teleport: { users: [userOf(1, { name: 'SRE-1@example.com', traits: {} })] },
      }),
    ],
    ['local users', week({ policy: { requireSso: false }, teleport: people(localSam, taylor) })],
    [
      'a local user whom the rule names',
      week({ rule: { localUsers: ['sre-1'] }, teleport: people(localSam, taylor) }),
    ],
    ['a login state alone', week({ teleport: { users: [taylor], ...loggedIn(sam) } })],
    ['a role by two patterns', week({ rule: { roles: ['prod-*'] }, teleport: asks(['*-db']) })],
    ['a role by regular expression', week({ teleport: asks(['^prod.*$']) })],
    ['a role by a pattern of the rule', week({ rule: { roles: ['prod*'] } })],
    ['a role by a pattern of the role', week({ teleport: asks(['prod*']) })],
    [
      'one of two roles',
      week({
        rule: { roles: ['other', 'prodaccess'] },
        teleport: asks(['prodaccess'], { denied: ['other'] }),
      }),
    ],
    ['what claims let them ask', week({ teleport: { ...loggedIn(sam), ...asks([], { byClaims: true }) } })],
    ['a role not to be read', week({ teleport: { ...loggedIn(sam), rights: new Map([['sres', null]]) } })],
    ['a role that was not asked for', week({ teleport: { ...loggedIn(sam), rights: new Map() } })],
    ['what the next login may bring', week({ teleport: asks([]) })],
    [
      'approvers of whom some are not known',
      week({ rule: { approvers: by({ services: ['Payments API', 'Gone'], maxLevel: 0 }, 'note') } }),
    ],
    [
      'approvers by annotation',
      week({ rule: { approvers: by({ maxLevel: 0, fromAnnotation: 'x' }, 'note') } }),
    ],
    ['answers in Teleport', week({ rule: { approvers: by({ maxLevel: 0 }, 'teleport') } })],
    [
      'one of the approvers on the page',
      week({ rule: { approvers: by({ maxLevel: 2 }, 'note') }, rows: AS_ONE }),
    ],
  ])('finds nothing wrong with %s', (_what, ahead) => {
    expect(told(ahead)).toEqual([]);
  });

  it.each([
    [
      'a team that is not known',
      someTargets({ services: [], unread: { message: 'team T is away', transient: true } }),
      'team T is away',
    ],
    [
      'owners',
      someTargets({ services: [], owner: { map: [], ofRole: {}, unowned: 'Desk', settledMs: 0 } }),
      'whose it is each request tells',
    ],
  ])('cannot tell of %s', (_what, onCall, why) => {
    const foreseen = forecast(week({ rule: { onCall } })).flatMap((each) => each.foreseen);
    expect(foreseen.map(({ code, text }) => ({ code, text }))).toContainEqual({
      code: 'not-known',
      text: expect.stringContaining(why) as string,
    });
  });
});
