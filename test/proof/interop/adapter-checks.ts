import { deepStrictEqual, equal } from 'node:assert/strict';

import { connectTeleport } from '../../../src/teleport/connect.ts';
import { checkAuditLog } from './audit-log-checks.ts';
import { checkCalls } from './call-checks.ts';
import { checkListing } from './listing-checks.ts';
import type { Results } from './results.ts';
import type { Scene } from './scene.ts';
import { AUTH, failure, REQUEST_ID } from './scene.ts';
import type { TeleportPeer } from './teleport-peer.ts';
import { checkWatch } from './watch-checks.ts';

/** gRPC's codes, and what kind of error a caller of the adapter gets for each. */
const KIND_OF_CODE = {
  2: 'unknown',
  3: 'invalid',
  4: 'timeout',
  5: 'not-found',
  6: 'already-exists',
  7: 'denied',
  8: 'limited',
  9: 'conflict',
  10: 'conflict',
  11: 'invalid',
  12: 'unsupported',
  13: 'unknown',
  14: 'unavailable',
  15: 'unknown',
  16: 'denied',
} as const;

/** The service's Teleport adapter against a server made of Teleport's generated code. */
export async function checkAdapter(peer: TeleportPeer, results: Results): Promise<void> {
  const identity = { file: peer.identityFile };
  const connection = await connectTeleport({ addr: peer.addr, via: 'direct', identity });
  const scene: Scene = { peer, connection, results, signal: AbortSignal.timeout(120_000) };
  try {
    await checkConnection(scene);
    await checkWatch(scene);
    await checkListing(scene);
    await checkCalls(scene);
    await checkAuditLog(scene);
    await checkErrors(scene);
  } finally {
    connection.close();
  }
}

async function checkConnection({ peer, connection, results, signal }: Scene): Promise<void> {
  await results.check(
    'a ping is read, over mutual TLS with an identity file that Teleport wrote',
    async () => {
      await peer.script(`${AUTH}/Ping`, {
        messages: [
          {
            ClusterName: 'teleport.example.com',
            ServerVersion: peer.moduleVersion,
            ProxyPublicAddr: 'teleport.example.com:443',
            ServerFeatures: { AdvancedAccessWorkflows: true },
          },
        ],
      });
      deepStrictEqual(await connection.admin.ping(signal), {
        name: 'teleport.example.com',
        version: peer.moduleVersion,
        advancedWorkflows: true,
        proxyPublicAddr: 'teleport.example.com:443',
      });
    },
  );
  await results.check('the server saw the certificate, h2, the API name, and no client version', async () => {
    const [call] = await peer.calls();
    equal(call?.user, 'oncall-approver');
    equal(call.protocol, 'h2');
    equal(call.server_name, 'teleport.cluster.local');
    equal(call.metadata['version'], undefined);
  });
}

async function checkErrors({ peer, connection, results, signal }: Scene): Promise<void> {
  for (const [code, kind] of Object.entries(KIND_OF_CODE)) {
    await results.check(`code ${code} is an error of kind \`${kind}\``, async () => {
      await peer.script(`${AUTH}/SetAccessRequestState`, {
        error: { code: Number(code), message: `refused with ${code}` },
      });
      const change = { id: REQUEST_ID, state: 'approved', reason: '' } as const;
      const error = await failure(connection.requests.setState(change, signal));
      equal(error.kind, kind);
    });
  }
}
