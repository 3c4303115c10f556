import type { Config } from '../config/load.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { Cluster, TeleportAdmin } from '../ports/teleport.ts';
import type { WayToResolve } from '../review/dependencies.ts';
import { resolveWithOf } from './connections.ts';

/** Follows the cluster's edition, which a licence changes while Teleport runs, where the configuration leaves the way to it. */
export function wayToResolve(
  config: Config,
  cluster: Cluster,
  { admin, reporter }: { admin: Pick<TeleportAdmin, 'ping'>; reporter: Pick<Reporter, 'resolvesWith'> },
): WayToResolve {
  let last = resolveWithOf(config, cluster);
  return {
    now: () => last,
    async askAnew(signal) {
      if (config.teleport.resolve_with !== 'auto') return last;
      const way = resolveWithOf(config, await admin.ping(signal));
      if (way !== last) reporter.resolvesWith({ way });
      last = way;
      return way;
    },
  };
}
