import { describe, expect, it } from 'vitest';
import type { Sheet } from '../../src/core/roster/sheet.ts';
import type { TeleportUser } from '../../src/core/identity.ts';
import { DAY, MINUTE, plusMs } from '../../src/core/values/instant.ts';
import type { Ask, Span } from '../../src/ports/pagerduty.ts';
import { TeleportError, type LoginState, type TeleportErrorKind } from '../../src/ports/teleport.ts';
import { readAhead, type Foresight } from '../../src/review/facts/read-ahead.ts';
import {
  aCause,
  anOnCallRow,
  aPolicy,
  aRule,
  aTargetFact,
  aTeleportUser,
  NOW,
  SAM,
  someTargets,
  TAYLOR,
} from '../support/builders.ts';

const WEEK = { from: NOW, until: plusMs(NOW, 7 * DAY) };
const signal = new AbortController().signal;
const SAM_HERE = { id: SAM.id, name: SAM.summary, email: 'sre-1@example.com' };
const TAYLOR_HERE = { id: TAYLOR.id, name: TAYLOR.summary, email: 'sre-2@example.com' };
const LOGIN: LoginState = {
  effective: { roles: ['sres'], traits: {} },
  fromLists: { roles: [], traits: {} },
};
const MAY = { roles: ['prodaccess'], denied: [], byClaims: false };

interface There {
  readonly sheet?: Partial<Sheet>;
  readonly policy?: Foresight['policy'];
  readonly users?: readonly TeleportUser[];
  readonly logins?: Readonly<Record<string, LoginState>>;
  /** What Teleport does not do, and why. */
  readonly refused?: Partial<
    Record<'search' | 'user' | 'loginStates' | 'loginState' | 'rights' | 'locks', TeleportErrorKind>
  >;
}

/** Looks a week ahead; gives what was found, and what was asked for by name. */
async function look({
  sheet = {},
  policy = aPolicy(),
  users = [aTeleportUser()],
  logins = {},
  refused = {},
}: There = {}) {
  const asked = {
    spans: [] as Span[],
    asks: [] as Ask[],
    services: [] as string[],
    ids: [] as string[],
    names: [] as string[],
    roles: [] as string[],
  };
  const answer = <T>(what: keyof typeof refused, value: () => T): Promise<T> => {
    const kind = refused[what];
    if (kind !== undefined)
      return Promise.reject(new TeleportError(kind, `${what}: ${kind}`, { transient: false }));
    return Promise.resolve(value());
  };
  const named = <T>(what: 'user' | 'loginState', name: string, value: T | undefined): Promise<T> => {
    asked.names.push(`${what} ${name}`);
    if (refused[what] === undefined && value === undefined)
      return Promise.reject(new TeleportError('not-found', name, { transient: false }));
    return answer(what, () => value as T);
  };
  const foresight: Foresight = {
    policy,
    directory: {
      user(id: string) {
        asked.ids.push(id);
        return Promise.resolve(id === TAYLOR.id ? TAYLOR_HERE : null);
      },
    },
    ownership: { reading: () => undefined },
    roster: {
      during(_targets, span, ask) {
        asked.spans.push(span);
        asked.asks.push(ask);
        return Promise.resolve({
          ...{ at: NOW, targets: [aTargetFact()], rows: [anOnCallRow()], broken: [], sightings: [] },
          ...{ people: new Map([[SAM.id, SAM_HERE]]), ...sheet },
        });
      },
    },
    users: {
      user: (name) =>
        named(
          'user',
          name,
          users.find((user) => user.name === name),
        ),
      loginState: (name) => named('loginState', name, logins[name] ?? (name in logins ? undefined : null)),
      search: (matches) => answer('search', () => users.filter(matches)),
    },
    pagerDuty: {
      maintenance(ids) {
        asked.services.push(...ids);
        return Promise.resolve(new Map([['PSERVC1', [WEEK]]]));
      },
      escalation: () => Promise.resolve(null),
    },
    teleport: {
      loginStates: () => answer('loginStates', () => new Map(Object.entries(logins))),
      requestRights(role) {
        asked.roles.push(role);
        return answer('rights', () => MAY);
      },
      locks: () => answer('locks', () => [{ user: 'sre-1', role: '', expires: null }]),
    },
  };
  const ahead = await readAhead(foresight, WEEK, signal);
  return { asked, ahead, teleport: ahead.people.teleport };
}

const NO_LISTS = { search: 'denied', loginStates: 'unsupported' } as const;
const NO_NAMES = { user: 'denied', loginState: 'denied' } as const;
const LACKS_BOTH = 'the service may not read user and user_login_state in Teleport';
const MAPPED = aPolicy({ identities: [{ kind: 'map', users: { 'sre-1': SAM.id } }] });

