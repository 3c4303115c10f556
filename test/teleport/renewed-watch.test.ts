import { writeFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { createWatcher } from '../../src/watcher/watch-requests.ts';
import { NOW } from '../support/builders.ts';
import { RecordingReporter } from '../service/recording-reporter.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { connected } from './connected.ts';

it('an identity that is renewed while requests come in costs no watch and no request: the next watch begins before the last one is left', async () => {
  await using world = await connected({ connection: { identityCheckMs: 20 } });
  const { teleport, connection, identityFile } = world;
  const reports = new RecordingReporter();
  const seen = new Set<string>();
  const stopped = new AbortController();
  const watching = createWatcher({
    requests: connection.requests,
    clock: { now: () => NOW },
    random: () => 0,
    reporter: reports.reporter,
    onObserved: ({ id }) => void seen.add(id),
  }).run(stopped.signal);
  await reports.when('watchLive');

  const ids: string[] = [];
  const asking = setInterval(
    () => ids.push(teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] }).id),
    5,
  );
  for (const count of [2, 3]) {
    await writeFile(identityFile, teleport.identityFileFor(BOT_USER));
    await teleport.calls.arrived('WatchEvents', count);
    await vi.waitFor(() => expect(teleport.calls.of('ListAccessRequests')).toHaveLength(count));
  }
  await vi.waitFor(() => expect(teleport.cluster.watches.watchers).toHaveLength(1), { timeout: 12_000 });
  clearInterval(asking);
  await vi.waitFor(() => expect(ids.filter((id) => !seen.has(id))).toEqual([]));
  stopped.abort();
  await watching;

  expect(teleport.calls.of('WatchEvents')).toHaveLength(3);
  expect(reports.of('watchLost')).toEqual([]);
  expect(reports.of('watchLive')).toHaveLength(1);
});
