import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface HttpProxyOptions {
  /** `user:password` that it asks for; none unless told. */
  readonly credentials?: string;
  /** Status of every `CONNECT` instead of a connection, for instance 403. */
  readonly refusal?: number;
  /** Where connections to a name lead, since no name service knows the names of tests: `host:port` → `host:port`. */
  readonly hosts?: Readonly<Record<string, string>>;
}

export interface HttpProxy extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** What was asked for so far: `CONNECT host:port`, or `GET http://…`. */
  readonly asked: readonly string[];
  cutConnections(): void;
}

/** A forward proxy as in companies: `CONNECT` for TLS, absolute addresses for plain HTTP (RFC 9110 §9.3.6, RFC 9112 §3.2.2). */
export async function startHttpProxy(options: HttpProxyOptions = {}): Promise<HttpProxy> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    forward(request, response, options);
  });
  server.on('connect', (request, socket, head) => {
    asked.push(`CONNECT ${request.url ?? ''}`);
    tunnel(request, socket, head, options);
  });
  server.on('connection', (socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    cutConnections() {
      for (const socket of sockets) socket.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function authorised(request: IncomingMessage, { credentials }: HttpProxyOptions): boolean {
  if (credentials === undefined) return true;
  const expected = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return request.headers['proxy-authorization'] === expected;
}

function tunnel(request: IncomingMessage, socket: Duplex, head: Buffer, options: HttpProxyOptions): void {
  const refusal = authorised(request, options) ? options.refusal : 407;
  if (refusal !== undefined) {
    socket.end(`HTTP/1.1 ${refusal} refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    return;
  }
  const asked = request.url ?? '';
  const { hostname, port } = new URL(`tcp://${options.hosts?.[asked] ?? asked}`);
  const upstream = connect({ host: hostname.replace(/^\[(.*)\]$/u, '$1'), port: Number(port) });
  upstream.once('connect', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.once('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'));
  upstream.once('close', () => socket.destroy());
  socket.once('close', () => upstream.destroy());
}

function forward(request: IncomingMessage, response: ServerResponse, options: HttpProxyOptions): void {
  if (!authorised(request, options) || !URL.canParse(request.url ?? '')) {
    response.writeHead(authorised(request, options) ? 400 : 407).end();
    return;
  }
  const upstream = httpRequest(new URL(request.url ?? ''), {
    method: request.method ?? 'GET',
    headers: request.headers,
  });
  upstream.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.once('error', () => response.writeHead(502).end());
  request.pipe(upstream);
}
