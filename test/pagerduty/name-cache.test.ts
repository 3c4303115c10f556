import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { cacheNames } from '../../src/pagerduty/name-cache.ts';
import { PagerDutyError, type Ask, type OnCallDirectory, type Service } from '../../src/ports/pagerduty.ts';
import { anAsk, failureOf } from './subjects.ts';

const SERVICE: Service = {
  id: 'PSERVC1',
  summary: 'Payments API',
  status: 'active',
  escalationPolicy: { id: 'PPOLCY1', summary: 'Payments' },
};
const SAM = { id: 'PSAM1RE', name: 'Sam One', email: 'sre-1@example.com' };

/** A directory whose answers the test gives by hand, and which counts the questions. */
function aDirectory(overrides: Partial<OnCallDirectory> = {}) {
  const asked: string[] = [];
  const answer =
    <T>(what: string, value: T) =>
    async (question: string, ask: Ask): Promise<T> => {
      asked.push(`${what} ${question}`);
      ask.onRead?.();
      return await Promise.resolve(value);
    };
  const directory: OnCallDirectory = {
    usersByEmail: answer('usersByEmail', [SAM]),
    user: answer('user', SAM),
    onCallsOf: (userId, _span, ask) =>
      answer('onCallsOf', { at: '2026-03-03T02:14:07.000Z' as never, rows: [] })(userId, ask),
    onCallsUnder: answer('onCallsUnder', { at: '2026-03-03T02:14:07.000Z' as never, rows: [] }),
    shiftsOf: ({ id }, _span, ask) =>
      answer('shiftsOf', { at: '2026-03-03T02:14:07.000Z' as never, rows: [] })(id, ask),
    service: answer('service', SERVICE),
    escalationPolicy: answer('escalationPolicy', SERVICE.escalationPolicy),
    schedule: answer('schedule', {
      id: 'PSCHED1',
      summary: 'Payments primary',
      kind: 'layers',
      attached: true,
    } as const),
    ...overrides,
  };
  return { asked, directory };
}

