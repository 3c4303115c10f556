import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { World } from '../support/world.ts';

describe('a listing that is some seconds behind, while what is found by id is not', () => {
  it('decides on nothing, and pages nobody, for a request that was resolved meanwhile', async () => {
    await using stage = await World.open({ start: false });
    const { cluster } = stage.teleport;
    const [denied, gone, pending] = [stage.request('sre-3'), stage.request('sre-1'), stage.request('sre-1')];
    cluster.keepListingStale();
    stage.denyAs('sre-1', denied, 'not now');
    cluster.deleteRequest(gone);

    await stage.startService();
    await stage.poll(() => stage.state(pending)).toBe('APPROVED');
    await stage.service.sweepNow();

    expect(stage.reports.of('decided').map(({ decided }) => decided.requestId)).toEqual([pending]);
    expect(stage.incidents()).toEqual([]);
    expect(await stage.events(denied)).toEqual([]);
  });

  it('loses no request that it does not show yet', async () => {
    await using stage = await World.open({ start: false });
    const { cluster } = stage.teleport;
    cluster.keepListingStale();
    const id = stage.request('sre-1');
    await stage.startService();
    expect(stage.reports.of('decided')).toEqual([]);

    // What the service does by itself once the caches have caught up.
    cluster.freshenListing();
    await stage.service.sweepNow();

    expect(stage.state(id)).toBe('APPROVED');
  });

  it('repeats no review and no page of a life that was cut short', async () => {
    await using stage = await World.open();
    const { cluster } = stage.teleport;
    const [paged, approved] = [stage.request('sre-3'), stage.request('sre-1')];
    await stage.reports.when('effectDone', ({ key }) => key.startsWith('page'));
    await stage.poll(() => stage.state(approved)).toBe('APPROVED');
    await stage.stopService();
    // As both were before anything was done for them.
    const now = [cluster.request(paged), cluster.request(approved)] as const;
    for (const request of now)
      cluster.putRequest({ ...request, state: 'PENDING', reviews: [], revision: 'before' });
    cluster.keepListingStale();
    for (const request of now) cluster.putRequest(request);

    await stage.startService();
    await stage.service.sweepNow();

    expect(stage.incidents()).toHaveLength(1);
    expect(cluster.request(approved).reviews.map(({ author }) => author)).toEqual([BOT_USER]);
    expect(stage.reports.of('decided')).toEqual([]);
  });

  it('nor do writes from before the watch, which arrive after its INIT', async () => {
    await using stage = await World.open({ start: false });
    stage.teleport.cluster.watches.replayRecent(60_000);
    const [approved, denied] = [stage.request('sre-1'), stage.request('sre-3')];
    stage.denyAs('sre-1', denied, 'not now');

    await stage.startService();
    await stage.poll(() => stage.state(approved)).toBe('APPROVED');
    await stage.service.sweepNow();

    expect(stage.reports.of('decided').filter(({ decided }) => decided.requestId === approved)).toHaveLength(
      1,
    );
    expect(stage.incidents()).toEqual([]);
  });
});
