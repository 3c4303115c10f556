import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer } from 'node:tls';
import { createAuthority, issueServerCertificate } from '../sim/teleport/certificates.ts';

export interface TlsFront extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly addr: string;
  /** Who signed its certificate. */
  readonly authorityPem: string;
}

/** Puts TLS with a certificate for `name` in front of a server that has none, `host:port`. */
export async function startTlsFront(name: string, target: string): Promise<TlsFront> {
  const authority = createAuthority('Example Public CA', 'ecdsa-p256');
  const { certificatePem: cert, privateKeyPem: key } = issueServerCertificate(authority, {
    commonName: name,
    dnsNames: [name],
  });
  const [host = '', port] = target.split(':');
  const sockets = new Set<Duplex>();
  const server = createServer({ cert, key }, (socket) => {
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
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    addr: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorityPem: authority.certificatePem,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
