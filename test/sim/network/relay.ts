import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { createAuthority, issueServerCertificate } from '../teleport/certificates.ts';

export interface Relay extends AsyncDisposable {
  /** `host:port` */
  readonly addr: string;
}

export interface TlsFront extends Relay {
  /** Who signed its certificate. */
  readonly authorityPem: string;
}

/** Makes a server on 127.0.0.1 one that only IPv6 reaches: every connection to a port of `::1` is passed on to `target`. */
export function startIpv6Relay(target: string): Promise<Relay> {
  return startRelay(target, '::1', createServer);
}

/** Puts TLS with a certificate for `name` in front of a server that has none, `host:port`. */
export async function startTlsFront(name: string, target: string): Promise<TlsFront> {
  const authority = createAuthority('Example Public CA', 'ecdsa-p256');
  const names = { commonName: name, dnsNames: [name] };
  const { certificatePem: cert, privateKeyPem: key } = issueServerCertificate(authority, names);
  const front = await startRelay(target, '127.0.0.1', (passOn) => createTlsServer({ cert, key }, passOn));
  return { ...front, authorityPem: authority.certificatePem };
}

async function startRelay(
  target: string,
  at: string,
  create: (passOn: (socket: Duplex) => void) => Server,
): Promise<Relay> {
  const [host = '', port] = target.split(':');
  const sockets = new Set<Duplex>();
  const server = create((socket) => {
    const upstream = connect({ host, port: Number(port) });
    for (const each of [socket, upstream]) {
      sockets.add(each);
      each.on('error', () => each.destroy());
      each.once('close', () => sockets.delete(each));
    }
    socket.once('close', () => upstream.destroy());
    upstream.once('close', () => socket.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  server.listen(0, at);
  await once(server, 'listening');
  return {
    addr: `${at.includes(':') ? `[${at}]` : at}:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
