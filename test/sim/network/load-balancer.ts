import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';

export interface LoadBalancerOptions {
  /** What it shows to clients: a publicly trusted certificate. */
  readonly certificate: { readonly certificatePem: string; readonly privateKeyPem: string };
  /** Where the proxy listens, `host:port`; asked for each request where it may change. */
  readonly target: string | (() => string);
  /** What becomes of an unknown ALPN protocol: some negotiate nothing, some refuse the connection by an alert. */
  readonly alpn: 'ignored' | 'refused';
  /** False: `Upgrade` is not forwarded, as with a balancer that knows HTTP requests only. */
  readonly webSockets?: boolean;
}

export interface LoadBalancer extends AsyncDisposable {
  /** `localhost:port`, since the certificate is for a name. */
  readonly addr: string;
  /** Paths asked for so far; upgrades with `upgrade ` in front. */
  readonly requests: readonly string[];
}

/** Layer 7: ends TLS, so that neither ALPN nor the client's certificate passes, and forwards HTTP/1.1 to the proxy by TLS of its own. */
export async function startLoadBalancer(options: LoadBalancerOptions): Promise<LoadBalancer> {
  const requests: string[] = [];
  const sockets = new Set<Duplex>();
  const http = createHttpServer((request, response) => {
    requests.push(request.url ?? '');
    forward(request, response, options);
  });
  http.on('upgrade', (request, socket, head) => {
    requests.push(`upgrade ${request.url ?? ''}`);
    forwardUpgrade(request, socket, head, options);
  });
  const { certificatePem: cert, privateKeyPem: key } = options.certificate;
  const tls = createTlsServer(
    { cert, key, ...(options.alpn === 'refused' ? { ALPNProtocols: ['h2', 'http/1.1'] } : {}) },
    (socket) => http.emit('connection', socket),
  );
  tls.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  tls.listen(0, '127.0.0.1');
  await once(tls, 'listening');
  return {
    addr: `localhost:${(tls.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      const closed = once(tls, 'close');
      tls.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function towards(request: IncomingMessage, { target }: LoadBalancerOptions) {
  const [host = '', port] = (typeof target === 'string' ? target : target()).split(':');
  return httpsRequest({
    host,
    port: Number(port),
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: request.headers,
    // As the usual balancers do: what is behind them is not verified.
    rejectUnauthorized: false,
  });
}

function forward(request: IncomingMessage, response: ServerResponse, options: LoadBalancerOptions): void {
  const upstream = towards(request, options);
  upstream.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.once('error', () => response.writeHead(502).end());
  request.pipe(upstream);
}

function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: LoadBalancerOptions,
): void {
  socket.on('error', () => socket.destroy());
  if (options.webSockets === false) {
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  const upstream = towards(request, options);
  upstream.once('upgrade', (answer, other, otherHead) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headerLines(answer)}\r\n`);
    if (otherHead.length > 0) socket.write(otherHead);
    if (head.length > 0) other.write(head);
    other.on('error', () => other.destroy());
    other.once('close', () => socket.destroy());
    socket.once('close', () => other.destroy());
    socket.pipe(other).pipe(socket);
  });
  upstream.once('response', (answer) => {
    socket.end(
      `HTTP/1.1 ${answer.statusCode ?? 502} refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    );
    answer.resume();
  });
  upstream.once('error', () => socket.destroy());
  upstream.end();
}

function headerLines({ rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1] ?? ''}\r\n`] : [],
  );
  return lines.join('');
}
