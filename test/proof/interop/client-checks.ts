import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok } from 'node:assert/strict';

import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startLoadBalancer } from '../../sim/network/load-balancer.ts';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';
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

const WAYS = {
  direct: 'directly',
  proxy: 'through the proxy',
  upgrade: 'through a load balancer, upgraded as the version does it',
} as const;

/** Teleport's official Go client against the simulator: both editions, directly, through the proxy, and upgraded to it. */
export async function checkOfficialClient(options: ClientChecks, results: Results): Promise<void> {
  for (const edition of ['enterprise', 'community'] as const) {
    for (const via of ['direct', 'proxy', 'upgrade'] as const) {
      results.section(`  the official client, ${edition}, ${WAYS[via]}`);
      const { serverVersion } = options;
      await using teleport = await startTeleport({ edition, serverVersion, readAuditLog: true });
      const session = { sid: 'session-1', server_hostname: 'web-1', access_requests: ['request-1'] };
      const { auditLog } = teleport.cluster;
      const begun = new Date(teleport.cluster.now().getTime() - 60_000);
      auditLog.emit('session.start', { ...session, time: begun.toISOString() }, { time: begun });
      auditLog.emit('session.end', session);
      const identityOf = async (user: string) => {
        const file = join(options.folder, `${user}-${edition}-${via}`);
        await writeFile(file, teleport.identityFileFor(user), { mode: 0o600 });
        return file;
      };
      await using balancer = await startLoadBalancer({
        certificate: teleport.authorities.webCertificate,
        target: teleport.proxyAddr,
        alpn: 'ignored',
      });
      const addresses = { direct: teleport.authAddr, proxy: teleport.proxyAddr, upgrade: balancer.addr };
      const args = {
        addr: addresses[via],
        proxy: String(via !== 'direct'),
        upgrade: String(via === 'upgrade'),
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
      if (via === 'proxy') continue;
      await results.check('the load balancer passed the upgrades on', () => {
        ok(balancer.requests.includes('upgrade /webapi/connectionupgrade'), balancer.requests.join(', '));
      });
    }
  }
}
