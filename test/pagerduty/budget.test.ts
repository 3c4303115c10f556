import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Priority } from '../../src/ports/pagerduty.ts';
import { createGate } from '../../src/pagerduty/http/gate.ts';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { json, serve } from './http-server.ts';
import { aClient, anAsk, answering, aRead, aWrite, failureOf } from './subjects.ts';

const THING = { thing: { id: 'PTHING1' } };
/** What the simulator knows as well. */
const ANYTHING = {
  ...aRead,
  path: ['users'],
  scope: 'users.read',
  query: { limit: '1' },
  answer: z.object({ users: z.array(z.unknown()) }),
};

/** An answer that tells what is left. */
function telling(limit: number, remaining: number, resetSeconds: number) {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetSeconds),
  };
}

function headed(response: Parameters<typeof json>[0], headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  json(response, 200, THING);
}

function answered(outcomes: readonly PromiseSettledResult<unknown>[]): number {
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

describe('the budget', () => {
  it('keeps to the limit of PagerDuty: nothing is refused, the rest is told that it may not go', async () => {
    await using pagerDuty = await startPagerDuty({ rateLimit: { perMinute: 50 } });
    using client = aClient(pagerDuty.url);
    await client.call(ANYTHING, anAsk());

    const outcomes = await Promise.allSettled(
      Array.from({ length: 80 }, () => client.call(ANYTHING, anAsk())),
    );

    const statuses = pagerDuty.calls.all().map(({ status }) => status);
    expect(statuses).toHaveLength(50);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(31);
    expect(refused[0]?.reason).toMatchObject({ kind: 'rate-limited', transient: true, status: null });
    expect(client.budget()).toMatchObject({ limit: 50, remaining: 0 });
  });

  it('leaves most of a minute to pages and decisions that are still to come in it', async () => {
    await using pagerDuty = await startPagerDuty({ rateLimit: { perMinute: 50 } });
    using client = aClient(pagerDuty.url);
    await client.call(ANYTHING, anAsk());
    const many = (priority: Priority) => {
      const ask = { ...anAsk(AbortSignal.timeout(300)), priority };
      return Promise.allSettled(Array.from({ length: 60 }, () => client.call(ANYTHING, ask)));
    };

    const notes = answered(await many('follow-up'));
    const pages = answered(await many('page'));
    const decisions = await Promise.all(Array.from({ length: 12 }, () => client.call(ANYTHING, anAsk())));

    // One more where the time that passes makes room for it.
    expect([9, 10]).toContain(notes);
    expect([37, 38]).toContain(notes + pages);
    expect(decisions).toHaveLength(12);
    expect(pagerDuty.calls.all().every(({ status }) => status === 200)).toBe(true);
  });

  it('leaves a tenth to decisions when notes have used up the rest, though the minute is nearly over', async () => {
    let remaining = 21;
    await using server = await answering((_request, response) => {
      remaining -= 1;
      headed(response, telling(100, remaining, 2));
    });
    await server.client.call(aRead, anAsk());
    const signal = AbortSignal.timeout(300);

    const notes = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        server.client.call(aRead, { ...anAsk(signal), priority: 'follow-up' }),
      ),
    );

    expect(answered(notes)).toBe(10);
    expect(server.client.budget().remaining).toBe(10);
  });

  it('makes room for notes as the minute passes', async () => {
    await using server = await answering((_request, response) => headed(response, telling(960, 511, 40)));
    // Of 40 s two thirds of the share are left to others: 512 requests.
    await server.client.call(aRead, anAsk());
    const begun = performance.now();

    await server.client.call(aRead, { ...anAsk(), priority: 'follow-up' });

    const waitedMs = performance.now() - begun;
    expect(waitedMs).toBeGreaterThan(50);
    expect(waitedMs).toBeLessThan(1_000);
  });

  it('lets a decision go before notes that were there first', async () => {
    const order: string[] = [];
    await using server = await answering(({ query }, response) => {
      order.push(query.get('who') ?? '');
      headed(response, telling(100, order.length === 1 ? 0 : 50, 1));
    });
    await server.client.call({ ...aRead, query: { who: 'first' } }, anAsk());

    await Promise.all([
      server.client.call({ ...aRead, query: { who: 'note' } }, { ...anAsk(), priority: 'follow-up' }),
      server.client.call({ ...aRead, query: { who: 'decision' } }, anAsk()),
    ]);

    expect(order).toEqual(['first', 'decision', 'note']);
  });

  it('knows from the answers what other replicas have used', async () => {
    await using server = await answering((_request, response) => headed(response, telling(960, 1, 60)));

    await server.client.call(aRead, anAsk());
    await server.client.call(aRead, anAsk());
    const failure = await failureOf(server.client.call(aRead, anAsk()));

    expect(failure).toMatchObject({ kind: 'rate-limited', transient: true });
    expect(failure.message).toMatch(/not asked.*resets in 60 s/u);
    expect(server.received).toHaveLength(2);
  });

  it('goes on when the minute is over', async () => {
    let told = 0;
    await using server = await answering((_request, response) => headed(response, telling(960, told, 1)));
    await server.client.call(aRead, anAsk());
    told = 959;
    const begun = performance.now();

    await server.client.call(aRead, anAsk());

    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(server.client.budget().remaining).toBe(959);
  });

  it('counts each key by itself', async () => {
    await using server = await answering((request, response) =>
      headed(response, telling(960, request.method === 'GET' ? 0 : 900, 60)),
    );

    await server.client.call(aRead, anAsk());

    await server.client.call(aWrite, anAsk());
    await failureOf(server.client.call(aRead, anAsk()));
  });

  it('does not let a tighter limit on one operation stop the others', async () => {
    await using server = await answering(({ path }, response) =>
      headed(response, path === '/tight' ? telling(10, 0, 60) : telling(960, 900, 60)),
    );
    const tight = { ...aRead, path: ['tight'], scope: 'oncalls.read' };

    await server.client.call(tight, anAsk());

    await failureOf(server.client.call(tight, anAsk()));
    await server.client.call(aRead, anAsk());
  });

  it('keeps what is left for each operation: a 429 on one stops no other, and nothing but that one', async () => {
    const open = { ...aWrite, path: ['incidents'], doing: 'open an incident', limitedApart: true } as const;
    const rows = { ...aRead, path: ['oncalls'], doing: 'read on-call rows', limitedApart: true } as const;
    await using server = await serve(({ path }, response) => {
      if (path !== '/incidents') {
        headed(response, telling(path === '/oncalls' ? 10 : 960, 9, 60));
        return;
      }
      for (const [name, value] of Object.entries(telling(10, 0, 43))) response.setHeader(name, value);
      json(response, 429, { error: { code: 2020, message: 'Rate Limit Exceeded' } });
    });
    const key = () => 'one-key';
    using client = aClient(server.url, { readKey: key, writeKey: key });
    await client.call(rows, anAsk());

    expect(await failureOf(client.call(open, anAsk()))).toMatchObject({
      status: 429,
      limit: 10,
      resetMs: 43_000,
    });
    expect(await failureOf(client.call(open, anAsk()))).toMatchObject({ kind: 'rate-limited', status: null });
    await client.call(rows, anAsk());
    await client.call(aRead, anAsk());
  });

  it.each([
    ['says 960, the size of the key’s own limit,', { 'ratelimit-limit': '960', 'ratelimit-reset': '43' }],
    ['says nothing', {}],
  ])('stops no read where a 429 on opening incidents %s', async (_what, headers) => {
    await using server = await serve((request, response) => {
      if (request.method === 'GET') {
        json(response, 200, THING);
        return;
      }
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      json(response, 429, {});
    });
    const key = () => 'one-key';
    using client = aClient(server.url, { readKey: key, writeKey: key });
    const open = { ...aWrite, limitedApart: true } as const;

    await failureOf(client.call(open, anAsk(AbortSignal.timeout(100))));

    await failureOf(client.call(open, anAsk(AbortSignal.timeout(100))));
    await client.call(aRead, anAsk());
    expect(server.received.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  it('takes an operation’s own requests from the key’s as well', async () => {
    await using server = await answering(({ path }, response) =>
      headed(response, path === '/oncalls' ? telling(100, 99, 60) : telling(960, 1, 60)),
    );
    const rows = { ...aRead, path: ['oncalls'], doing: 'read on-call rows', limitedApart: true } as const;
    await server.client.call(rows, anAsk());
    await server.client.call(aRead, anAsk());
    await server.client.call(rows, anAsk());

    expect(await failureOf(server.client.call(rows, anAsk()))).toMatchObject({
      kind: 'rate-limited',
      status: null,
    });
  });

  it('waits no longer than the asker', async () => {
    await using server = await answering((_request, response) => headed(response, telling(960, 0, 4)));
    await server.client.call(aRead, anAsk());

    expect((await failureOf(server.client.call(aRead, anAsk(AbortSignal.timeout(50))))).kind).toBe(
      'rate-limited',
    );
    expect(server.received).toHaveLength(1);
  });
});

describe('a PagerDuty that fails', () => {
  it('is left alone after ten failures in a row, and asked again with one request', async () => {
    let healthy = false;
    await using server = await answering((_request, response) => {
      if (healthy) json(response, 200, THING);
      else response.socket?.resetAndDestroy();
    });
    for (let failed = 0; failed < 10; failed += 1) await failureOf(server.client.call(aWrite, anAsk()));

    const left = await failureOf(server.client.call(aWrite, anAsk()));
    expect(left).toMatchObject({ kind: 'unavailable', transient: true, status: null });
    expect(left.message).toMatch(/left alone/u);
    expect(server.received).toHaveLength(10);

    healthy = true;
    await delay(1_001);
    expect((await server.client.call(aWrite, anAsk())).body).toEqual(THING);
    expect(server.received).toHaveLength(11);
  });

  it('in one part is asked about the others', async () => {
    await using server = await answering(({ path }, response) =>
      path === '/broken' ? json(response, 503, {}) : json(response, 200, THING),
    );
    const broken = { ...aRead, path: ['broken'], scope: 'incidents.read' };
    for (let read = 0; read < 5; read += 1) await failureOf(server.client.call(broken, anAsk()));

    expect((await failureOf(server.client.call(broken, anAsk()))).message).toMatch(/left alone/u);
    expect((await server.client.call(aRead, anAsk())).body).toEqual(THING);
    expect(server.client.budget().breakerOpen).toBe(true);
  });

  it('is not judged by what askers gave up', async () => {
    await using server = await answering(
      (_request, response) => void setTimeout(() => json(response, 200, THING), 60),
    );
    for (let given = 0; given < 12; given += 1) {
      await failureOf(server.client.call(aWrite, anAsk(AbortSignal.timeout(5))));
    }

    expect((await server.client.call(aWrite, anAsk())).body).toEqual(THING);
  });
});

it.each([
  ['notes', 'follow-up'],
  ['look-ups of whom nobody on call is', 'person'],
] as const)('slow %s take up no connection that decisions go over', async (_what, priority) => {
  await using pagerDuty = await startPagerDuty();
  pagerDuty.faults.add({ kind: 'stall-headers', match: { pathPrefix: '/incidents' } });
  using client = aClient(pagerDuty.url, { requestTimeoutMs: 2_000 });
  const incidents = { ...ANYTHING, path: ['incidents'], scope: 'incidents.read' };
  const stop = new AbortController();
  const slow = Array.from({ length: 20 }, () => client.call(incidents, { ...anAsk(stop.signal), priority }));
  await pagerDuty.until(() => pagerDuty.calls.all().length > 0);
  const begun = performance.now();

  await client.call(ANYTHING, anAsk());

  expect(performance.now() - begun).toBeLessThan(500);
  expect(pagerDuty.calls.matching('GET', '/incidents')).toHaveLength(2);
  stop.abort();
  await Promise.allSettled(slow);
});

it('those for whom is asked take turns for the connections, and whoever gives up waits no more', async () => {
  const sent: string[] = [];
  const gate = createGate();
  const hold = Promise.withResolvers<undefined>();
  const gone = new AbortController();
  const pass = (owner: string, signal = new AbortController().signal) =>
    gate.pass({ ...aRead, host: 'localhost' }, { signal, priority: 'background', for: owner }, async () => {
      sent.push(owner);
      await hold.promise;
      return { rateLimit: null };
    });

  const first = ['many', 'many', 'many', 'many'].map((owner) => pass(owner));
  const givenUp = failureOf(pass('few', gone.signal));
  const last = pass('few');
  gone.abort();
  hold.resolve(undefined);
  await Promise.all([...first, last]);

  expect(sent).toEqual(['many', 'many', 'few', 'many', 'many']);
  expect(await givenUp).toMatchObject({ kind: 'timeout' });
});
