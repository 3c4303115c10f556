import { deepStrictEqual, equal } from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkAdapter } from './adapter-checks.ts';
import { checkCollector } from './collector-checks.ts';
import { checkOfficialClient } from './client-checks.ts';
import { goBuild, goVersion } from './go-toolchain.ts';
import { checkPagerDuty } from './pagerduty-checks.ts';
import { Results } from './results.ts';
import { TeleportPeer } from './teleport-peer.ts';
import { UNPROVEN } from './unproven.ts';
import type { TeleportVersion } from './versions.ts';
import { TELEPORT_VERSIONS, majorOf } from './versions.ts';
import type { Seen } from './wire-checks.ts';
import { checkBytes, checkWireShapes, everythingOwn } from './wire-checks.ts';

/*
 * The proof against the vendors' own published code: Teleport's API module in several versions, PagerDuty's Go client.
 * Arguments are the versions of Teleport to prove alone, while one works on them; without any it is the whole proof.
 * Prints every check and ends with `N passed, N failed`; exit code 1 when one failed or there is no Go.
 */
const print = (line: string) => void process.stdout.write(`${line}\n`);

try {
  print(goVersion());
  const results = new Results(print);
  await run(results);
  print(`\n${results.summary()}`);
  process.exitCode = results.failed === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(results: Results): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'interop-'));
  try {
    const seen: Seen = new Set();
    const alone = process.argv.slice(2);
    for (const version of TELEPORT_VERSIONS) {
      if (alone.length > 0 && !alone.includes(version.version)) continue;
      await proveTeleport(version, { folder, results, seen });
    }
    if (alone.length > 0) return;
    results.section('all versions of teleport together');
    await results.check('what no version has is known, and is nothing else', () => {
      deepStrictEqual(
        everythingOwn()
          .filter((each) => !seen.has(each))
          .toSorted(),
        UNPROVEN.toSorted(),
      );
    });
    results.section("pagerduty: go-pagerduty's client and signature check against the simulator");
    const command = join(folder, 'pagerduty');
    await goBuild({ package: 'pagerduty', output: command });
    await checkPagerDuty(command, results);
    results.section('opentelemetry: what the service sends, taken by the collector’s receiver');
    const collector = join(folder, 'collector');
    await goBuild({ package: 'collector', output: collector, modFile: 'versions/collector.mod' });
    await checkCollector(collector, results);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function proveTeleport(
  version: TeleportVersion,
  { folder, results, seen }: { readonly folder: string; readonly results: Results; readonly seen: Seen },
): Promise<void> {
  const command = join(folder, `teleport-${version.version}`);
  const tags = `teleport_v${majorOf(version)}`;
  await goBuild({ package: 'teleport', output: command, tags, modFile: version.modFile });
  const home = join(folder, version.version);
  await mkdir(home);

  results.section(`teleport ${version.version} (${version.module}): the wire`);
  await using peer = await TeleportPeer.start(command, home);
  await results.check('the module is the version it is taken for', () => {
    equal(peer.moduleVersion, version.version);
  });
  await checkWireShapes(peer, results, seen);
  await checkBytes(peer, results);
  results.section(`teleport ${version.version}: the service's adapter against Teleport's generated server`);
  await checkAdapter(peer, results);
  results.section(`teleport ${version.version}: the official client against the simulator`);
  await checkOfficialClient({ command, folder: home, serverVersion: version.version }, results);
}
