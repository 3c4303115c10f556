import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Part } from '../../demo/processes.ts';
import type { Placement } from '../../demo/world.ts';
import { IMAGE_USER, runArguments, type Runnable } from './engine.ts';

/** The service in a container, its settings mounted to be read only, its ledger in a volume of its own. */
export function inContainer(name: string, httpPort: number, runnable?: Runnable): Placement {
  return {
    settings: {
      ledger: { sqlite: '/var/lib/oncall-approver/ledger.sqlite' },
      http: { listen: `127.0.0.1:${httpPort}` },
    },
    ledgerFile: (folder) => join(folder, 'data/ledger.sqlite'),
    start(folder) {
      mkdirSync(join(folder, 'data'), { mode: 0o700 });
      giveToImageUser(folder);
      const mounts = [
        { from: folder, at: '/etc/oncall-approver' },
        { from: join(folder, 'data'), at: '/var/lib/oncall-approver', writable: true },
      ];
      const run = runArguments({ name, mounts, ...(runnable === undefined ? {} : { runnable }) });
      return new Part('--log-level=error', run, 'stderr', 'podman');
    },
  };
}

/** As `chown` on the host of a container does it. */
export function giveToImageUser(folder: string): void {
  execFileSync('chown', ['--recursive', `${IMAGE_USER}:${IMAGE_USER}`, folder]);
}
