import { describe, expect, it } from 'vitest';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { at, call, column, get, newIncident } from './api-client.ts';
import { NOW, referenceAccount } from './reference-account.ts';

/** Long enough for a loopback answer, short enough not to be felt. */
const PATIENCE_MS = 300;

describe('faults', () => {
  it.each([
    [{ kind: 'status', status: 503 } as const, 503, { error: { code: 2000 } }],
    [{ kind: 'empty' } as const, 200, undefined],
    [{ kind: 'null-body' } as const, 200, null],
    [{ kind: 'wrong-shape' } as const, 200, { oncalls: { rows: 3 } }],
    [{ kind: 'rate-limited' } as const, 429, { error: { code: 2020 } }],
    [{ kind: 'rate-limited', headers: false } as const, 429, undefined],
  ])('spoil an answer: %o', async (fault, status, body) => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    pagerDuty.faults.add(fault);

    const reply = await get(pagerDuty.url, '/oncalls');

    expect(reply.status).toBe(status);
    if (typeof body === 'object' && body !== null) expect(reply.body).toMatchObject(body);
    else expect(reply.body).toBe(body);
  });

  it('send a proxy’s page, and 429s with or without their headers', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    pagerDuty.faults.add({ kind: 'html', times: 1 });
    pagerDuty.faults.add({ kind: 'rate-limited', resetSeconds: 7, times: 1 });
    pagerDuty.faults.add({ kind: 'rate-limited', headers: false, times: 1 });

    const page = await fetch(`${pagerDuty.url}/oncalls`);
    const limited = await get(pagerDuty.url, '/oncalls');
    const bare = await get(pagerDuty.url, '/oncalls');

    expect([page.status, page.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(await page.text()).toContain('<html>');
    expect(limited.headers.get('ratelimit-reset')).toBe('7');
    expect(bare.headers.has('ratelimit-reset')).toBe(false);
  });

  it('hit only the requests they match, after those they skip, as often as they say', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    const fault = pagerDuty.faults.add({
      kind: 'status',
      match: { method: 'get', pathPrefix: '/oncalls' },
      skip: 1,
      times: 1,
    });
    const status = async (path: string) => (await get(pagerDuty.url, path)).status;

    const seen = [await status('/users'), await status('/oncalls'), await status('/oncalls')];
    const after = await status('/oncalls');

    expect([...seen, after]).toEqual([200, 200, 500, 200]);
    expect(fault.hits).toBe(1);
    expect(pagerDuty.calls.matching('GET', '/oncalls').map((one) => one.fault)).toEqual([
      null,
      'status',
      null,
    ]);
  });

  it('fail a later page only', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    pagerDuty.faults.add({ kind: 'half-page' });

    const first = await get(pagerDuty.url, '/oncalls?limit=2');
    const second = await get(pagerDuty.url, '/oncalls?limit=2&offset=2');

    expect([first.status, at(first.body, 'more'), second.status]).toEqual([200, true, 500]);
  });

  it.each(['stall-headers', 'stall-body', 'reset'] as const)('never finish an answer: %s', async (kind) => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    pagerDuty.faults.add({ kind });

    const reply = get(pagerDuty.url, '/oncalls', { signal: AbortSignal.timeout(PATIENCE_MS) });

    await expect(reply).rejects.toThrow();
    expect(pagerDuty.calls.all()).toMatchObject([
      { fault: kind, status: kind === 'stall-body' ? 200 : null },
    ]);
  });

  it.each([
    ['before the call is carried out', false, 0],
    ['after it was carried out', true, 1],
  ])('strike %s', async (_, after, incidents) => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    pagerDuty.faults.add({ kind: 'reset', match: { method: 'POST' }, times: 1, after });

    const post = call(pagerDuty.url, 'POST', '/incidents', { body: newIncident() });

    await expect(post).rejects.toThrow();
    expect(pagerDuty.account.incidents.all()).toHaveLength(incidents);
  });

  it('end when they are cleared or removed', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    pagerDuty.faults.add({ kind: 'status' });
    pagerDuty.faults.clear();
    pagerDuty.faults.add({ kind: 'html' }).remove();

    expect((await get(pagerDuty.url, '/oncalls')).status).toBe(200);
  });

  it('slow down every call, or those that match', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount(), latencyMs: 20 });
    pagerDuty.faults.add({ kind: 'latency', ms: 40, match: { pathPrefix: '/oncalls' } });
    const elapsed = async (path: string) => {
      const start = performance.now();
      expect((await get(pagerDuty.url, path)).status).toBe(200);
      return performance.now() - start;
    };

    // Timers may fire a millisecond early.
    expect(await elapsed('/users')).toBeGreaterThanOrEqual(19);
    expect(await elapsed('/oncalls')).toBeGreaterThanOrEqual(59);
  });
});

describe('PagerDuty’s time', () => {
  it('stands in the Date header and moves with the account’s clock', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    pagerDuty.account.clock.setOffset(10 * 60_000);

    const { headers, body } = await get(pagerDuty.url, '/oncalls');

    expect(headers.get('date')).toBe('Tue, 03 Mar 2026 03:10:00 GMT');
    expect(column(body, 'oncalls', 'user.id')[0]).toBe('PSAM1RE');
  });

  it('decides who is on call', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    pagerDuty.account.clock.setTo(new Date('2026-03-08T00:00:01Z'));

    const { body } = await get(pagerDuty.url, '/oncalls?schedule_ids[]=PSCHED1');

    expect(column(body, 'oncalls', 'user.id')).toEqual(['PTAY2RE']);
  });

  it('can be missing from an answer', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    pagerDuty.faults.add({ kind: 'no-date' });

    const { status, headers } = await get(pagerDuty.url, '/oncalls');

    expect(status).toBe(200);
    expect(headers.has('date')).toBe(false);
  });
});

describe('the call log', () => {
  it('holds every request with its query, sender, key and outcome', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    await get(pagerDuty.url, '/oncalls?user_ids[]=PSAM1RE&user_ids[]=PTAY2RE');
    await call(pagerDuty.url, 'POST', '/incidents', { body: newIncident() });

    expect(pagerDuty.calls.all()).toMatchObject([
      {
        method: 'GET',
        path: '/oncalls',
        query: { 'user_ids[]': ['PSAM1RE', 'PTAY2RE'] },
        at: NOW,
        from: null,
        keyKind: 'account-full',
        status: 200,
      },
      { method: 'POST', path: '/incidents', from: 'oncall-approver@example.com', status: 201 },
    ]);
  });

  it('lets a test wait for a call that is yet to come, with a deadline', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    const seen = pagerDuty.until(() => pagerDuty.calls.matching('GET', '/users').length === 1);

    await get(pagerDuty.url, '/users');

    await expect(seen).resolves.toBeUndefined();
    await expect(pagerDuty.until(() => false, { deadlineMs: 10 })).rejects.toThrow(
      'did not hold within 10 ms',
    );
  });
});
