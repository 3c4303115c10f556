import { describe, expect, it } from 'vitest';
import { call, newIncident } from './api-client.ts';
import { opened } from './opened.ts';

/** Long enough for a loopback answer, short enough not to be felt. */
const PATIENCE_MS = 300;

describe('faults', () => {
  it('hit only the requests they match, after those they skip, as often as they say, until they are removed', async () => {
    await using api = await opened();
    const { faults, calls } = api.pagerDuty;
    const match = { method: 'get', pathPrefix: '/oncalls' };
    const fault = faults.add({ kind: 'status', match, skip: 1, times: 1 });
    const status = async (path: string) => (await api.get(path)).status;

    const seen = [await status('/users'), await status('/oncalls'), await status('/oncalls')];
    faults.add({ kind: 'html' }).remove();
    faults.add({ kind: 'status' });
    faults.clear();

    expect([...seen, await status('/oncalls')]).toEqual([200, 200, 500, 200]);
    expect(fault.hits).toBe(1);
    expect(calls.matching('GET', '/oncalls').map((one) => one.fault)).toEqual([null, 'status', null]);
  });

  it('fail a later page only', async () => {
    await using api = await opened();
    api.pagerDuty.faults.add({ kind: 'half-page' });

    const first = await api.get('/oncalls?limit=2');

    expect([first.status, first.at('more')]).toEqual([200, true]);
    expect((await api.get('/oncalls?limit=2&offset=2')).status).toBe(500);
  });

  it.each(['stall-headers', 'stall-body', 'reset'] as const)('never finish an answer: %s', async (kind) => {
    await using api = await opened();
    api.pagerDuty.faults.add({ kind });

    await expect(api.get('/oncalls', { signal: AbortSignal.timeout(PATIENCE_MS) })).rejects.toThrow();
    expect(api.pagerDuty.calls.all()).toMatchObject([
      { fault: kind, status: kind === 'stall-body' ? 200 : null },
    ]);
  });

  it.each([
    ['before the call is carried out', false, 0],
    ['after it was carried out', true, 1],
  ])('strike %s', async (_, after, incidents) => {
    await using api = await opened();
    api.pagerDuty.faults.add({ kind: 'reset', match: { method: 'POST' }, times: 1, after });

    await expect(call(api.pagerDuty.url, 'POST', '/incidents', { body: newIncident() })).rejects.toThrow();
    expect(api.account.incidents.all()).toHaveLength(incidents);
  });
});

it('PagerDuty’s time stands in the Date header, moves with the account’s clock, and decides who is on call', async () => {
  await using api = await opened();
  api.account.clock.setTo(new Date('2026-03-08T00:00:01Z'));

  const { headers, ...rows } = await api.get('/oncalls?schedule_ids[]=PSCHED1');

  expect(headers.get('date')).toBe('Sun, 08 Mar 2026 00:00:01 GMT');
  expect(rows.body).toMatchObject({ oncalls: [{ user: { id: 'PTAY2RE' } }] });
});
