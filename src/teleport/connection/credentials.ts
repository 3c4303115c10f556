import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { connect, createSecureContext } from 'node:tls';

import { CallCredentials, ChannelCredentials } from '@grpc/grpc-js';

import { TeleportError } from '../../ports/teleport.ts';
import type { Upgrade, WebAddress } from './connection-upgrade.ts';
import { throughProxy, destroyAfter } from './dial.ts';
import { CLOSED, handshakeError, NO_H2 } from './handshake-error.ts';
import type { IdentitySource } from './identity-source.ts';
import type { Identity } from './identity.ts';
import type { Route } from './route.ts';

/** In the certificate of every auth server, whatever the cluster and the address. */
const SERVER_NAME = 'teleport.cluster.local';
const HANDSHAKE_TIMEOUT_MS = 10_000;

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;

export interface CredentialsOptions {
  readonly web: WebAddress;
  readonly httpProxy: URL | null;
  readonly identities: IdentitySource;
  /** Asked before each connection. */
  readonly route: () => Promise<Route>;
  /** For routes that need it. */
  readonly upgrade: Upgrade;
  /** Wins over the name in the identity. */
  readonly clusterName: string | null;
}

/**
 * Mutual TLS from us to an auth server, with the identity as it is on disk at each new connection. grpc-js offers
 * `h2` only; Teleport's proxy routes by the first protocol of the list, so the session is made here.
 */
export class IdentityCredentials extends ChannelCredentials {
  readonly #options: CredentialsOptions;
  #failure: TeleportError | null = null;
  /** Whether the attempt under way got as far as a TCP connection; before that gRPC knows better why it failed. */
  #reachedServer = true;
  /** Whether it got no further than us: then we know better. A name may have several addresses, of which each is an attempt. */
  #isUnprepared = false;
  #connectedAs: Identity | null = null;
  #answered = false;

  constructor(options: CredentialsOptions) {
    super();
    this.#options = options;
  }

  /** Why the last connection could not be made or was refused; null when the server answers, or none was tried. */
  get failure(): TeleportError | null {
    return this.#failure;
  }

  /** The identity of the last TLS session. */
  get connectedAs(): Identity | null {
    return this.#connectedAs;
  }

  /** Tells that the server has answered a call on the present connection: it takes our certificate. */
  answered(): void {
    this.#answered = true;
    this.#failure = null;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  /** grpc-js's contract (1.14): `waitForReady` before the TCP connection is made, then `connect` with its socket. */
  override _createSecureConnector(
    _target: unknown,
    _options: unknown,
    callCredentials?: CallCredentials,
  ): SecureConnector {
    let session: Session | null = null;
    return {
      waitForReady: async () => {
        const wasUnprepared = this.#isUnprepared;
        if (!this.#reachedServer && !wasUnprepared) this.#failure = null;
        this.#reachedServer = false;
        this.#isUnprepared = true;
        session = await this.#recorded(this.#prepare());
        this.#isUnprepared = false;
        if (wasUnprepared) this.#failure = null;
      },
      connect: async (socket) => {
        if (session === null) throw new Error('connect before waitForReady');
        this.#reachedServer = true;
        return { socket: await this.#recorded(this.#secure(socket, session)), secure: true };
      },
      getCallCredentials: () => callCredentials ?? CallCredentials.createEmpty(),
      destroy: () => undefined,
    };
  }

  async #prepare(): Promise<Session> {
    const identity = await this.#options.identities.refresh();
    const { via, clusterName, upgrade } = await this.#options.route();
    const expected = this.#options.clusterName ?? identity.clusterName;
    if (clusterName !== null && clusterName !== expected) {
      throw new TeleportError(
        'identity',
        `the proxy at \`${this.#options.web.addr.text}\` serves the cluster \`${clusterName}\`, ` +
          `but the identity in \`${this.#options.identities.path}\` is of \`${expected}\``,
        { transient: true },
      );
    }
    return { identity, protocols: via === 'proxy' ? [authProtocol(expected), 'h2'] : ['h2'], upgrade };
  }

  /** From the inside out: our session with the auth server, in an upgraded one where TLS is ended before it, in an HTTP tunnel. */
  async #secure(socket: Socket, session: Session): Promise<TLSSocket> {
    const { web, httpProxy, upgrade } = this.#options;
    const open = await throughProxy(socket, web.addr, httpProxy);
    return this.#handshake(session.upgrade ? await upgrade(open) : open, session);
  }

  #handshake(socket: Duplex, { identity, protocols }: Session): Promise<TLSSocket> {
    const place = { addr: this.#options.web.addr.text, identity, path: this.#options.identities.path };
    return new Promise((resolve, reject) => {
      const tls = connect({
        socket,
        secureContext: createSecureContext({
          ca: [...identity.rootCaPems],
          cert: identity.certificatePem,
          key: identity.privateKeyPem,
          minVersion: 'TLSv1.2',
        }),
        servername: SERVER_NAME,
        ALPNProtocols: [...protocols],
      });
      const inTime = destroyAfter(HANDSHAKE_TIMEOUT_MS, tls, 'TLS handshake timed out');
      // With TLS 1.3 a server refuses our certificate only after the handshake has ended for us: by an alert, which is
      // lost where the connection is reset behind it.
      let ended = false;
      const end = (error: Error): void => {
        if (ended) return;
        ended = true;
        inTime();
        const failure = handshakeError(error, place);
        if (!this.#answered) this.#failure = failure;
        reject(failure);
      };
      tls.on('error', end);
      tls.once('close', () => socket.destroy());
      socket.once('close', () => tls.destroy());
      tls.once('close', () => end(Object.assign(new Error('closed'), { code: CLOSED })));
      tls.once('secureConnect', () => {
        inTime();
        if (tls.alpnProtocol === 'h2') {
          this.#connectedAs = identity;
          this.#answered = false;
          resolve(tls);
        } else {
          tls.destroy(Object.assign(new Error('no h2'), { code: NO_H2 }));
        }
      });
    });
  }

  async #recorded<T>(attempt: Promise<T>): Promise<T> {
    try {
      return await attempt;
    } catch (error) {
      if (error instanceof TeleportError) this.#failure = error;
      throw error;
    }
  }
}

interface Session {
  readonly identity: Identity;
  readonly protocols: readonly string[];
  readonly upgrade: boolean;
}

/** Teleport's proxy forwards TLS for `teleport-auth@<hex of the cluster's name>.teleport.cluster.local` to an auth server. */
function authProtocol(clusterName: string): string {
  return `teleport-auth@${Buffer.from(clusterName, 'utf8').toString('hex')}.${SERVER_NAME}`;
}
