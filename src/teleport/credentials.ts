import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connect, createSecureContext } from 'node:tls';

import { CallCredentials, ChannelCredentials } from '@grpc/grpc-js';

import { TeleportError } from '../ports/teleport.ts';
import type { Address } from './address.ts';
import type { Discovery } from './discover.ts';
import { handshakeError } from './handshake-error.ts';
import type { IdentitySource } from './identity-source.ts';
import type { Identity } from './identity.ts';

/** In the certificate of every auth server, whatever the cluster and the address. */
export const SERVER_NAME = 'teleport.cluster.local';
const HANDSHAKE_TIMEOUT_MS = 10_000;

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;

export interface CredentialsOptions {
  readonly addr: Address;
  readonly identities: IdentitySource;
  /** Asked before each connection. */
  readonly route: () => Promise<Discovery>;
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
  #connectedAs: Identity | null = null;

  constructor(options: CredentialsOptions) {
    super();
    this.#options = options;
  }

  /** Why the last connection could not be made or was refused; null when TLS stands, or none was tried. */
  get failure(): TeleportError | null {
    return this.#failure;
  }

  /** The identity of the last TLS session. */
  get connectedAs(): Identity | null {
    return this.#connectedAs;
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
        this.#failure = null;
        session = await this.#recorded(this.#prepare());
      },
      connect: async (socket) => {
        if (session === null) throw new Error('connect before waitForReady');
        return { socket: await this.#recorded(this.#handshake(socket, session)), secure: true };
      },
      getCallCredentials: () => callCredentials ?? CallCredentials.createEmpty(),
      destroy: () => undefined,
    };
  }

  async #prepare(): Promise<Session> {
    const identity = await this.#options.identities.refresh();
    const { via, clusterName } = await this.#options.route();
    const expected = this.#options.clusterName ?? identity.clusterName;
    if (clusterName !== null && clusterName !== expected) {
      throw new TeleportError(
        'identity',
        `the proxy at \`${this.#options.addr.text}\` serves the cluster \`${clusterName}\`, ` +
          `but the identity in \`${this.#options.identities.path}\` is of \`${expected}\``,
        { transient: true },
      );
    }
    return { identity, protocols: via === 'proxy' ? [authProtocol(expected), 'h2'] : ['h2'] };
  }

  #handshake(socket: Socket, { identity, protocols }: Session): Promise<TLSSocket> {
    const place = { addr: this.#options.addr.text, identity, path: this.#options.identities.path };
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
      const timer = setTimeout(() => {
        tls.destroy(Object.assign(new Error('TLS handshake timed out'), { code: 'ETIMEDOUT' }));
      }, HANDSHAKE_TIMEOUT_MS);
      tls.once('close', () => {
        clearTimeout(timer);
        reject(handshakeError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), place));
      });
      // With TLS 1.3 a server refuses our certificate only after the handshake has ended for us.
      tls.on('error', (error) => {
        this.#failure = handshakeError(error, place);
        reject(this.#failure);
      });
      tls.once('secureConnect', () => {
        clearTimeout(timer);
        if (tls.alpnProtocol === 'h2') {
          this.#connectedAs = identity;
          resolve(tls);
        } else {
          reject(handshakeError(Object.assign(new Error('no h2'), { code: 'ERR_NO_H2' }), place));
          tls.destroy();
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
}

/** Teleport's proxy forwards TLS for `teleport-auth@<hex of the cluster's name>.teleport.cluster.local` to an auth server. */
export function authProtocol(clusterName: string): string {
  return `teleport-auth@${Buffer.from(clusterName, 'utf8').toString('hex')}.${SERVER_NAME}`;
}
