import { describe, expect, it } from 'vitest';
import { instantOf } from '../../src/core/values/instant.ts';
import { isUnder, onCallOf } from '../../src/core/roster/sheet.ts';
import type { Target } from '../../src/core/rule.ts';
import { repointService } from '../sim/pagerduty/administration.ts';
import { startPagerDuty, type SimulatedPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { json, serve } from '../pagerduty/http-server.ts';
import { aClient, anAsk } from '../pagerduty/subjects.ts';
import { addServices, rosterOn } from './rosters.ts';

const PAYMENTS_API: Target = { kind: 'service', asked: 'Payments API' };

function reads(pagerDuty: SimulatedPagerDuty, path: string): number {
  return pagerDuty.calls.matching('GET', path).length;
}

describe('who is on call by the roster', () => {
  it('takes one read of rows for a thousand who ask at once, and none while that is fresh', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url);
    const roster = rosterOn(client);

    const sheets = await Promise.all(
      Array.from({ length: 1_000 }, () => roster.onCall([PAYMENTS_API], anAsk())),
    );
    await roster.onCall([PAYMENTS_API], anAsk());

    expect(reads(pagerDuty, '/oncalls')).toBe(1);
    expect(sheets[999]?.targets).toMatchObject([
      { state: 'known', id: 'PSERVC1', policy: { id: 'PPOLCY1' } },
    ]);
    expect(sheets[999]?.people.get('PSAM1RE')?.email).toBe('sre-1@example.com');
  });

  it('is read for each question without freshness, and once for those that wait together', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url);
    const roster = rosterOn(client, 0);

    await roster.onCall([PAYMENTS_API], anAsk());
    await roster.onCall([PAYMENTS_API], anAsk());
    expect(reads(pagerDuty, '/oncalls')).toBe(2);
    await Promise.all(Array.from({ length: 100 }, () => roster.onCall([PAYMENTS_API], anAsk())));
    expect(reads(pagerDuty, '/oncalls')).toBe(3);
  });

  it('is read ahead of need: 120 services take two lists of names, and three calls for their policies', async () => {
    await using pagerDuty = await startPagerDuty();
    const targets = addServices(pagerDuty, 120);
    using client = aClient(pagerDuty.url);
    const stop = new AbortController();
    const ahead = { targets: () => targets, share: 0.05, limits: () => ({ key: 960, onCalls: null }) };
    const roster = rosterOn(client, 2_000, { ahead, signal: stop.signal });
    const running = roster.run();

    const sheet = await roster.onCall(targets, anAsk());
    stop.abort();
    await running;

    expect(sheet.rows).toHaveLength(120);
    expect(sheet.targets.every(({ state }) => state === 'known')).toBe(true);
    expect(reads(pagerDuty, '/services')).toBe(2);
    expect(reads(pagerDuty, '/oncalls')).toBe(3);
  });

  it('is unknown of a name that leads elsewhere than it did, among many too, which is told again after ten minutes', async () => {
    await using pagerDuty = await startPagerDuty();
    const targets = addServices(pagerDuty, 5);
    using client = aClient(pagerDuty.url);
    const taken: [string, string][] = [];
    const stop = new AbortController();
    let nowMs = Date.now();
    const roster = rosterOn(client, 0, {
      ahead: { targets: () => targets, share: 0.05, limits: () => ({ key: 960, onCalls: null }) },
      signal: stop.signal,
      clock: { now: () => instantOf(nowMs) },
      pins: { first: ({ asked }, id) => Promise.resolve(asked === 'Service 2' ? 'PFIRST1' : id) },
      onTaken: ({ asked }, cause) => taken.push([asked, cause]),
    });
    const states = async () => (await roster.onCall(targets, anAsk())).targets.map(({ state }) => state);

    void roster.run();
    expect(await states()).toEqual(['known', 'known', 'unknown', 'known', 'known']);
    nowMs += 10 * 60_000 - 1;
    await states();
    expect(taken).toEqual([
      ['Service 2', expect.stringContaining('was PFIRST1 when it was first looked up')],
    ]);
    nowMs += 1;
    await states();
    expect(taken).toHaveLength(2);
    stop.abort();
  });

  it('goes by the policy that a service has now, before it says no', async () => {
    await using pagerDuty = await startPagerDuty();
    const [other] = addServices(pagerDuty, 1);
    using client = aClient(pagerDuty.url);
    const roster = rosterOn(client, 0);
    await roster.onCall([PAYMENTS_API], anAsk());
    const { account } = pagerDuty;
    const policy = account.escalationPolicies.all().find(({ name }) => name === 'Policy 0');
    repointService(account, 'PSERVC1', policy?.id ?? '');

    const sheet = await roster.onCall([PAYMENTS_API], anAsk());

    expect(other).toBeDefined();
    expect(sheet.targets).toMatchObject([{ id: 'PSERVC1', policy: { id: policy?.id } }]);
    const [fact] = sheet.targets;
    const under = sheet.rows.filter((row) => fact?.state === 'known' && isUnder(row, fact));
    expect(under.map(({ escalation_policy: each }) => each?.id)).toEqual([policy?.id]);
  });

  it('is known of the others where PagerDuty refuses or garbles the answer for one', async () => {
    const row = (id: string) => ({
      user: { id: 'PSAM1RE', type: 'user', summary: 'Sam', name: 'Sam', email: 'sam@example.com' },
      escalation_policy: { id, type: 'escalation_policy', summary: id, services: [] },
      escalation_level: 1,
      schedule: null,
      start: null,
      end: null,
    });
    await using server = await serve(({ path, query }, response) => {
      const id = path.split('/').at(-1) ?? '';
      if (path.startsWith('/escalation_policies/')) {
        json(response, 200, { escalation_policy: { id, name: id } });
        return;
      }
      const ids = query.getAll('escalation_policy_ids[]');
      if (ids.includes('PBAD001')) {
        json(response, 400, { error: { code: 2001, message: 'Invalid input' } });
        return;
      }
      json(response, 200, { oncalls: ids.map(row), more: false });
    });
    using client = aClient(server.url);
    const roster = rosterOn(client);
    const targets = ['PGOOD01', 'PBAD001', 'PGOOD02', 'PGOOD03'].map(
      (asked) => ({ kind: 'escalation policy', asked }) as const,
    );

    const { targets: facts, rows } = await roster.onCall(targets, anAsk());

    expect(facts.map(({ state }) => state)).toEqual(['known', 'unknown', 'known', 'known']);
    expect(facts[1]).toMatchObject({ cause: { code: 'refused' } });
    expect(new Set(rows.map(({ escalation_policy: policy }) => policy?.id))).toEqual(
      new Set(['PGOOD01', 'PGOOD02', 'PGOOD03']),
    );
    const span = { from: instantOf(Date.now()), until: instantOf(Date.now() + 86_400_000) };
    const later = await roster.during(targets, span, anAsk());
    expect(later.targets.map(({ state }) => state)).toEqual(['known', 'unknown', 'known', 'known']);
  });

  it('of more rows than PagerDuty pages through, which change between pages, is known but for what cannot be understood', async () => {
    const policies = Array.from({ length: 50 }, (_, index) => `PPOL${String(index).padStart(3, '0')}`);
    const rows = policies.flatMap((policyId) =>
      Array.from({ length: 204 }, (_, index) => ({
        user: { id: `PU${index}${policyId}`, type: 'user', summary: 'Somebody', email: `${index}@x.example` },
        escalation_policy: { id: policyId, type: 'escalation_policy', summary: policyId, services: [] },
        ...{ escalation_level: 1, schedule: null, start: null, end: null },
      })),
    );
    const of = (policy: number, index: number) => rows[policy * 204 + index] ?? rows[0];
    Object.assign(of(1, 0) ?? {}, { escalation_level: 'second' });
    Object.assign(of(2, 0) ?? {}, { start: 'soon' });
    Object.assign(of(3, 0)?.user ?? {}, { email: undefined });
    Object.assign(of(4, 0)?.user ?? {}, { type: 'user', deleted_at: '2026-01-01T00:00:00Z', self: null });
    let changes = 1;
    await using server = await serve(({ path, query }, response) => {
      const id = path.split('/').at(-1) ?? '';
      if (path.startsWith('/escalation_policies/')) {
        json(response, 200, { escalation_policy: { id, name: id } });
        return;
      }
      const [ids, offset] = [query.getAll('escalation_policy_ids[]'), Number(query.get('offset'))];
      if (offset > 9_900) {
        json(response, 400, { error: { code: 2001, message: 'Invalid input' } });
        return;
      }
      const asked = rows.filter((row) => ids.includes(row.escalation_policy.id));
      if (ids.length === 25 && offset > 200 && changes-- > 0) asked.splice(3, 1);
      json(response, 200, {
        ...{ oncalls: asked.slice(offset, offset + 100), more: asked.length > offset + 100 },
      });
    });
    using client = aClient(server.url);
    const targets = policies.map((asked) => ({ kind: 'escalation policy', asked }) as const);
    const stop = new AbortController();
    const ahead = { targets: () => targets, share: 0.05, limits: () => ({ key: 960, onCalls: null }) };
    const roster = rosterOn(client, 60_000, { ahead, signal: stop.signal });
    const running = roster.run();

    const sheet = await roster.onCall(targets, anAsk());
    stop.abort();
    await running;

    expect(sheet.targets.flatMap((fact) => (fact.state === 'unknown' ? fact.cause.message : []))).toEqual([]);
    expect(sheet.rows).toHaveLength(50 * 204 - 3);
    expect(sheet.people.size).toBe(50 * 204 - 4);
    const unknownFor = (policy: number, index: number) =>
      onCallOf(sheet, [of(policy, index)?.user.id ?? '']).targets.flatMap(({ asked, state }) =>
        state === 'unknown' ? [asked] : [],
      );
    expect([unknownFor(1, 0), unknownFor(2, 0)]).toEqual([['PPOL001'], ['PPOL002']]);
    expect([unknownFor(1, 1), unknownFor(3, 0), unknownFor(4, 0)]).toEqual([[], [], []]);
    expect(changes).toBeLessThan(1);
  });

  it('tells why what the rules name could not be read ahead, and counts its reads by their cause', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url);
    const stop = new AbortController();
    const targets = [PAYMENTS_API, { kind: 'schedule', asked: 'Gone' } as const];
    const ahead = { targets: () => targets, share: 0.05, limits: () => ({ key: 960, onCalls: null }) };
    const roster = rosterOn(client, 60_000, { ahead, signal: stop.signal });

    expect(roster.health()).toMatchObject({ state: 'starting', unread: { count: 2 } });
    const running = roster.run();
    await roster.ready();
    await roster.onCall([PAYMENTS_API], anAsk());
    await roster.onCall([{ kind: 'schedule', asked: 'Payments primary' }], anAsk());
    const span = { from: instantOf(Date.now()), until: instantOf(Date.now() + 86_400_000) };
    await roster.during([PAYMENTS_API], span, { ...anAsk(), priority: 'background' });
    stop.abort();
    await running;

    const { state, unread, reads: counted } = roster.health();
    expect(state).toBe('fresh');
    expect(unread).toMatchObject({
      count: 1,
      cause: expect.stringMatching(/^schedule Gone: .*Gone/u) as string,
    });
    expect(counted.ahead + counted.need + counted.forecast).toBe(pagerDuty.calls.all().length);
    expect(counted).toMatchObject({ need: 3, forecast: 1 });
  });

  it('is not known while PagerDuty fails, with the cause, and asked again by the next', async () => {
    await using pagerDuty = await startPagerDuty();
    pagerDuty.faults.add({ kind: 'status', status: 403, match: { pathPrefix: '/oncalls' }, times: 1 });
    using client = aClient(pagerDuty.url);
    const roster = rosterOn(client);

    const failed = await roster.onCall([PAYMENTS_API], anAsk());
    const { reading } = onCallOf(failed, ['PSAM1RE']);

    expect(reading).toMatchObject({ state: 'unknown', cause: { code: 'forbidden', transient: true } });
    expect((await roster.onCall([PAYMENTS_API], anAsk())).at).not.toBeNull();
  });

  it('is at hand without a read, once it was read', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url);
    const roster = rosterOn(client, 0);

    expect(roster.atHand([PAYMENTS_API])).toMatchObject({ at: null, targets: [{ state: 'unknown' }] });
    const read = await roster.onCall([PAYMENTS_API], anAsk());
    const calls = pagerDuty.calls.all().length;
    expect(roster.atHand([PAYMENTS_API])).toEqual(read);
    expect(pagerDuty.calls.all()).toHaveLength(calls);
  });
});
