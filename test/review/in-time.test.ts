import { describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

const HOUR_LONG = { escalate: { service: 'Access requests', decide_within: '1h' } };
const DENYING = { otherwise: 'deny' };

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
