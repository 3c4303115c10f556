import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';

export interface ConnectionUpgradeOptions {
  /** False for a proxy older than 15.1: WebSockets are not found. */
  readonly webSockets: boolean;
  /** Whether the form of before 15.1 is found; newer proxies know both. */
  readonly legacyUpgrades: boolean;
  /** How often an `alpn-ping` connection is pinged, in milliseconds. */
  readonly pingEveryMs: number;
  /** Takes the connection on, as if it had come in by itself. */
  readonly accept: (connection: Duplex) => void;
}

const SUB_PROTOCOLS = ['alpn-ping', 'alpn'];

/** `/webapi/connectionupgrade`: a WebSocket whose binary frames carry a connection to the web port. */
export function connectionUpgrade(
  options: ConnectionUpgradeOptions,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    handleProtocols: (offered) => SUB_PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });
  return (request, socket, head) => {
    const { pathname } = new URL(request.url ?? '/', 'https://proxy.invalid');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const wanted = [request.headers['x-teleport-upgrade'] ?? []].flat();
    const legacy = options.legacyUpgrades
      ? SUB_PROTOCOLS.find((protocol) => wanted.includes(protocol))
      : undefined;
    const types = (request.headers.upgrade ?? '').split(',').map((type) => type.trim().toLowerCase());
    // Teleport: preferred where the client offers both, as those from 15.1 to 17 do.
    const isWebSocket = options.webSockets && types.includes('websocket');
    if (pathname !== '/webapi/connectionupgrade' || (!isWebSocket && legacy === undefined)) {
      refuse(socket, '404 Not Found');
      return;
    }
    if (!isWebSocket && legacy !== undefined) {
      options.accept(legacyConnection(socket, head, legacy, options.pingEveryMs));
      return;
    }
    if (!SUB_PROTOCOLS.some((protocol) => offered.includes(protocol))) {
      refuse(socket, '400 Bad Request');
      return;
    }
    request.headers.upgrade = 'websocket';
    server.handleUpgrade(request, socket, head, (webSocket) => {
      if (webSocket.protocol === 'alpn-ping') {
        const pings = setInterval(() => webSocket.ping(), options.pingEveryMs);
        webSocket.once('close', () => clearInterval(pings));
      }
      const connection = createWebSocketStream(webSocket);
      connection.once('close', () => webSocket.terminate());
      options.accept(connection);
    });
  };
}

/** The form of before 15.1: `alpn` is raw bytes; `alpn-ping` packets with a four-byte size in front, 0 being a ping. */
function legacyConnection(socket: Duplex, head: Buffer, type: string, pingEveryMs: number): Duplex {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${type}\r\nX-Teleport-Upgrade: ${type}\r\nConnection: Upgrade\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  if (type === 'alpn') return socket;
  const pings = setInterval(() => socket.write(Buffer.alloc(4)), pingEveryMs);
  let received = Buffer.alloc(0);
  const connection = new Duplex({
    read: () => void socket.resume(),
    write(chunk: Buffer, _encoding, done) {
      const size = Buffer.alloc(4);
      size.writeUInt32BE(chunk.length);
      socket.write(size);
      socket.write(chunk, done);
    },
    final: (done) => void socket.end(done),
    destroy(error, done) {
      clearInterval(pings);
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= 4 + received.readUInt32BE()) {
      const end = 4 + received.readUInt32BE();
      if (end > 4) connection.push(received.subarray(4, end));
      received = received.subarray(end);
    }
  });
  socket.once('close', () => connection.destroy());
  socket.on('error', () => connection.destroy());
  return connection;
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
