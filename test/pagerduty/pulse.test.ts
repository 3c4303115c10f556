import { describe, expect, it } from 'vitest';
import { createIncidents } from '../../src/pagerduty/incidents.ts';
import { createPulse } from '../../src/pagerduty/pulse.ts';
import type { Fault } from '../sim/pagerduty/faults.ts';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { json, serve } from './http-server.ts';
import { aClient, anAsk, answering, aPagerDuty, aRead, failureOf } from './subjects.ts';

const { signal } = new AbortController();

describe('whether PagerDuty answers', () => {
  it.each<[string, Fault]>([
    ['503', { kind: 'status', status: 503 }],
    ['a gateway’s page for 502', { kind: 'html', status: 502 }],
    ['a connection that is torn down', { kind: 'reset' }],
  ])('is no to %s', async (_what, fault) => {
    await using pagerDuty = await aPagerDuty();
    pagerDuty.faults.add(fault);

    expect(await createPulse(pagerDuty.client).feel(signal)).toMatchObject({
      state: 'silent',
      cause: { transient: true },
    });
    expect(pagerDuty.calls.all().map(({ path }) => path)).toEqual(['/abilities']);
  });

  it.each<[string, Fault | null]>([
    ['an answer', null],
    ['a key that is refused', { kind: 'status', status: 401 }],
    ['a right that is missing', { kind: 'status', status: 403 }],
    ['a gateway’s 404', { kind: 'html', status: 404 }],
    ['408', { kind: 'status', status: 408 }],
    ['a used-up rate limit', { kind: 'rate-limited' }],
    ['words that nobody understands', { kind: 'wrong-shape' }],
    ['no word at all', { kind: 'empty' }],
    ['an answer after 5 s', { kind: 'latency', ms: 5_000 }],
  ])('is yes to %s', async (_what, fault) => {
    await using pagerDuty = await aPagerDuty();
    if (fault !== null) pagerDuty.faults.add(fault);

    expect(await createPulse(pagerDuty.client).feel(signal)).toEqual({ state: 'answered' });
  });

  it('is not known where it was not asked: for want of a key, or because of what it told of its limit', async () => {
    const noKey = { readKey: () => Promise.reject(new Error('no such file')) };
    using keyless = aClient('http://127.0.0.1:1', noKey);
    expect(await createPulse(keyless).feel(signal)).toEqual({ state: 'not-asked' });

    await using server = await answering((_request, response) => {
      const told = { limit: '960', remaining: '0', reset: '60' };
      for (const [name, value] of Object.entries(told)) response.setHeader(`ratelimit-${name}`, value);
      json(response, 200, { thing: { id: 'PTHING1' } });
    });
    await server.client.call(aRead, anAsk());
    expect(await createPulse(server.client).feel(signal)).toEqual({ state: 'not-asked' });
    expect(server.received).toHaveLength(1);
  });

  it('is asked past what leaves PagerDuty alone after failures', async () => {
    await using server = await serve(({ path }, response) =>
      json(response, path === '/abilities' ? 200 : 503, { abilities: [] }),
    );
    const told: boolean[] = [];
    using client = aClient(server.url, { onExchange: ({ failure }) => told.push(failure === null) });
    for (let read = 0; read < 4; read += 1) await failureOf(client.call(aRead, anAsk()));
    expect(client.budget().breakerOpen).toBe(true);

    expect(await createPulse(client).feel(signal)).toEqual({ state: 'answered' });
    // To the health of the connection it does not count: it would make up for what fails beside it.
    expect(told).not.toContain(true);
  });

  it('is one read for all who ask at once, and whoever gives up harms no other', async () => {
    await using pagerDuty = await startPagerDuty({ latencyMs: 100 });
    using client = aClient(pagerDuty.url);
    const pulse = createPulse(client);
    const hasty = expect(pulse.feel(AbortSignal.timeout(10))).rejects.toMatchObject({ name: 'TimeoutError' });

    const felt = await Promise.all([pulse.feel(signal), pulse.feel(signal)]);

    expect(felt).toEqual([{ state: 'answered' }, { state: 'answered' }]);
    await hasty;
    expect(pagerDuty.calls.all()).toHaveLength(1);
  });

  it('is no excuse for a fault of our own', async () => {
    const broken = { call: () => Promise.reject(new TypeError('ours')) };

    await expect(createPulse(broken).feel(signal)).rejects.toThrow('ours');
  });
});

it('a page that PagerDuty refuses to open was answered, and nothing is asked next', async () => {
  await using server = await answering(({ method }, response) =>
    json(response, method === 'POST' ? 400 : 503, { error: { code: 2001 } }),
  );
  const incident = {
    key: 'k',
    serviceId: 'PSERVC2',
    title: 't',
    details: '',
    urgency: 'high',
    assignee: null,
  } as const;

  const failure = await failureOf(createIncidents(server.client).open(incident, anAsk()));

  expect(failure).toMatchObject({ status: 400, silence: false });
  expect(server.received).toHaveLength(1);
});

it('an answer that takes long is waited for by the second attempt, and by the first from then on, until it is quick again', async () => {
  let ms = 300;
  await using server = await serve(
    (_request, response) => void setTimeout(() => json(response, 200, { thing: { id: 'PTHING1' } }), ms),
  );
  using client = aClient(server.url, { requestTimeoutMs: 200 });

  await client.call(aRead, anAsk());
  expect(server.received).toHaveLength(2);
  await client.call(aRead, anAsk());
  expect(server.received).toHaveLength(3);
  ms = 0;
  await client.call(aRead, anAsk());
  ms = 300;
  await client.call(aRead, anAsk());
  expect(server.received).toHaveLength(6);
});
