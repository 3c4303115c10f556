import { TeleportError } from '../../ports/teleport.ts';
import { unbracketed, authorityOf } from '../../core/values/host.ts';
import { request } from 'node:http';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** Where Teleport listens: a proxy's web address, or an auth server. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** `host:port`, as written in the configuration. */
  readonly text: string;
}

const DEFAULT_PORT = 443;

/** `host:port` or `host` (port 443); brackets around IPv6. Throws TeleportError of kind `invalid` for anything else. */
export function parseAddress(text: string): Address {
  const url = URL.canParse(`tls://${text}`) ? new URL(`tls://${text}`) : null;
  const bare = url !== null && url.host === text.toLowerCase();
  if (url === null || !bare || url.hostname === '') {
    throw new TeleportError(
      'invalid',
      `\`${text}\` is no address of Teleport: write host:port without a scheme, for instance teleport.example.com:443`,
    );
  }
  return {
    host: unbracketed(url.hostname),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    text: url.port === '' ? `${text}:${String(DEFAULT_PORT)}` : text,
  };
}

const DIAL_TIMEOUT_MS = 10_000;

/** Where to open the TCP connection: at the HTTP proxy in between, or at Teleport itself. */
export function firstHop(addr: Address, proxy: URL | null): { readonly host: string; readonly port: number } {
  if (proxy === null) return { host: addr.host, port: addr.port };
  const port = proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port);
  return { host: unbracketed(proxy.hostname), port };
}

/** A connection to `addr`, ready for TLS. Rejects with Node's error, or TeleportError where the HTTP proxy refuses. */
export async function dial(addr: Address, proxy: URL | null, timeoutMs: number): Promise<Duplex> {
  const socket = connectTcp(firstHop(addr, proxy));
  const inTime = destroyAfter(timeoutMs, socket, 'no connection in time');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  } finally {
    inTime();
  }
  return throughProxy(socket, addr, proxy);
}

/**
 * Makes an open connection to the HTTP proxy one to `addr` (`CONNECT`, RFC 9110 §9.3.6); without a proxy it is one already.
 * Throws TeleportError `unavailable` with what the proxy said.
 */
export async function throughProxy(socket: Socket, addr: Address, proxy: URL | null): Promise<Duplex> {
  if (proxy === null) return socket;
  const hop = proxy.protocol === 'https:' ? secured(socket, proxy) : socket;
  const authority = authorityOf(addr);
  return new Promise((resolve, reject) => {
    const refuse = (why: string, cause?: unknown): void => {
      socket.destroy();
      const message =
        `the HTTP proxy \`${proxy.host}\` (HTTPS_PROXY) does not connect to teleport at \`${addr.text}\` (${why}): ` +
        'is it right, and may it connect there? NO_PROXY exempts an address from it';
      reject(new TeleportError('unavailable', message, { transient: true, cause }));
    };
    const connecting = request({
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...credentialsOf(proxy) },
      createConnection: () => hop,
      timeout: DIAL_TIMEOUT_MS,
    });
    connecting.once('connect', (response, _socket, head) => {
      if (response.statusCode !== 200) {
        refuse(`status ${response.statusCode ?? 0}`);
        return;
      }
      // A quiet watch is no failure, and who uses the connection hears of its end by `close`.
      hop.setTimeout(0);
      hop.on('error', () => undefined);
      if (head.length > 0) hop.unshift(head);
      resolve(hop);
    });
    connecting.once('response', (response) => refuse(`status ${response.statusCode ?? 0}`));
    connecting.once('timeout', () => refuse('no answer'));
    connecting.once('error', (error) => refuse('code' in error ? String(error.code) : 'error', error));
    connecting.end();
  });
}

function secured(socket: Socket, proxy: URL): TLSSocket {
  const { host } = firstHop({ host: '', port: 0, text: '' }, proxy);
  return connectTls({ socket, host, ...(isIP(host) === 0 ? { servername: host } : {}) });
}

function credentialsOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Destroys a connection, or a request, that takes longer; gives what calls that off. */
export function destroyAfter(
  ms: number,
  connection: { destroy(error?: Error): unknown },
  why: string,
): () => void {
  const timer = setTimeout(() => {
    connection.destroy(Object.assign(new Error(why), { code: 'ETIMEDOUT' }));
  }, ms);
  return () => clearTimeout(timer);
}