describe('what a forecast goes by', () => {
  it('is the rota as the rules look at it, from a little before on, and what is known of everybody in it', async () => {
    const { asked, ahead, teleport } = await look({ logins: { 'sre-1': LOGIN } });

    expect(asked.spans).toEqual([{ from: plusMs(NOW, -10 * MINUTE), until: WEEK.until }]);
    expect(asked.asks).toMatchObject([{ priority: 'background' }]);
    expect(asked.services).toEqual(['PSERVC1']);
    expect(ahead).toMatchObject({
      rota: { window: WEEK, targets: [aTargetFact()], rows: [anOnCallRow()] },
      people: { pagerDuty: [SAM_HERE] },
      maintenance: new Map([['PSERVC1', [WEEK]]]),
    });
    expect(teleport).toEqual({
      users: [aTeleportUser()],
      logins: new Map([['sre-1', { state: 'known', ...LOGIN }]]),
      unread: null,
      rights: new Map([['sres', MAY]]),
      locks: [{ user: 'sre-1', role: '', expires: null }],
    });
    expect([asked.names, asked.roles, asked.ids]).toEqual([[], ['sres'], []]);
  });

  it('asks once for whom the rota gives without an address, and goes without who is deleted', async () => {
    const users = [SAM, TAYLOR, TAYLOR, { id: 'PGONE', summary: '' }];
    const { asked, ahead } = await look({ sheet: { rows: users.map((user) => anOnCallRow({ user })) } });

    expect(asked.ids).toEqual([TAYLOR.id, 'PGONE']);
    expect(ahead.people.pagerDuty).toEqual([SAM_HERE, TAYLOR_HERE]);
  });

  it('asks once for the maintenance of services alone', async () => {
    const schedule = aTargetFact({ kind: 'schedule', asked: 'Primary', id: 'PSCHED1' });
    const again = aTargetFact({ asked: 'PSERVC1' });
    const gone = {
      kind: 'service',
      asked: 'Gone',
      state: 'unknown',
      cause: aCause({ transient: false }),
    } as const;
    const { asked } = await look({ sheet: { targets: [aTargetFact(), schedule, again, gone] } });

    expect(asked.services).toEqual(['PSERVC1']);
  });

  it.each<[string, Partial<Sheet>, string]>([
    [
      'a target',
      { targets: [{ kind: 'service', asked: 'A', state: 'unknown', cause: aCause() }] },
      'PagerDuty answers 503',
    ],
    ['a row', { broken: [{ policyId: null, scheduleId: null, userId: null, why: 'no time' }] }, 'no time'],
  ])('is nothing where %s could not be read', async (_what, sheet, why) => {
    await expect(look({ sheet })).rejects.toMatchObject({
      ...{ kind: 'malformed', transient: true },
      message: `the rotas could not be read in full: ${why}`,
    });
  });
});

describe('Teleport’s people in a forecast', () => {
  const BY_NAME = aPolicy({
    identities: [{ kind: 'username-is-email' }, { kind: 'map', users: { kim: SAM.id, lee: 'PELSE' } }],
  });
  const noRole = aTeleportUser({ name: 'sre-1@example.com', traits: {} });

  it('are asked for one by one, under every name that they may have, where they cannot be listed', async () => {
    const there = { policy: BY_NAME, users: [noRole], logins: { kim: LOGIN }, refused: NO_LISTS };
    const { asked, teleport } = await look(there);

    expect(asked.names.toSorted()).toEqual([
      'loginState kim',
      'loginState sre-1@example.com',
      'user kim',
      'user sre-1@example.com',
    ]);
    expect(teleport).toMatchObject({ users: [noRole], unread: null });
    expect([...teleport.logins]).toEqual([['kim', { state: 'known', ...LOGIN }]]);
  });

  it('are asked for by a map alone where addresses are no names', async () => {
    expect((await look({ policy: MAPPED, refused: NO_LISTS })).asked.names.toSorted()).toEqual([
      'loginState sre-1',
      'user sre-1',
    ]);
  });

  const lacks = (what: string) => `the service may not ${what} in Teleport`;
  it.each<[string, There, string | null]>([
    ['all is there', {}, null],
    ['one by one is enough for a map', { policy: MAPPED, refused: NO_LISTS }, null],
    ['users of a trait must be listed', { refused: { search: 'denied' } }, lacks('list and read user')],
    ['and so their logins', { refused: { loginStates: 'denied' } }, lacks('list and read user_login_state')],
    ['nothing may be read', { policy: MAPPED, refused: { ...NO_LISTS, ...NO_NAMES } }, LACKS_BOTH],
    [
      'it has no logins yet',
      { policy: MAPPED, refused: { ...NO_LISTS, loginState: 'unsupported' } },
      lacks('read user_login_state'),
    ],
  ])('lack nobody, or it is said why: %s', async (_what, there, unread) => {
    expect((await look(there)).teleport.unread).toBe(unread);
  });

  it.each(['denied', 'unsupported', 'not-found'] as const)(
    'may have roles that cannot be read: %s',
    async (kind) => {
      expect((await look({ refused: { rights: kind } })).teleport.rights).toEqual(new Map([['sres', null]]));
    },
  );

  it('are taken for unlocked where locks cannot be read', async () => {
    expect((await look({ refused: { locks: 'denied' } })).teleport.locks).toEqual([]);
  });

  it.each<There['refused'] & object>([
    { locks: 'not-found' },
    { locks: 'unavailable' },
    { search: 'unavailable' },
    { loginStates: 'timeout' },
    { rights: 'unavailable' },
    { search: 'denied', user: 'unavailable' },
  ])('are not told of at all where Teleport does not answer: %o', async (refused) => {
    await expect(look({ refused })).rejects.toThrow(TeleportError);
  });

  it('are asked about the roles that they may have once each, and only those who are in the rota', async () => {
    const users = [
      aTeleportUser({ roles: ['sres', 'devs'] }),
      aTeleportUser({ name: 'twin', roles: ['sres'] }),
      aTeleportUser({ name: 'stranger', roles: ['others'], traits: { email: ['else@example.com'] } }),
    ];
    const policy = aPolicy({ rules: [aRule({ onCall: someTargets({ graceAfterShiftMs: 30 * MINUTE }) })] });
    const { asked } = await look({ users, policy });

    expect(asked.roles.toSorted()).toEqual(['devs', 'sres']);
    expect(asked.spans[0]?.from).toBe(plusMs(NOW, -30 * MINUTE));
  });
});
