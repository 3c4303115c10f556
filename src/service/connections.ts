import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/load.ts';
import { backoffMs, type Backoff } from '../core/values/backoff.ts';
import { SECOND } from '../core/values/instant.ts';
import type { PagerDutyConnection } from '../pagerduty/connect.ts';
import type { OnCallDirectory } from '../ports/pagerduty.ts';
import { nothingPinned, type Pins } from '../ports/pins.ts';
import { nothingWatched, type Sightings } from '../ports/sightings.ts';
import type { Roster } from '../ports/roster.ts';
import type { Reporter } from '../ports/reporter.ts';
import { TeleportError, type Cluster, type ResourceList, type TeleportAdmin } from '../ports/teleport.ts';
import type { ResolveWith } from '../review/dependencies.ts';
import { lookBackOf } from '../review/facts/read-on-call.ts';
import { createRoster, type RosterOptions } from '../roster/create-roster.ts';
import { pinnedDirectory } from '../roster/pinned-directory.ts';
import { OwnershipWatch } from '../roster/ownership-watch.ts';
import { OwnedServices } from './owned-services.ts';
import type { connectTeleport } from '../teleport/connect.ts';

const START_BACKOFF: Backoff = { firstMs: SECOND, maxMs: 30 * SECOND };

/** Teleport Community has no reviews: there the state is set. */
export function resolveWithOf(config: Config, cluster: Cluster): ResolveWith {
  const { resolve_with: configured } = config.teleport;
  if (configured !== 'auto') return configured;
  return cluster.advancedWorkflows ? 'review' : 'state';
}

/** How to reach Teleport, in the adapter's terms. */
export function teleportOptions({ teleport, network }: Config): Parameters<typeof connectTeleport>[0] {
  const { addr, via, cluster, proxy_ca, identity, client_crt, client_key, root_cas } = teleport;
  return {
    addr,
    identity:
      identity === undefined
        ? { clientCrt: client_crt ?? '', clientKey: client_key ?? '', rootCas: root_cas ?? '' }
        : { file: identity },
    httpProxy: network.teleportProxy,
    connectionUpgrade: network.connectionUpgrade,
    ...(via === 'auto' ? {} : { via }),
    ...(cluster === undefined ? {} : { clusterName: cluster }),
    ...(proxy_ca === undefined ? {} : { proxyCaFile: proxy_ca }),
  };
}

/** A roster that reads when it is asked, for commands, by what was seen before, if anything; it ends with the signal. */
export function rosterFor(
  { pagerduty, policy }: Config,
  directory: OnCallDirectory,
  sights: { readonly pins: Pins; readonly sightings: Sightings } | null,
  given: Pick<RosterOptions, 'clock' | 'signal'>,
): Roster {
  const { pins = nothingPinned, sightings = nothingWatched } = sights ?? {};
  const lookBackMs = (): number => lookBackOf(policy);
  return createRoster({ ...given, directory, pins, sightings, lookBackMs, freshnessMs: pagerduty.freshMs });
}

/** Teams and fields, looked at once, for commands; of what labels name, too, where `resources` are given. */
export async function ownershipFor(
  { policy }: Config,
  { directory, ownershipDirectory }: Pick<PagerDutyConnection, 'directory' | 'ownershipDirectory'>,
  sights: { readonly pins: Pins; readonly sightings: Sightings } | null,
  {
    clock,
    signal,
    resources,
  }: Pick<RosterOptions, 'clock' | 'signal'> & { readonly resources?: ResourceList },
): Promise<OwnershipWatch> {
  const { pins = nothingPinned, sightings = nothingWatched } = sights ?? {};
  const owned =
    resources === undefined ? null : new OwnedServices({ directory, resources, policy: () => policy });
  const byLabels = policy.rules.some(
    ({ onCall, escalate }) => onCall.owner?.teamLabel !== undefined || escalate?.ownerField !== undefined,
  );
  if (byLabels) await owned?.look(signal);
  const watch = new OwnershipWatch({
    ...{ clock, pins, sightings },
    directory: { ...pinnedDirectory(directory, { pins, clock }), ...ownershipDirectory },
    rules: () => policy.rules,
    labelled: () => owned?.found() ?? { teams: [], services: [] },
  });
  await watch.look(signal);
  return watch;
}

/** The name by which the cluster's own resources are told from those of leaf clusters; null where Teleport does not say it. */
export function rootClusterOf({ name }: Cluster): string | null {
  return name === '' ? null : name;
}

/** Waits for a Teleport that is down; throws TeleportError for what only a person can mend. */
export async function reachTeleport(
  admin: TeleportAdmin,
  reporter: Reporter,
  random: () => number,
  signal: AbortSignal,
): Promise<Cluster> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await admin.ping(signal);
    } catch (error) {
      if (!(error instanceof TeleportError) || !error.transient) throw error;
      const retryInMs = backoffMs(START_BACKOFF, attempt, random());
      reporter.watchLost({ cause: error.message, retryInMs });
      await delay(retryInMs, undefined, { signal });
    }
  }
}
