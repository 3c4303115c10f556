import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { IssuedCertificate } from './certificates.ts';
import { parseClientHello, type ClientHello } from './client-hello.ts';
import { connectionUpgrade } from './connection-upgrade.ts';
import { webApi } from './web-api.ts';

export interface TlsRoutingProxyOptions {
  readonly clusterName: string;
  readonly serverVersion: string;
  /** The web certificate: publicly trusted in a real cluster, and never signed by the cluster's own CAs. */
  readonly webCertificate: IssuedCertificate;
  /** Where the auth server listens, `host:port`. */
  readonly authAddr: () => string;
  readonly port: number;
  /** Whether the proxy upgrades connections by WebSocket, as from 15.1 on; true unless told. */
  readonly webSockets?: boolean;
  /** Whether it also knows the form of before 15.1; true unless told. */
  readonly legacyUpgrades?: boolean;
  /** How often an upgraded connection is pinged, in milliseconds; half a minute unless told. */
  readonly pingEveryMs?: number;
}

/** How a connection goes on, by its ClientHello; an upgraded one comes again, from within a web connection. */
export type Route = 'auth' | 'web' | 'reverse-tunnel' | 'refused';

const HOST = '127.0.0.1';
const AUTH_ALPN_PREFIX = 'teleport-auth@';
const TUNNEL_PROTOCOL = 'teleport-reversetunnel';
const WEB_PROTOCOLS = ['h2', 'http/1.1'];
const PING_EVERY_MS = 30_000;
const HELLO_TIMEOUT_MS = 10_000;

/**
 * The proxy's web port with TLS routing. It looks at the ClientHello only: a connection meant for the auth server is
 * passed on byte by byte, so that its TLS session is end to end; a web one is ended here.
 */
export class TlsRoutingProxy {
  readonly #options: TlsRoutingProxyOptions;
  readonly #listener: Server;
  readonly #web: Http2SecureServer;
  readonly #tunnels: TlsServer;
  readonly #sockets = new Set<Duplex>();
  /** The routes taken so far, in order. */
  readonly routes: Route[] = [];

  constructor(options: TlsRoutingProxyOptions) {
    this.#options = options;
    this.#listener = createServer((socket) => this.#accept(socket));
    this.#web = createSecureServer(
      {
        key: options.webCertificate.privateKeyPem,
        cert: options.webCertificate.certificatePem,
        allowHTTP1: true,
      },
      webApi({ ...options, webAddr: () => this.addr }),
    );
    this.#web.on(
      'upgrade',
      connectionUpgrade({
        webSockets: options.webSockets ?? true,
        legacyUpgrades: options.legacyUpgrades ?? true,
        pingEveryMs: options.pingEveryMs ?? PING_EVERY_MS,
        accept: (connection) => this.#accept(connection),
      }),
    );
    this.#tunnels = createTlsServer(
      {
        key: options.webCertificate.privateKeyPem,
        cert: options.webCertificate.certificatePem,
        ALPNProtocols: [TUNNEL_PROTOCOL],
      },
      // Agents of other clusters speak SSH here; whoever does not is let go.
      (socket) => socket.on('error', () => socket.destroy()).end('SSH-2.0-Teleport\r\n'),
    );
    this.#tunnels.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#web.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#web.on('sessionError', (_error, session) => session.destroy());
  }

  get addr(): string {
    return `${HOST}:${(this.#listener.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    this.#listener.listen(this.#options.port, HOST);
    await once(this.#listener, 'listening');
  }

  async stop(): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    this.cutConnections();
    await closed;
  }

  cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Duplex): void {
    this.#track(socket);
    let peeked = Buffer.alloc(0);
    const timer = setTimeout(() => socket.destroy(), HELLO_TIMEOUT_MS);
    socket.once('close', () => clearTimeout(timer));
    const onData = (chunk: Buffer) => {
      peeked = Buffer.concat([peeked, chunk]);
      const result = parseClientHello(peeked);
      if (result.kind === 'partial') return;
      socket.off('data', onData);
      socket.pause();
      clearTimeout(timer);
      const route = result.kind === 'complete' ? routeOf(result.hello, this.#options.clusterName) : 'refused';
      this.routes.push(route);
      this.#follow(route, socket, peeked);
    };
    socket.on('data', onData);
  }

  #follow(route: Route, socket: Duplex, peeked: Buffer): void {
    switch (route) {
      case 'auth':
        this.#forward(socket, peeked);
        return;
      case 'web':
        socket.unshift(peeked);
        this.#web.emit('connection', socket);
        return;
      case 'reverse-tunnel':
        socket.unshift(peeked);
        this.#tunnels.emit('connection', socket);
        return;
      case 'refused':
        socket.destroy();
    }
  }

  #forward(socket: Duplex, peeked: Buffer): void {
    const [host, port] = this.#options.authAddr().split(':');
    const upstream = connect({ host: host ?? HOST, port: Number(port) });
    this.#track(upstream);
    upstream.on('connect', () => {
      upstream.write(peeked);
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  }
}

/** Lower-case hex of the cluster's name, as its server names and ALPN protocols carry it. */
export function encodedClusterName(clusterName: string): string {
  return `${Buffer.from(clusterName, 'utf8').toString('hex')}.teleport.cluster.local`;
}

/**
 * Teleport: the first protocol anybody serves decides; the route to auth then reads the cluster from the first entry of
 * the list only. A client without ALPN is taken for a browser.
 */
function routeOf({ alpnProtocols }: ClientHello, clusterName: string): Route {
  if (alpnProtocols.length === 0) return 'web';
  const served = alpnProtocols.find(
    (protocol) =>
      protocol.startsWith(AUTH_ALPN_PREFIX) ||
      protocol === TUNNEL_PROTOCOL ||
      WEB_PROTOCOLS.includes(protocol),
  );
  if (served === undefined) return 'refused';
  if (served === TUNNEL_PROTOCOL) return 'reverse-tunnel';
  if (!served.startsWith(AUTH_ALPN_PREFIX)) return 'web';
  return alpnProtocols[0] === AUTH_ALPN_PREFIX + encodedClusterName(clusterName) ? 'auth' : 'refused';
}
