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
