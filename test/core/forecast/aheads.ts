import type { Ahead } from '../../../src/core/forecast/forecast.ts';
import { forecast, type RuleAhead } from '../../../src/core/forecast/forecast.ts';
import type { Stretch } from '../../../src/core/forecast/stretch.ts';
import type { OnCallRow } from '../../../src/core/on-call.ts';
import type { Policy, Rule } from '../../../src/core/rule.ts';
import type { PagerDutyUser, TeleportUser } from '../../../src/core/identity.ts';
import { DAY, HOUR, plusMs, type Instant } from '../../../src/core/values/instant.ts';
import type { RequestRights, TeleportPeople } from '../../../src/core/forecast/accounts.ts';
import type { LockFact } from '../../../src/core/locks.ts';
import {
  anOnCallRow,
  aPolicy,
  aRule,
  aTargetFact,
  aTeleportUser,
  at,
  PAYMENTS,
  PAYMENTS_API,
  SAM,
  TAYLOR,
} from '../../support/builders.ts';

/** A week of the story, from its Monday on. */
export const WEEK: Stretch = { from: at('2026-03-02T00:00:00Z'), until: at('2026-03-09T00:00:00Z') };
export const ROBIN = { id: 'PROB3RE', summary: 'Robin Three' };
const PEOPLE: readonly PagerDutyUser[] = [
  { id: SAM.id, name: SAM.summary, email: 'sre-1@example.com' },
  { id: TAYLOR.id, name: TAYLOR.summary, email: 'sre-2@example.com' },
  { id: ROBIN.id, name: ROBIN.summary, email: 'sre-3@example.com' },
];
const MAY_REQUEST = { roles: ['prodaccess'], denied: [], byClaims: false };

export function userOf(number: number, overrides: Partial<TeleportUser> = {}): TeleportUser {
  return aTeleportUser({
    name: `sre-${number}`,
    traits: { email: [`sre-${number}@example.com`] },
    ...overrides,
  });
}

function teleportWith(overrides: Partial<TeleportPeople> = {}): TeleportPeople {
  return {
    users: [userOf(1), userOf(2), userOf(3)],
    logins: new Map(),
    unread: null,
    rights: new Map([['sres', MAY_REQUEST]]),
    locks: [],
    ...overrides,
  };
}

/** The service that is paged uses the same policy, as in the story. */
export const PAGED = aTargetFact({ asked: 'Access requests', id: 'PSERVC2', name: 'Access requests' });
const USING = { ...PAYMENTS, services: [PAYMENTS_API, { id: 'PSERVC2', summary: 'Access requests' }] };

export function rowOf(user: typeof SAM, from: Instant | null, until: Instant | null, level = 1) {
  return anOnCallRow({ user, escalation_policy: USING, escalation_level: level, start: from, end: until });
}

export function dayOf(number: number): Instant {
  return plusMs(WEEK.from, number * DAY);
}

/** Sam has the week, Taylor is behind her: nothing goes wrong unless something is changed. */
export function anAhead(
  overrides: { rota?: Partial<Ahead['rota']>; people?: Partial<Ahead['people']> } & Partial<
    Pick<Ahead, 'maintenance'>
  > = {},
): Ahead {
  const rows = [rowOf(SAM, dayOf(-7), dayOf(14)), rowOf(TAYLOR, dayOf(-7), dayOf(14), 2)];
  return {
    rota: { window: WEEK, targets: [aTargetFact(), PAGED], rows, sightings: [], ...overrides.rota },
    people: { policy: aPolicy(), pagerDuty: PEOPLE, teleport: teleportWith(), ...overrides.people },
    maintenance: overrides.maintenance ?? new Map(),
  };
}

/** What is told of the only rule, without the times behind the words. */
export function told(ahead: Ahead): readonly [string, string, string][] {
  return only(ahead).foreseen.map(({ code, text, remedy }) => [code, text, remedy]);
}

export function only(ahead: Ahead): RuleAhead {
  const [first] = forecast(ahead);
  if (first === undefined) throw new RangeError('there is no rule');
  return first;
}

/** The story's week, otherwise. */
export function week({
  rows,
  targets,
  rule = {},
  policy = {},
  teleport = {},
  pagerDuty = PEOPLE,
  maintenance = new Map(),
}: {
  rows?: readonly OnCallRow[];
  targets?: Ahead['rota']['targets'];
  rule?: Partial<Rule>;
  policy?: Partial<Policy>;
  teleport?: Partial<TeleportPeople>;
  pagerDuty?: readonly PagerDutyUser[];
  maintenance?: Ahead['maintenance'];
}): Ahead {
  const whole = aPolicy({ rules: [aRule(rule)], ...policy });
  return anAhead({
    rota: { ...(rows === undefined ? {} : { rows }), ...(targets === undefined ? {} : { targets }) },
    people: { policy: whole, teleport: teleportWith(teleport), pagerDuty },
    maintenance,
  });
}

/** The role `sres` allows to ask for these, and for nothing else. */
export function asks(
  roles: readonly string[],
  more: Partial<RequestRights> = {},
): Pick<TeleportPeople, 'rights'> {
  return { rights: new Map([['sres', { roles, denied: [], byClaims: false, ...more }]]) };
}

/** They have logged in, and Access Lists grant them nothing. */
export function loggedIn(...users: readonly TeleportUser[]): Pick<TeleportPeople, 'logins'> {
  const state = (effective: TeleportUser) =>
    ({ state: 'known', effective, fromLists: { roles: [], traits: {} } }) as const;
  return { logins: new Map(users.map((user) => [user.name, state(user)])) };
}

export function lock(user: string, more: Partial<LockFact> = {}): Pick<TeleportPeople, 'locks'> {
  return { locks: [{ user, role: '', expires: null, ...more }] };
}

/** An hour at the end of each day. */
export function hourly(user: typeof SAM, days: readonly number[]): readonly OnCallRow[] {
  return days.map((day) => rowOf(user, plusMs(dayOf(day), -HOUR), dayOf(day)));
}
