import { describe, expect, it } from 'vitest';
import { SECOND } from '../../src/core/values/instant.ts';
import { World } from '../support/world.ts';

const HOUR_LONG = { escalate: { service: 'Access requests', decide_within: '1h' } };
const DENYING = { otherwise: 'deny' };

describe('an approval', () => {
  it.each([
    ['enterprise', 'SubmitAccessReview'],
    ['community', 'SetAccessRequestState'],
  ] as const)(
    'of %s that has no answer within 15 s counts as failed, and is tried again',
    async (edition, method) => {
      await using stage = await World.open({ edition });
      stage.teleport.faults.add({ method, kind: 'stall-before', times: 1 });
      const id = stage.request('sre-1');
      await stage.reports.when('decided');
      await stage.time.advance(14 * SECOND);
      expect(stage.reports.of('effectFailed')).toEqual([]);

      const { cause, failures } = await stage.reports.when('effectFailed', undefined, 2 * SECOND);
      expect([cause.code, failures]).toEqual(['timeout', 1]);
      await stage.done('review');
      expect([stage.state(id), stage.teleport.calls.of(method).length]).toEqual(['APPROVED', 2]);
    },
  );
});

describe('a request that somebody settles while it is decided', () => {
  it.each([
    ['sre-1', 'approve', 'DENIED', {}],
    ['sre-2', 'deny', 'APPROVED', DENYING],
  ] as const)('%s, whom the rule would %s, stays %s on Community', async (user, _verdict, state, rule) => {
    await using stage = await World.open({ edition: 'community', rule });
    stage.pagerDuty.faults.add({ kind: 'latency', ms: 400, match: { pathPrefix: '/oncalls' } });
    const id = stage.request(user);
    await stage.reports.when('seen');
    const { cluster, calls } = stage.teleport;
    cluster.watches.holdEvents();
    cluster.setRequestState({ id, state, reason: 'by hand' });
    await stage.done('review');

    expect([stage.state(id), calls.of('SetAccessRequestState').length]).toEqual([state, 0]);
  });

  it.each(['approve', 'deny'] as const)(
    'is not set twice on Community where the answer was lost: %s',
    async (verdict) => {
      await using stage = await World.open({
        edition: 'community',
        ...(verdict === 'deny' ? { rule: DENYING } : {}),
      });
      stage.teleport.faults.add({ method: 'SetAccessRequestState', kind: 'error-after', times: 1 });
      stage.teleport.cluster.watches.holdEvents();
      const id = stage.request(verdict === 'deny' ? 'sre-2' : 'sre-1');
      await stage.service.sweepNow();
      await stage.time.advance(5 * SECOND);

      expect(stage.teleport.calls.of('SetAccessRequestState')).toHaveLength(1);
      const [done] = stage.reports.of('effectDone');
      expect(done).toMatchObject({ requestId: id, key: 'review', outcome: { ours: true } });
    },
  );

  it('ended as it did first, whatever becomes of it while that waits to be written down', async () => {
    await using stage = await World.open({ rule: HOUR_LONG });
    stage.teleport.faults.add({ method: 'GetUser', kind: 'latency', ms: 2_000, times: 1 });
    const id = stage.request('sre-2');
    await stage.reports.when('seen');
    stage.denyAs('sre-1', id, 'no');
    stage.teleport.cluster.deleteRequest(id);

    const { ending } = await stage.reports.when('ended');
    expect(ending).toMatchObject({ state: 'denied', by: 'sre-1' });
  });
});