describe('the name cache', () => {
  it('asks once for what it was asked twice within its time, and again after it', async () => {
    const { asked, directory } = aDirectory();
    let now = 5_000;
    const cached = cacheNames(directory, { now: () => now, ttlMs: 60_000 });
    const ask = anAsk();

    for (const moment of [5_000, 34_999, 65_000]) {
      now = moment;
      expect(await cached.service('Payments API', ask)).toEqual(SERVICE);
      await cached.escalationPolicy('Payments', ask);
      await cached.schedule('Payments primary', ask);
      await cached.usersByEmail('sre-1@example.com', ask);
    }

    expect(asked).toHaveLength(8);
    expect(ask.reads()).toBe(8);
  });

  it("gives an answer past half its time once more while it is asked for again, on nobody's account", async () => {
    const { asked, directory } = aDirectory();
    let now = 0;
    const cached = cacheNames(directory, { now: () => now, ttlMs: 60_000 });
    const ask = anAsk();

    for (const moment of [0, 30_000, 80_000]) {
      now = moment;
      await cached.service('Payments API', ask);
      await immediate();
    }

    expect(asked).toHaveLength(3);
    expect(ask.reads()).toBe(1);
  });

  it('forgets everything when the clock is set back', async () => {
    const { asked, directory } = aDirectory();
    let now = 5_000;
    const cached = cacheNames(directory, { now: () => now });

    await cached.service('Payments API', anAsk());
    now = 4_999;
    await cached.service('Payments API', anAsk());

    expect(asked).toHaveLength(2);
  });

  it('asks who is on call every time', async () => {
    const { asked, directory } = aDirectory();
    const cached = cacheNames(directory, { now: () => 0 });

    await cached.onCallsOf('PSAM1RE', null, anAsk());
    await cached.onCallsOf('PSAM1RE', null, anAsk());

    expect(asked).toEqual(['onCallsOf PSAM1RE', 'onCallsOf PSAM1RE']);
  });

  it('takes e-mail addresses in any case for one', async () => {
    const { asked, directory } = aDirectory();
    const cached = cacheNames(directory, { now: () => 0 });

    await cached.usersByEmail('SRE-1@example.com', anAsk());
    await cached.usersByEmail('sre-1@Example.com', anAsk());

    expect(asked).toHaveLength(1);
  });

  it('takes what looks like an id and the same in small letters for two questions', async () => {
    const { asked, directory } = aDirectory();
    const cached = cacheNames(directory, { now: () => 0 });

    await cached.service('pserv01', anAsk());
    await cached.service('PSERV01', anAsk());

    expect(asked).toEqual(['service pserv01', 'service PSERV01']);
  });

  it.each([[[]], [[SAM, { ...SAM, id: 'PSAM2RE' }]]])(
    'keeps no user when there is not exactly one',
    async (users) => {
      let asked = 0;
      const { directory } = aDirectory({
        usersByEmail: async () => {
          asked += 1;
          return await Promise.resolve(users);
        },
      });
      const cached = cacheNames(directory, { now: () => 0 });

      await cached.usersByEmail('sre-1@example.com', anAsk());
      await cached.usersByEmail('sre-1@example.com', anAsk());

      expect(asked).toBe(2);
    },
  );

  it('keeps no failure', async () => {
    const failure = new PagerDutyError('not-found', 'no such service', { transient: false });
    const answers = [Promise.reject(failure), Promise.resolve(SERVICE)];
    const { directory } = aDirectory({
      service: async () => await (answers.shift() ?? Promise.reject(failure)),
    });
    const cached = cacheNames(directory, { now: () => 0 });

    expect(await failureOf(cached.service('Payments API', anAsk()))).toBe(failure);
    expect(await cached.service('Payments API', anAsk())).toEqual(SERVICE);
  });

  it('lets those who ask the same at the same time share one call, counted for the first', async () => {
    const { promise, resolve } = Promise.withResolvers<Service>();
    let asked = 0;
    const { directory } = aDirectory({
      service: (_name, ask) => {
        asked += 1;
        ask.onRead?.();
        return promise;
      },
    });
    const cached = cacheNames(directory, { now: () => 0 });
    const asks = [anAsk(), anAsk(), anAsk()];

    const answers = asks.map((ask) => cached.service('Payments API', ask));
    resolve(SERVICE);

    expect(await Promise.all(answers)).toEqual([SERVICE, SERVICE, SERVICE]);
    expect(asked).toBe(1);
    expect(asks.map((ask) => ask.reads())).toEqual([1, 0, 0]);
  });

  it('asks again for the others when the first asker gives up', async () => {
    const first = new AbortController();
    let asked = 0;
    const { directory } = aDirectory({
      service: (_name, { signal }) => {
        asked += 1;
        if (signal !== first.signal) return Promise.resolve(SERVICE);
        return new Promise((_resolve, reject) => {
          const error = new PagerDutyError('timeout', 'given up', { transient: true });
          signal.addEventListener('abort', () => reject(error));
        });
      },
    });
    const cached = cacheNames(directory, { now: () => 0 });

    const givenUp = failureOf(cached.service('Payments API', anAsk(first.signal)));
    const others = [anAsk(), anAsk()].map((ask) => cached.service('Payments API', ask));
    first.abort();

    expect((await givenUp).message).toBe('given up');
    expect(await Promise.all(others)).toEqual([SERVICE, SERVICE]);
    expect(asked).toBe(2);
  });

  it('lets an asker whose time is over go, while the first goes on', async () => {
    const { promise, resolve } = Promise.withResolvers<Service>();
    const { directory } = aDirectory({ service: () => promise });
    const cached = cacheNames(directory, { now: () => 0 });
    const second = new AbortController();

    const first = cached.service('Payments API', anAsk());
    const other = failureOf(cached.service('Payments API', anAsk(second.signal)));
    second.abort();

    expect(await other).toMatchObject({ kind: 'timeout', transient: true });
    resolve(SERVICE);
    expect(await first).toEqual(SERVICE);
  });
});
