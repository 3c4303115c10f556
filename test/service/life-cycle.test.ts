import { expect, it } from 'vitest';
import { Stage } from './stage.ts';

it('the watch of a running service reconnects after an auth restart and misses nothing', async () => {
  await using stage = await Stage.open();

  await stage.teleport.auth.stop();
  await stage.reports.when('watchLost');
  const id = stage.request('sre-1');
  await stage.teleport.auth.start();
  await stage.done('review');

  expect(stage.state(id)).toBe('APPROVED');
});

it('a service that is told to stop while PagerDuty is asked still gets the answer and approves', async () => {
  await using stage = await Stage.open({ freshness: '0s' });
  const { faults, calls } = stage.pagerDuty;
  faults.add({ kind: 'latency', ms: 300, match: { pathPrefix: '/oncalls' } });
  calls.clear();
  const asked = Promise.withResolvers<undefined>();
  calls.onChange(() => calls.matching('GET', '/oncalls').length > 0 && asked.resolve(undefined));
  const id = stage.request('sre-1');
  await asked.promise;

  expect(await stage.stopService()).toBe(0);

  expect(stage.state(id)).toBe('APPROVED');
});
