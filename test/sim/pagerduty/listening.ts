import { once } from 'node:events';
import type { Server } from 'node:http';

/** Listens on loopback and returns the base URL. @param port 0 = any free one */
export async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('server has no port');
  return `http://127.0.0.1:${address.port}`;
}

/** Stops listening and cuts every connection, answered or not. */
export async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
