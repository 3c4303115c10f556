import { afterEach, describe, expect, it } from 'vitest';
import { requestsOn } from '../proof/pages.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { ServiceProcess } from './process.ts';
import { Stage } from './stage.ts';

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
