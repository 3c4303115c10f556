import { request } from 'node:http';
import { Duplex } from 'node:stream';
import { TeleportError } from '../../ports/teleport.ts';
import { dial, destroyAfter } from './dial.ts';
import { codeOf } from './errors.ts';
import { webSession, type WebSessionOptions } from './web-session.ts';
import { authorityOf } from '../../core/values/host.ts';

/** Every Teleport proxy serves it, and no load balancer in front of one does. */
const TELLTALE_PROTOCOL = 'teleport-reversetunnel';
const NO_COMMON_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';
const UPGRADE_PATH = '/webapi/connectionupgrade';
/** The proxy pings, so that no load balancer takes a quiet watch for a dead connection. */
const UPGRADE_TYPE = 'alpn-ping';
const TIMEOUT_MS = 10_000;
/** The proxy sends what it reads from the auth server, some 32 KB at a time. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

export type WebAddress = Omit<WebSessionOptions, 'protocols'>;

/**
 * Whether something in front of the proxy ends TLS, so that TLS routing cannot work: then the protocol that every proxy knows
 * is not negotiated. Null when that could not be found out.
 */
export async function needsUpgrade(web: WebAddress, httpProxy: URL | null): Promise<boolean | null> {
  let socket: Duplex;
  try {
    socket = await dial(web.addr, httpProxy, TIMEOUT_MS);
  } catch {
    return null;
  }
  const session = webSession(socket, { ...web, protocols: [TELLTALE_PROTOCOL] });
  const inTime = destroyAfter(TIMEOUT_MS, session, 'no handshake in time');
  try {
    return await new Promise<boolean | null>((resolve) => {
      session.once('secureConnect', () => resolve(session.alpnProtocol !== TELLTALE_PROTOCOL));
      session.on('error', (error) => resolve(codeOf(error) === NO_COMMON_PROTOCOL ? true : null));
      session.once('close', () => resolve(null));
    });
  } finally {
    inTime();
    session.destroy();
  }
}

/** How connections to the address are upgraded; remembers which of its two forms the proxy knows. */
export type Upgrade = (socket: Duplex) => Promise<Duplex>;

/**
 * Turns a connection to a load balancer into one to the proxy behind it: by WebSocket, and where the proxy does not find that
 * (404, Teleport before 15.1), by the older form over a connection of its own. Throws TeleportError with what stood in the way.
 */
export function connectionUpgrade(web: WebAddress, httpProxy: URL | null): Upgrade {
  let older = false;

  async function byOlderForm(connection: Duplex | Promise<Duplex>): Promise<Duplex> {
    try {
      const stream = await legacyUpgrade(await connection, web);
      older = true;
      return stream;
    } catch (error) {
      // Asked for anew next time: the proxy may be another version by then.
      older = false;
      throw upgradeError(web.addr.text, error);
    }
  }

  return async (socket) => {
    if (older) return byOlderForm(socket);
    try {
      return await webSocketUpgrade(socket, web);
    } catch (error) {
      if (!isNotFound(error)) throw upgradeError(web.addr.text, error);
    }
    return byOlderForm(dial(web.addr, httpProxy, TIMEOUT_MS));
  };
}

