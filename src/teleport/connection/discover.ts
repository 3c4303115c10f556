import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';

import { z } from 'zod';

import { TeleportError } from '../../ports/teleport.ts';
import { dial, destroyAfter, type Address } from './dial.ts';
import { codeOf } from './errors.ts';
import { webSession } from './web-session.ts';

/** `direct`: straight to an auth server. `proxy`: through the proxy's web port, which routes TLS by ALPN. */
export type Via = 'direct' | 'proxy';

export interface Discovery {
  readonly via: Via;
  /** The name the proxy gave its cluster; null when nothing was asked or answered. */
  readonly clusterName: string | null;
}

/** Where an auth server listens by default; a proxy never does. */
const AUTH_PORT = 3025;
const FIND_TIMEOUT_MS = 5_000;
const FIND_MAX_BYTES = 1_000_000;

/** Node's codes for an address at which nobody can be asked; everything else is an answer from something. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);

const findSchema = z.object({
  cluster_name: z.string().optional(),
  proxy: z.object({ tls_routing_enabled: z.boolean().default(false) }),
});

/**
 * Asks the address itself whether it is a proxy: `GET /webapi/find` needs no credentials, and decides nothing about
 * trust, since the TLS session that follows is verified against the identity's own authorities either way.
 * An address that answers otherwise is taken for an auth server. Throws TeleportError `unavailable` when nobody is
 * there to ask, `unsupported` for a proxy without TLS routing.
 */
export async function discover(
  addr: Address,
  proxyCaPem: string | null,
  httpProxy: URL | null = null,
): Promise<Discovery> {
  if (addr.port === AUTH_PORT) return { via: 'direct', clusterName: null };
  const answer = await askProxy(addr, proxyCaPem, httpProxy);
  if (answer === null) return { via: 'direct', clusterName: null };
  if (!answer.proxy.tls_routing_enabled) {
    throw new TeleportError(
      'unsupported',
      `the proxy at \`${addr.text}\` does not route TLS (\`proxy_listener_mode: multiplex\` is off): ` +
        'set `teleport.addr` to the auth server instead, port 3025',
    );
  }
  return { via: 'proxy', clusterName: answer.cluster_name ?? null };
}

async function askProxy(
  addr: Address,
  proxyCaPem: string | null,
  httpProxy: URL | null,
): Promise<z.infer<typeof findSchema> | null> {
  let answer: { readonly status: number; readonly body: string };
  try {
    answer = await fetchFind(addr, proxyCaPem, httpProxy);
  } catch (error) {
    if (error instanceof TeleportError) throw error;
    if (!UNREACHABLE.has(codeOf(error))) return null;
    throw new TeleportError(
      'unavailable',
      `teleport at \`${addr.text}\` cannot be reached (${codeOf(error)}): is it running, and is \`teleport.addr\` right?`,
      { transient: true, cause: error },
    );
  }
  if (answer.status >= 500) {
    throw new TeleportError(
      'unavailable',
      `the proxy at \`${addr.text}\` answered /webapi/find with status ${answer.status}: is it starting?`,
      { transient: true },
    );
  }
  const parsed = answer.status === 200 ? findSchema.safeParse(jsonOf(answer.body)) : null;
  return parsed?.data ?? null;
}

async function fetchFind(
  addr: Address,
  proxyCaPem: string | null,
  httpProxy: URL | null,
): Promise<{ readonly status: number; readonly body: string }> {
  const socket = await dial(addr, httpProxy, FIND_TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const request = get(
      {
        host: addr.host,
        port: addr.port,
        path: '/webapi/find',
        headers: { accept: 'application/json' },
        createConnection: () => webSession(socket, { addr, proxyCaPem, protocols: ['http/1.1'] }),
      },
      (response) => {
        bodyOf(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      },
    );
    request.once('close', destroyAfter(FIND_TIMEOUT_MS, request, 'no answer in time'));
    request.once('error', reject);
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > FIND_MAX_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
