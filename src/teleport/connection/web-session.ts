import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, getCACertificates, type TLSSocket } from 'node:tls';
import type { Address } from './dial.ts';

export interface WebSessionOptions {
  readonly addr: Address;
  /** Authority of the proxy's web certificate, beside the public ones. */
  readonly proxyCaPem: string | null;
  readonly protocols: readonly string[];
}

/** TLS to whatever ends it at the proxy's web address, verified against the public authorities; not yet connected. */
export function webSession(socket: Duplex, { addr, proxyCaPem, protocols }: WebSessionOptions): TLSSocket {
  const session = connect({
    socket,
    host: addr.host,
    ...(isIP(addr.host) === 0 ? { servername: addr.host } : {}),
    ALPNProtocols: [...protocols],
    ...(proxyCaPem === null ? {} : { ca: [...getCACertificates('default'), proxyCaPem] }),
  });
  session.once('close', () => socket.destroy());
  return session;
}
