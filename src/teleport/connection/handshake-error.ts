import { TeleportError } from '../../ports/teleport.ts';
import { codeOf } from './errors.ts';
import type { Identity } from './identity.ts';

export interface HandshakePlace {
  readonly addr: string;
  readonly identity: Identity;
  /** Where the identity is. */
  readonly path: string;
}

/** Our own code for a server that closes the connection without a word. */
export const CLOSED = 'closed';
/** Our own code for a server with which no HTTP/2 could be agreed. */
export const NO_H2 = 'no h2';

/** Node's codes for a server certificate that our authorities did not sign. */
const FOREIGN_SERVER: ReadonlySet<string> = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** OpenSSL's alerts by which a server refuses our certificate. */
const REFUSED_CLIENT: ReadonlySet<string> = new Set([
  'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
  'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
  'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED',
  'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN',
  'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  'ERR_SSL_TLSV1_ALERT_ACCESS_DENIED',
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
]);

/**
 * Why no TLS session to Teleport came about, by the error's code. Always transient: a rotated authority or a renewed
 * identity mends it without us.
 */
export function handshakeError(error: unknown, { addr, identity, path }: HandshakePlace): TeleportError {
  const code = codeOf(error);
  const failed = (kind: 'identity' | 'unavailable', message: string) =>
    new TeleportError(kind, message, { transient: true, cause: error });
  if (FOREIGN_SERVER.has(code)) {
    return failed(
      'identity',
      `the server at \`${addr}\` is signed by another authority than that of \`${identity.clusterName}\` (${code}): ` +
        `is \`teleport.addr\` the cluster that issued the identity in \`${path}\`? ` +
        'if it is a proxy whose web certificate is private, set `teleport.proxy_ca`',
    );
  }
  if (REFUSED_CLIENT.has(code)) {
    return failed(
      'identity',
      `the server at \`${addr}\` refused the identity in \`${path}\` (${code}): ` +
        'is `teleport.addr` the cluster that issued it, and has its user authority been rotated since?',
    );
  }
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return failed('identity', `the server at \`${addr}\` is no auth server of teleport`);
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return failed(
        'identity',
        `the certificate of the server at \`${addr}\` is not valid now (${code}): are both clocks right?`,
      );
    case NO_H2:
    case 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL':
      return failed(
        'unavailable',
        `the server at \`${addr}\` does not speak teleport's API: is a load balancer in front that ends TLS? ` +
          'set `teleport.addr` to the auth server, port 3025, or let TLS pass through',
      );
    default:
      return failed(
        'unavailable',
        `teleport at \`${addr}\` ended the connection before it answered (${code}): is \`teleport.addr\` right, ` +
          `and the cluster that issued the identity in \`${path}\`?`,
      );
  }
}
