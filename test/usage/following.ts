import type { RecordedUse } from '../../src/core/record/ledger-entry.ts';
import { HOUR, MINUTE } from '../../src/core/values/instant.ts';
import { World, type WorldOptions } from '../support/world.ts';

/** The reference story, where what access is used for is followed. */
export function follows(options: WorldOptions = {}): Promise<World> {
  return World.open({ config: { usage: {} }, readAuditLog: true, ...options });
}

/** sre-1 has production, for an hour unless told. */
export async function granted(world: World, forMs = HOUR): Promise<string> {
  const { cluster } = world.teleport;
  const id = world.request('sre-1', { maxDuration: new Date(cluster.now().getTime() + forMs) });
  await world.done('find-live-incident', id);
  return id;
}

/** So much time is over, with a look at the audit log now and then. */
export async function pass(world: World, ms: number, every = 10 * MINUTE): Promise<void> {
  for (let left = ms; left > 0; left -= every) {
    world.time.jump(Math.min(left, every));
    await world.service.readUsage();
  }
}

export async function used(world: World, id: string): Promise<readonly RecordedUse[]> {
  return (await world.events(id)).flatMap((event) => (event.kind === 'used' ? [event] : []));
}