/** `GET /webapi/connectionupgrade` over TLS becomes a WebSocket, whose binary frames carry what follows. */
async function webSocketUpgrade(socket: Duplex, web: WebAddress): Promise<Duplex> {
  // Only behind a load balancer that ends TLS: elsewhere the library need not be in memory.
  const { createWebSocketStream, WebSocket } = await import('ws');
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(`wss://${authorityOf(web.addr)}${UPGRADE_PATH}`, [UPGRADE_TYPE], {
      createConnection: () => webSession(socket, { ...web, protocols: ['http/1.1'] }),
      handshakeTimeout: TIMEOUT_MS,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
    });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    webSocket.once('unexpected-response', (request, response) => {
      request.destroy();
      fail(new RefusedUpgrade(response.statusCode ?? 0));
    });
    webSocket.once('error', fail);
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

/** The form of before 15.1: `Upgrade: alpn-ping`, and then packets with their size in front, of which the empty ones are pings. */
function legacyUpgrade(socket: Duplex, web: WebAddress): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const asking = request({
      path: UPGRADE_PATH,
      headers: {
        host: authorityOf(web.addr),
        connection: 'Upgrade',
        upgrade: UPGRADE_TYPE,
        'x-teleport-upgrade': UPGRADE_TYPE,
      },
      createConnection: () => webSession(socket, { ...web, protocols: ['http/1.1'] }),
      timeout: TIMEOUT_MS,
    });
    asking.once('upgrade', (response, session, head) => {
      if (response.headers.upgrade !== UPGRADE_TYPE) {
        fail(new Error('another protocol'));
        return;
      }
      session.setTimeout(0);
      if (head.length > 0) session.unshift(head);
      resolve(unpacked(session));
    });
    asking.once('response', (response) => fail(new RefusedUpgrade(response.statusCode ?? 0)));
    asking.once('timeout', () => fail(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    asking.once('error', fail);
    asking.end();
  });
}

/** An answer other than 101. */
class RefusedUpgrade extends Error {
  override readonly name = 'RefusedUpgrade';
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof RefusedUpgrade && error.status === 404;
}

function upgradeError(addr: string, cause: unknown): TeleportError {
  if (cause instanceof TeleportError) return cause;
  const neither = isNotFound(cause);
  const code = cause instanceof RefusedUpgrade ? cause.message : codeOf(cause);
  return new TeleportError(
    neither ? 'unsupported' : 'unavailable',
    `a load balancer ends TLS in front of the proxy at \`${addr}\`, and the connection could not be upgraded (${code === '' ? 'no WebSocket' : code}): ` +
      (neither
        ? 'neither by WebSocket nor by the form of before Teleport 15.1; let TLS pass through the load balancer'
        : 'it must let WebSockets pass to /webapi/connectionupgrade'),
    { transient: !neither, cause },
  );
}

/** Size of what follows, big-endian; 0 is a ping, which nothing follows and nobody answers (Teleport: `pingconn`). */
const SIZE_BYTES = 4;

/** What is carried by a connection of packets: the stream of their contents, in either direction. Owns the connection. */
export function unpacked(packets: Duplex): Duplex {
  const unpack = unpacker();
  const contents = new Duplex({
    read: () => void packets.resume(),
    write(chunk: Buffer, _encoding, done) {
      const size = Buffer.alloc(SIZE_BYTES);
      size.writeUInt32BE(chunk.length);
      if (chunk.length === 0) done();
      else packets.write(Buffer.concat([size, chunk]), done);
    },
    final: (done) => void packets.end(done),
    destroy(error, done) {
      packets.destroy();
      done(error);
    },
  });
  packets.on('data', (chunk: Buffer) => {
    for (const content of unpack(chunk)) if (!contents.push(content)) packets.pause();
  });
  packets.once('end', () => contents.push(null));
  packets.on('error', () => contents.destroy());
  // Who uses the connection hears of its end by `close`.
  contents.on('error', () => undefined);
  packets.once('close', () => contents.destroy());
  // A TLS session over it goes on in one direction only if told so: as with a WebSocket, the end of one is the end of both.
  contents.once('end', () => contents.destroy());
  return contents;
}

/** Takes the bytes as they come, cut anywhere, and gives the contents of the packets without waiting for their ends. */
function unpacker(): (chunk: Buffer) => readonly Buffer[] {
  let left = 0;
  let header = Buffer.alloc(0);
  return (chunk) => {
    const contents: Buffer[] = [];
    for (let rest = chunk; rest.length > 0;) {
      if (left === 0) {
        const missing = SIZE_BYTES - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length < SIZE_BYTES) break;
        left = header.readUInt32BE();
        header = Buffer.alloc(0);
      } else {
        const content = rest.subarray(0, left);
        left -= content.length;
        rest = rest.subarray(content.length);
        contents.push(content);
      }
    }
    return contents;
  };
}
