import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok } from 'node:assert/strict';

import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { startTeleport } from '../sim/teleport/start-teleport.ts';
import { runChecks } from './go-process.ts';
import type { Results } from './results.ts';

const REQUESTER = 'sre-3';

export interface ClientChecks {
  /** The Go command with Teleport's official client. */
  readonly command: string;
  /** An empty folder, for identity files. */
  readonly folder: string;
  /** What the simulated cluster says it is: the client's own version. */
  readonly serverVersion: string;
}

/** Teleport's official Go client against the simulator: both editions, directly and through the proxy. */
export async function checkOfficialClient(options: ClientChecks, results: Results): Promise<void> {
  for (const edition of ['enterprise', 'community'] as const) {
    for (const via of ['direct', 'proxy'] as const) {
      results.section(
        `  the official client, ${edition}, ${via === 'direct' ? 'directly' : 'through the proxy'}`,
      );
      await using teleport = await startTeleport({ edition, serverVersion: options.serverVersion });
      const identityOf = async (user: string) => {
        const file = join(options.folder, `${user}-${edition}-${via}`);
        await writeFile(file, teleport.identityFileFor(user), { mode: 0o600 });
        return file;
      };
      const args = {
        addr: via === 'direct' ? teleport.authAddr : teleport.proxyAddr,
        proxy: String(via === 'proxy'),
        reviews: String(edition === 'enterprise'),
        service: await identityOf(BOT_USER),
        'service-user': BOT_USER,
        requester: await identityOf(REQUESTER),
        'requester-user': REQUESTER,
      };
      const flags = Object.entries(args).map(([name, value]) => `-${name}=${value}`);
      await runChecks(options.command, ['client', ...flags], results);
      if (via === 'direct') continue;
      await results.check('the proxy passed the connections on by TLS routing', () => {
        ok(teleport.proxy.routes.includes('auth'), `it took ${teleport.proxy.routes.join(', ')}`);
      });
    }
  }
}
