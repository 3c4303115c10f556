import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionLimit {
  readonly most: number;
  readonly mostFromOneAddress: number;
  /** Many come by these addresses: only `most` holds for them. */
  readonly trustedProxies: readonly string[];
}

/** Whoever sends from one address. */
interface Source {
  readonly name: string;
  readonly trusted: boolean;
  /** The longest idle first. */
  readonly sockets: Set<Socket>;
}

/**
 * Keeps a place for whoever asks something, a liveness probe above all: where there are too many connections, in all or from one
 * address, the one that has been idle longest is closed, not the new one refused. Idle is every connection that waits for its next
 * request, or has not sent it whole; one that is being answered is never closed, and where all are, the new one is.
 */
export function limitConnections(server: Server, limit: ConnectionLimit): void {
  const sources = new Map<string, Source>();
  const held = new Map<Socket, Source>();
  const answering = new Map<Socket, IncomingMessage>();

  server.on('connection', (socket: Socket) => {
    const source = sourceOf(socket);
    const isFull = !source.trusted && source.sockets.size >= limit.mostFromOneAddress;
    const hasPlace =
      (!isFull || closeOneOf([source])) && (held.size < limit.most || closeOneOf(largestFirst()));
    if (!hasPlace) return void socket.destroy();
    sources.set(source.name, source);
    source.sockets.add(socket);
    held.set(socket, source);
    socket.once('close', () => forget(socket));
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    answering.set(socket, request);
    response.once('close', () => {
      answering.delete(socket);
      const siblings = held.get(socket)?.sockets;
      // To the end: it was idle for no time at all.
      if (siblings?.delete(socket) === true) siblings.add(socket);
    });
  });

  function sourceOf({ remoteAddress }: Socket): Source {
    const address = plainAddress(remoteAddress);
    const trusted = limit.trustedProxies.includes(address);
    const name = trusted ? address : networkOf(address);
    return sources.get(name) ?? { name, trusted, sockets: new Set() };
  }

  function closeOneOf(among: readonly Source[]): boolean {
    for (const { sockets } of among) {
      for (const socket of sockets) {
        if (answering.get(socket)?.complete === true) continue;
        forget(socket);
        socket.destroy();
        return true;
      }
    }
    return false;
  }

  /** Whoever holds most gives way first, and trusted proxies last. */
  function largestFirst(): readonly Source[] {
    const weight = ({ trusted, sockets }: Source): number => (trusted ? 0 : sockets.size);
    return [...sources.values()].sort((one, other) => weight(other) - weight(one));
  }

  function forget(socket: Socket): void {
    const source = held.get(socket);
    held.delete(socket);
    answering.delete(socket);
    source?.sockets.delete(socket);
    if (source?.sockets.size === 0) sources.delete(source.name);
  }
}

/** An IPv4 address that came in through an IPv6 socket is the IPv4 address. */
export function plainAddress(address = ''): string {
  return address.replace(/^::ffff:(?=\d+\.)/u, '');
}

/** Whoever has one IPv6 address has the 2^64 beside it: they count as one. Link-local ones differ only in what follows. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('fe80:')) return address;
  const [before = '', after] = address.split('::');
  const groups = before.split(':');
  const missing = after === undefined ? 0 : 8 - groups.length - after.split(':').length;
  return [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0')].slice(0, 4).join(':');
}
