import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';

export interface ConnectionUpgradeOptions {
  /** False for a proxy older than 15.1: WebSockets are not found. */
  readonly webSockets: boolean;
  /** How often an `alpn-ping` connection is pinged, in milliseconds. */
  readonly pingEveryMs: number;
  /** Takes the connection on, as if it had come in by itself. */
  readonly accept: (connection: Duplex) => void;
}

const SUB_PROTOCOLS = ['alpn-ping', 'alpn'];

/** `/webapi/connectionupgrade`: a WebSocket whose binary frames carry a connection to the web port (teleport-wire.md §2.7). */
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
    if (pathname !== '/webapi/connectionupgrade' || !options.webSockets) {
      refuse(socket, '404 Not Found');
      return;
    }
    if (!SUB_PROTOCOLS.some((protocol) => offered.includes(protocol))) {
      refuse(socket, '400 Bad Request');
      return;
    }
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

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
