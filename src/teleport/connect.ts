import { readFile } from 'node:fs/promises';

import type { Instant } from '../core/values/instant.ts';
import type { AuditLog } from '../ports/usage.ts';
import type { TeleportLookAhead } from '../ports/look-ahead.ts';
import type {
  AccessRequestArchive,
  AccessRequests,
  Locks,
  NodeNames,
  ResourceList,
  TeleportAdmin,
  TeleportCall,
  TeleportUsers,
} from '../ports/teleport.ts';
import { TeleportError } from '../ports/teleport.ts';
import { TeleportAccessRequests } from './access-requests.ts';
import { grpcAuditLog } from './audit-log.ts';
import { parseAddress } from './connection/dial.ts';
import { grpcTeleportAdmin } from './admin.ts';
import { TeleportClient } from './connection/client.ts';
import { connectionUpgrade } from './connection/connection-upgrade.ts';
import { IdentityCredentials } from './connection/credentials.ts';
import type { Via } from './connection/discover.ts';
import { codeOf } from './connection/errors.ts';
import type { IdentityFiles } from './connection/identity-source.ts';
import { IdentitySource } from './connection/identity-source.ts';
import { grpcLookAhead } from './look-ahead.ts';
import { grpcLocks } from './locks.ts';
import { TeleportNodeNames } from './node-names.ts';
import { routeFinder } from './connection/route.ts';
import { grpcTeleportUsers } from './users.ts';

export interface TeleportOptions {
  /** `host:port` of a proxy with TLS routing, or of an auth server. */
  readonly addr: string;
  readonly identity: IdentityFiles;
  /** Found out by asking the address when absent. */
  readonly via?: Via;
  /** The identity's own cluster when absent. */
  readonly clusterName?: string;
  /** PEM file of the authority of the proxy's web certificate, where that is a private one. */
  readonly proxyCaFile?: string;
  /** The HTTP proxy on the way to Teleport; none when absent. */
  readonly httpProxy?: URL | null;
  /** Whether something that ends TLS is in front of the proxy; found out when absent. */
  readonly connectionUpgrade?: boolean | null;
  /** How long one call may take; 10 s when absent. */
  readonly callTimeoutMs?: number;
  /** How long a watch may take to begin; 15 s when absent, as with Teleport's own clients. */
  readonly initTimeoutMs?: number;
  /** How often the identity on disk is looked at; 1 min when absent, as with Teleport's own plugins. */
  readonly identityCheckMs?: number;
  readonly onIdentityRenewed?: (identity: { readonly user: string; readonly expires: Instant }) => void;
  /** The identity on disk is unreadable or expired; an unexpired one that was read before stays in use. */
  readonly onIdentityProblem?: (error: TeleportError) => void;
  /** Told of each call that has ended, but of none that goes on for ever. */
  readonly onCall?: (call: TeleportCall) => void;
}

export interface TeleportConnection {
  readonly requests: AccessRequests;
  readonly archive: AccessRequestArchive;
  readonly users: TeleportUsers;
  readonly locks: Locks;
  readonly nodes: NodeNames & ResourceList;
  readonly admin: TeleportAdmin;
  readonly lookAhead: TeleportLookAhead;
  readonly auditLog: AuditLog;
  /** When the identity as last read from disk ends. */
  identityExpires(): Instant;
  /** Ends every call; the connection is of no use afterwards. */
  close(): void;
}

const CALL_TIMEOUT_MS = 10_000;
const IDENTITY_CHECK_MS = 60_000;

/**
 * Reads the identity and sets up the connection; the first call makes it, and Teleport may be down until then.
 * Throws TeleportError of kind `identity` or `invalid` for an identity or an address that cannot be used.
 */
export async function connectTeleport(options: TeleportOptions): Promise<TeleportConnection> {
  const addr = parseAddress(options.addr);
  const proxyCaPem = options.proxyCaFile === undefined ? null : await readProxyCa(options.proxyCaFile);
  const identities = await IdentitySource.open(options.identity, {
    onRenewed: ({ user, expires }) => options.onIdentityRenewed?.({ user, expires }),
    onUnreadable: options.onIdentityProblem,
  });
  const httpProxy = options.httpProxy ?? null;
  const route = routeFinder({
    web: { addr, proxyCaPem },
    httpProxy,
    via: options.via ?? null,
    upgrade: options.connectionUpgrade ?? null,
  });
  const upgrade = connectionUpgrade({ addr, proxyCaPem }, httpProxy);
  const client = new TeleportClient({
    addr,
    httpProxy,
    ...(options.onCall === undefined ? {} : { onCall: options.onCall }),
    callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
    credentials: () =>
      new IdentityCredentials({
        web: { addr, proxyCaPem },
        httpProxy,
        identities,
        route,
        upgrade,
        clusterName: options.clusterName ?? null,
      }),
  });
  const timer = setInterval(() => {
    identities.refresh().then(
      (identity) => client.reconnectAs(identity),
      (error: unknown) => {
        if (error instanceof TeleportError) options.onIdentityProblem?.(error);
      },
    );
  }, options.identityCheckMs ?? IDENTITY_CHECK_MS);
  timer.unref();
  const requests = new TeleportAccessRequests(client, {
    ...(options.initTimeoutMs === undefined ? {} : { initTimeoutMs: options.initTimeoutMs }),
  });
  return {
    requests,
    archive: requests,
    users: grpcTeleportUsers(client),
    locks: grpcLocks(client),
    nodes: new TeleportNodeNames(client),
    admin: grpcTeleportAdmin(client, identities),
    lookAhead: grpcLookAhead(client),
    auditLog: grpcAuditLog(client),
    identityExpires: () => identities.current.expires,
    close: () => {
      clearInterval(timer);
      client.close();
    },
  };
}

async function readProxyCa(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new TeleportError(
      'invalid',
      `\`teleport.proxy_ca\` (\`${path}\`) cannot be read (${codeOf(error)})`,
      { transient: false, cause: error },
    );
  }
}
