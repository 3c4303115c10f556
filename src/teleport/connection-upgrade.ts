import type { Duplex } from 'node:stream';
import { TeleportError } from '../ports/teleport.ts';
import { dial } from './dial.ts';
import { codeOf } from './errors.ts';
import { webSession, type WebSessionOptions } from './web-session.ts';

/** Every Teleport proxy serves it, and no load balancer in front of one does. */
const TELLTALE_PROTOCOL = 'teleport-reversetunnel';
const NO_COMMON_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';
/** `alpn-ping`: the proxy pings, so that no load balancer takes a quiet watch for a dead connection. */
const SUB_PROTOCOL = 'alpn-ping';
const TIMEOUT_MS = 10_000;
/** The proxy sends what it reads from the auth server, some 32 KB at a time. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

export type WebAddress = Omit<WebSessionOptions, 'protocols'>;

/**
 * Whether something in front of the proxy ends TLS, so that TLS routing cannot work: then the protocol that every proxy knows
 * is not negotiated (`teleport-wire.md` §2.7). Null when that could not be found out.
 */
export async function needsUpgrade(web: WebAddress, httpProxy: URL | null): Promise<boolean | null> {
  let socket: Duplex;
  try {
    socket = await dial(web.addr, httpProxy, TIMEOUT_MS);
  } catch {
    return null;
  }
  const session = webSession(socket, { ...web, protocols: [TELLTALE_PROTOCOL] });
  const timer = setTimeout(() => session.destroy(), TIMEOUT_MS);
  try {
    return await new Promise<boolean | null>((resolve) => {
      session.once('secureConnect', () => resolve(session.alpnProtocol !== TELLTALE_PROTOCOL));
      session.on('error', (error) => resolve(codeOf(error) === NO_COMMON_PROTOCOL ? true : null));
      session.once('close', () => resolve(null));
    });
  } finally {
    clearTimeout(timer);
    session.destroy();
  }
}

/**
 * Turns a connection to a load balancer into one to the proxy behind it: `GET /webapi/connectionupgrade` over TLS becomes a
 * WebSocket, whose binary frames carry what follows. Throws TeleportError with what stood in the way.
 */
export async function upgraded(socket: Duplex, web: WebAddress): Promise<Duplex> {
  // Only behind a load balancer that ends TLS: elsewhere the library need not be in memory.
  const { createWebSocketStream, WebSocket } = await import('ws');
  const host = web.addr.host.includes(':') ? `[${web.addr.host}]` : web.addr.host;
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(
      `wss://${host}:${web.addr.port}/webapi/connectionupgrade`,
      [SUB_PROTOCOL],
      {
        createConnection: () => webSession(socket, { ...web, protocols: ['http/1.1'] }),
        handshakeTimeout: TIMEOUT_MS,
        maxPayload: MAX_FRAME_BYTES,
        perMessageDeflate: false,
      },
    );
    const fail = (why: string, cause: unknown = null): void => {
      socket.destroy();
      reject(upgradeError(web.addr.text, why, cause));
    };
    webSocket.once('unexpected-response', (request, response) => {
      request.destroy();
      fail(`status ${response.statusCode ?? 0}`);
    });
    webSocket.once('error', (error) => fail(codeOf(error) === '' ? 'no WebSocket' : codeOf(error), error));
    webSocket.once('open', () => {
      const stream = createWebSocketStream(webSocket);
      // It would stay half open: nothing can be sent to somebody who has closed the WebSocket.
      stream.once('end', () => stream.destroy());
      stream.on('error', () => stream.destroy());
      stream.once('close', () => {
        webSocket.terminate();
        socket.destroy();
      });
      resolve(stream);
    });
  });
}

function upgradeError(addr: string, why: string, cause: unknown): TeleportError {
  const tooOld = why === 'status 404';
  return new TeleportError(
    tooOld ? 'unsupported' : 'unavailable',
    `a load balancer ends TLS in front of the proxy at \`${addr}\`, and the connection could not be upgraded (${why}): ` +
      (tooOld
        ? 'Teleport 15.1 or newer is needed for it, or a load balancer that lets TLS pass through'
        : 'it must let WebSockets pass to /webapi/connectionupgrade'),
    { transient: !tooOld, cause },
  );
}
