import { afterEach, describe, expect, it } from 'vitest';
import { requestsOn } from '../proof/chaos/people.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { ServiceProcess } from './process.ts';
import { Stage } from './stage.ts';

describe('a listing that is some seconds behind, while what is found by id is not', () => {
  it('decides on nothing, and pages nobody, for a request that was resolved meanwhile', async () => {
    await using stage = await Stage.open({ start: false });
    const { cluster } = stage.teleport;
    const [denied, gone, pending] = [stage.request('sre-3'), stage.request('sre-1'), stage.request('sre-1')];
    cluster.keepListingStale();
    stage.denyAs('sre-1', denied, 'not now');
    cluster.deleteRequest(gone);

    await stage.startService();
    await expect.poll(() => stage.state(pending)).toBe('APPROVED');
    await stage.service.sweepNow();

    expect(stage.reports.of('decided').map(({ decided }) => decided.requestId)).toEqual([pending]);
    expect(stage.incidents()).toEqual([]);
    expect(await stage.events(denied)).toEqual([]);
  });

  it('loses no request that it does not show yet', async () => {
    await using stage = await Stage.open({ start: false });
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
    await using stage = await Stage.open();
    const { cluster } = stage.teleport;
    const [paged, approved] = [stage.request('sre-3'), stage.request('sre-1')];
    await stage.reports.when('effectDone', ({ key }) => key.startsWith('page'));
    await expect.poll(() => stage.state(approved)).toBe('APPROVED');
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
    await using stage = await Stage.open({ start: false });
    stage.teleport.cluster.watches.replayRecent(60_000);
    const [approved, denied] = [stage.request('sre-1'), stage.request('sre-3')];
    stage.denyAs('sre-1', denied, 'not now');

    await stage.startService();
    await expect.poll(() => stage.state(approved)).toBe('APPROVED');
    await stage.service.sweepNow();

    expect(stage.reports.of('decided').filter(({ decided }) => decided.requestId === approved)).toHaveLength(
      1,
    );
    expect(stage.incidents()).toEqual([]);
  });
});

describe('a service that is killed again and again while listings are behind', () => {
  const running: ServiceProcess[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.end('SIGKILL')));
  });

  it.each([
    ['and no write from before its watch is brought', 0],
    ['and all of them are brought, a poll late', 60_000],
  ])(
    'loses no request and handles none twice, %s',
    async (_how, replayMs) => {
      const decideWithin = { escalate: { service: 'Access requests', decide_within: '1h' } };
      await using stage = await Stage.open({ start: false, rule: decideWithin });
      const { cluster, calls, faults } = stage.teleport;
      cluster.watches.replayRecent(replayMs, { lateMs: 200 });
      const start = async (): Promise<ServiceProcess> => {
        const service = new ServiceProcess(stage.configFile);
        running.push(service);
        await service.watching();
        return service;
      };
      const [toApprove, toPage]: [string[], string[]] = [[], []];
      const ask = (): void => {
        toApprove.push(stage.request('sre-1'));
        toPage.push(stage.request('sre-3'));
      };

      for (const kind of ['stall-before', 'stall-after'] as const) {
        const service = await start();
        faults.add({ method: 'SubmitAccessReview', kind, times: 1 });
        const reviews = calls.of('SubmitAccessReview').length;
        ask();
        // From now on the next life is shown these as pending, whatever comes of them, and not those that are made between the lives.
        cluster.keepListingStale();
        await calls.arrived('SubmitAccessReview', reviews + 1);
        await service.end('SIGKILL');
        faults.clear();
        ask();
      }
      await (await start()).end('SIGKILL');
      cluster.freshenListing();
      await start();

      await expect
        .poll(() => toApprove.map((id) => stage.state(id)), { timeout: 20_000 })
        .not.toContain('PENDING');
      // The same is asked for by one person: all are asked about on one page, each once.
      const askedAbout = () => stage.incidents().flatMap((incident) => [...requestsOn(incident)]);
      await expect.poll(() => askedAbout().sort(), { timeout: 20_000 }).toEqual(toPage.sort());
      expect(stage.incidents()).toHaveLength(1);
      for (const id of toApprove) {
        expect(cluster.request(id)).toMatchObject({ state: 'APPROVED', reviews: [{ author: BOT_USER }] });
        await expect
          .poll(async () => (await stage.events(id)).map(({ kind }) => kind))
          .toContain('effect-done');
      }
      for (const id of [...toApprove, ...toPage])
        expect(stage.decidedEvents(await stage.events(id)), id).toHaveLength(1);
    },
    60_000,
  );
});
