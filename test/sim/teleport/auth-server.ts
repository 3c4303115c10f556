import { once } from 'node:events';
import { createServer, type SecureContextOptions, type TLSSocket, type Server as TlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { accessRequestMethods } from './access-request-methods.ts';
import { auditLogMethods } from './audit-log-methods.ts';
import type { CallLog } from './call-log.ts';
import type { CertificateAuthority, IssuedCertificate } from './certificates.ts';
import { clientCertificateOf, type ClientCertificate } from './client-certificate.ts';
import type { Cluster } from './cluster.ts';
import type { Faults } from './faults.ts';
import { listingMethods } from './listing-methods.ts';
import { monitoringRulesMethods } from './monitoring-rules.ts';
import {
  AUDIT_LOG_SERVICE,
  AUTH_SERVICE,
  LOGIN_STATE_SERVICE,
  MONITORING_RULES_SERVICE,
  USERS_SERVICE,
  serviceDefinition,
} from './proto.ts';
import { loginStateMethods, resourceMethods, usersMethods } from './resource-methods.ts';
import { handlersFor } from './rpc.ts';
import { watchMethods } from './watch-methods.ts';

export interface AuthServerOptions {
  readonly cluster: Cluster;
  readonly faults: Faults;
  readonly calls: CallLog;
  /** Asked for at each start. */
  readonly certificate: () => IssuedCertificate;
  /** The authorities whose client certificates are taken: the cluster's user CAs. Asked for at each start, and by `trustAnew`. */
  readonly clientAuthorities: () => readonly CertificateAuthority[];
  readonly port: number;
}

const HOST = '127.0.0.1';

interface Connection {
  readonly socket: TLSSocket;
  readonly certificate: ClientCertificate | undefined;
}

/**
 * The auth server: gRPC over TLS with client certificates verified if given. TLS is ended here rather than by grpc-js,
 * which cannot let a client without a certificate in, nor cut a single connection.
 */
export class AuthServer {
  readonly #options: AuthServerOptions;
  /** By `address:port` of the client. */
  readonly #connections = new Map<string, Connection>();
  #port: number;
  #running:
    | { readonly listener: TlsServer; readonly grpc: Server; readonly certificate: IssuedCertificate }
    | undefined;

  constructor(options: AuthServerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** `host:port`, the same over restarts. */
  get addr(): string {
    return `${HOST}:${this.#port}`;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  async start(): Promise<void> {
    const grpc = this.#createGrpcServer();
    const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const certificate = this.#options.certificate();
    const listener = createServer({
      ...this.#contextFor(certificate),
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    listener.on('tlsClientError', (_error, socket) => socket.destroy());
    listener.on('secureConnection', (socket) => {
      if (this.#admit(socket)) injector.injectConnection(socket);
      else socket.destroy();
    });
    listener.listen(this.#port, HOST);
    await once(listener, 'listening');
    this.#port = (listener.address() as AddressInfo).port;
    this.#running = { listener, grpc, certificate };
  }

  /** Cuts every connection and stops listening. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    const closed = once(running.listener, 'close');
    running.listener.close();
    this.cutConnections();
    running.grpc.forceShutdown();
    await closed;
  }

  /** Stops and comes back on the same port, as an auth server does which is upgraded; the cluster's state is kept. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /**
   * Takes the authorities of the moment for the handshakes to come; connections that are open go on. Teleport's auth server,
   * too, puts its pool together anew for each handshake, and keeps its own certificate until it restarts.
   */
  trustAnew(): void {
    const running = this.#running;
    running?.listener.setSecureContext(this.#contextFor(running.certificate));
  }

  cutConnections(): void {
    for (const { socket } of this.#connections.values()) socket.destroy();
  }

  #contextFor(certificate: IssuedCertificate): SecureContextOptions {
    return {
      key: certificate.privateKeyPem,
      cert: certificate.certificatePem,
      ca: this.#options.clientAuthorities().map(({ certificatePem }) => certificatePem),
      minVersion: 'TLSv1.2',
    };
  }

  #createGrpcServer(): Server {
    const { cluster, faults, calls } = this.#options;
    const options = {
      cluster,
      faults,
      calls,
      certificateOf: (peer: string) => this.#connections.get(peer)?.certificate,
      resetConnection: (peer: string) => void this.#connections.get(peer)?.socket.destroy(),
    };
    // Nobody looks at what grpc-js counts of its own channels.
    const grpc = new Server({ 'grpc.enable_channelz': 0 });
    const authMethods = { ...accessRequestMethods, ...listingMethods, ...watchMethods, ...resourceMethods };
    grpc.addService(serviceDefinition(AUTH_SERVICE), handlersFor(authMethods, options));
    grpc.addService(serviceDefinition(USERS_SERVICE), handlersFor(usersMethods, options));
    grpc.addService(
      serviceDefinition(MONITORING_RULES_SERVICE),
      handlersFor(monitoringRulesMethods, options),
    );
    grpc.addService(serviceDefinition(AUDIT_LOG_SERVICE), handlersFor(auditLogMethods, options));
    grpc.addService(serviceDefinition(LOGIN_STATE_SERVICE), handlersFor(loginStateMethods, options));
    return grpc;
  }

  /**
   * Teleport: a client without a certificate is let in, to be refused per call; a foreign or expired certificate, or
   * more than one, ends the connection (without the TLS alert which Go sends: Node gives no hold on it).
   */
  #admit(socket: TLSSocket): boolean {
    const certificate = socket.getPeerX509Certificate();
    const chained = certificate?.issuerCertificate !== undefined;
    // Node says "unauthorized" without a certificate, too; only one which was sent can be foreign or expired.
    const refused = certificate !== undefined && (!socket.authorized || chained);
    if (refused || socket.alpnProtocol !== 'h2') return false;
    const peer = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    const connection = { socket, certificate: clientCertificateOf(socket) };
    this.#connections.set(peer, connection);
    socket.on('close', () => {
      // The port may be another client's by now.
      if (this.#connections.get(peer) === connection) this.#connections.delete(peer);
    });
    socket.on('error', () => socket.destroy());
    return true;
  }
}
