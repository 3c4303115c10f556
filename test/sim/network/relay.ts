import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Relay extends AsyncDisposable {
  /** `[::1]:port` */
  readonly addr: string;
}

/** Makes a server on 127.0.0.1 one that only IPv6 reaches: every connection to a port of `::1` is passed on to `target`. */
export async function startIpv6Relay(target: string): Promise<Relay> {
  const [host = '', port] = target.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
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
  server.listen(0, '::1');
  await once(server, 'listening');
  return {
    addr: `[::1]:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
