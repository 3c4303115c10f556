import { describe, expect, it } from 'vitest';
import type { Fault } from '../../sim/pagerduty/faults.ts';
import type { World } from '../../support/world.ts';
import { answerTo, situation } from '../../support/situation.ts';

const ESCALATE = { service: 'Access requests', decide_within: '1s' };
const PROD = {
  name: 'prod-oncall',
  roles: ['prodaccess'],
  on_call: { services: ['Payments API'] },
  escalate: ESCALATE,
};
const GLASS = { name: 'a-glass', roles: ['prodaccess'], break_glass: true, escalate: ESCALATE };

function within(decide_within: string) {
  const escalate = { ...ESCALATE, decide_within };
  return { config: { rules: [PROD, GLASS].map((rule) => ({ ...rule, escalate })) } };
}

function failing(fault: Fault): (stage: World) => Promise<void> {
  return ({ pagerDuty }) => {
    pagerDuty.faults.add(fault);
    return Promise.resolve();
  };
}

describe('no emergency, and so no broken glass, is', () => {
  const reads = { method: 'GET' };
  it.each<[string, Fault]>([
    ['a key that is refused', { kind: 'status', status: 401, match: reads }],
    ['a right that is missing', { kind: 'status', status: 403, code: 2010, match: reads }],
    ['a gateway that answers 404 in its place', { kind: 'html', status: 404, match: reads }],
    ['a rate limit that is used up', { kind: 'rate-limited', resetSeconds: 1, match: reads }],
    ['an answer that cannot be read', { kind: 'wrong-shape', match: reads }],
    ['a list of people that fails', { kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } }],
    ['a list of users that is reset', { kind: 'reset', match: { pathPrefix: '/users' } }],
    ['a list of users that never comes', { kind: 'stall-headers', match: { pathPrefix: '/users' } }],
    ['a list of services that takes 5 s', { kind: 'latency', ms: 5_000, match: { pathPrefix: '/services' } }],
  ])(
    '%s: a person decides',
    async (_what, fault) => {
      await using stage = await situation(() => undefined, { ...within('1s'), beforeStart: failing(fault) });

      const id = stage.request('sre-2');
      const decided = await stage.decision(id, 30_000);

      expect(decided.decision).toMatchObject({ verdict: 'escalate', breakGlass: false });
      expect(decided.facts.silence?.reads.state).not.toBe('silent');
      expect(stage.pagerDuty.calls.matching('GET', '/abilities').length).toBeGreaterThan(0);
    },
    40_000,
  );
});

describe('PagerDuty’s silence', () => {
  it('is proven by reads of its own, and recorded with the decision', async () => {
    await using stage = await situation(() => undefined, within('2s'));
    stage.pagerDuty.faults.add({ kind: 'reset' });

    const { decided } = await answerTo(stage, 'sre-2');

    expect(decided.decision).toMatchObject({ verdict: 'approve', breakGlass: true });
    const reads = decided.facts.silence?.reads;
    expect(reads).toMatchObject({ state: 'silent', cause: { code: 'unavailable' } });
    expect(reads?.state === 'silent' && reads.forMs >= 2_000 && reads.times >= 3).toBe(true);
  }, 40_000);

  it('is not what came before an answer: whatever is silent afterwards begins anew', async () => {
    await using stage = await situation(() => undefined, within('4s'));
    const all = stage.pagerDuty.faults.add({ kind: 'status', status: 503 });
    const id = stage.request('sre-2');
    await stage.reports.when('postponed', ({ attempt }) => attempt === 2);
    all.remove();
    stage.pagerDuty.faults.add({ kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } });
    const decided = await stage.decision(id, 20_000);

    expect(decided.decision).toMatchObject({ verdict: 'escalate', breakGlass: false });
    expect(decided.facts.silence?.reads).toEqual({ state: 'answered' });
    await stage.done('page');
  }, 40_000);

  it('has not lasted while nobody asked: a restart begins anew', async () => {
    await using stage = await situation(() => undefined, within('5s'));
    stage.pagerDuty.faults.add({ kind: 'status', status: 503 });
    const id = stage.request('sre-2');
    await stage.reports.when('postponed', ({ attempt }) => attempt === 2);
    await stage.stopService();
    await stage.time.advance(3_000);
    const restarted = stage.time.epochMs;
    await stage.startService();

    const { decided } = await stage.reports.when(
      'decided',
      (event) => event.decided.decision.breakGlass,
      40_000,
    );

    const reads = decided.facts.silence?.reads;
    const since = reads?.state === 'silent' ? Date.parse(reads.since) : 0;
    expect(decided.requestId).toBe(id);
    expect(since).toBeGreaterThanOrEqual(restarted);
    expect(Date.parse(decided.decidedAt) - since).toBeGreaterThanOrEqual(5_000);
  }, 60_000);

  it('about the page that is to be opened is an emergency too, though reads are answered', async () => {
    await using stage = await situation(() => undefined, { ...within('1s'), freshness: '0s' });
    stage.pagerDuty.faults.add({ kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } });
    stage.pagerDuty.faults.add({
      kind: 'status',
      status: 503,
      match: { method: 'POST', pathPrefix: '/incidents' },
    });

    const first = await answerTo(stage, 'sre-2');
    const { decided } = await stage.reports.when(
      'decided',
      (event) => event.decided.decision.breakGlass,
      40_000,
    );

    expect(first).toMatchObject({ verdict: 'escalate' });
    expect(decided).toMatchObject({
      requestId: first.id,
      facts: { silence: { pages: { state: 'silent' } } },
    });
    expect(decided.facts.silence?.reads).toEqual({ state: 'answered' });
  }, 60_000);
});

it.each(['/users', '/services', '/oncalls'])(
  'a big account that takes 6 s for %s is waited for',
  async (pathPrefix) => {
    await using stage = await situation(() => undefined, {
      ...within('30s'),
      beforeStart: failing({ kind: 'latency', ms: 6_000, match: { pathPrefix } }),
    });

    const id = stage.request('sre-1');
    const decided = await stage.decision(id, 40_000);
    expect(decided.decision.verdict).toBe('approve');
  },
  60_000,
);

it.each([5, 960])(
  'a rate limit on opening incidents of %d a minute keeps nobody from being approved',
  async (limit) => {
    await using stage = await situation(() => undefined, within('2s'));
    const limited = {
      kind: 'rate-limited',
      resetSeconds: 43,
      match: { method: 'POST', pathPrefix: '/incidents' },
    } as const;
    stage.pagerDuty.faults.add({ ...limited, limit });
    await answerTo(stage, 'sre-2');
    await stage.reports.when(
      'effectFailed',
      ({ key, cause }) => key === 'page' && cause.code === 'rate-limited',
    );

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
  },
);
