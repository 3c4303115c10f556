import { describe, expect, it } from 'vitest';
import { Stage } from '../../service/stage.ts';
import { ChaosProcess } from './chaos-process.ts';

/** Lets the service run into the point, and gives what the ledger then holds of the request. */
async function dieAt(killPoint: string): Promise<readonly string[]> {
  await using stage = await Stage.open({ start: false });
  const { configFile } = stage;
  const service = new ChaosProcess({ configFile, killPoint, clockStepMs: 0, onLine: () => undefined });
  const id = stage.request('sre-1');
  await service.exited();
  expect(service.diedAtItsPoint).toBe(true);
  return (await stage.events(id)).map(({ kind }) => kind);
}

describe('a process that is killed at a point between two entries', () => {
  it.each([
    ['before decided approve', []],
    ['after decided approve', ['decided', 'effect-intended']],
    ['before effect-done review', ['decided', 'effect-intended']],
    ['after effect-done review', ['decided', 'effect-intended', 'effect-done']],
  ])('%s leaves just what was committed', async (killPoint, left) => {
    expect(await dieAt(killPoint)).toEqual(left);
  });

  it('lives on where it does not come by the point', async () => {
    await using stage = await Stage.open({ start: false });
    const { configFile } = stage;
    const killPoint = 'after decided deny';
    const service = new ChaosProcess({ configFile, killPoint, clockStepMs: 0, onLine: () => undefined });

    const id = stage.request('sre-1');
    await expect.poll(() => stage.state(id), { timeout: 15_000 }).toBe('APPROVED');

    expect(await service.end()).toBe(0);
  });
});
