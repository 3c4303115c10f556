import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { healthRoutes } from '../../src/http/operations.ts';
import type { Readiness } from '../../src/telemetry/readiness.ts';
import { startHttpServer, type HttpLimits } from '../../src/http/server.ts';

const PATIENT = { requestMs: 60_000, headersMs: 60_000, stalledMs: 60_000, checkEveryMs: 60_000 };
const READY = { ready: true, parts: {} } as unknown as Readiness;
/** Four in all, two from one address. */
const FEW: HttpLimits = { ...PATIENT, connections: 4, connectionsFromOneAddress: 2 };

interface Door extends AsyncDisposable {
  /** A connection that has been let in or closed by the time it is given; all of 127.0.0.0/8 is this machine. */
  idle(from: string): Promise<Socket>;
  /** The status with which a probe is answered. */
  probe(from: string): Promise<string>;
  /** Begins a request that takes until `finish`; gives its connection. */
  slow(from: string): Promise<Socket>;
  finish(): void;
  /** Asks for a long answer, and takes none of it. */
  deaf(from: string): Promise<Socket>;
}

async function door(limits?: HttpLimits, trustedProxies: readonly string[] = []): Promise<Door> {
  const sockets: Socket[] = [];
  const finished = Promise.withResolvers<string>();
  const begun: (() => void)[] = [];
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    plugins: [
      healthRoutes({ version: '1.2.3', readiness: () => READY }),
      (routes) => {
        routes.get('/slow', () => {
          begun.shift()?.();
          return finished.promise;
        });
        routes.get('/long', () => {
          begun.shift()?.();
          return 'x'.repeat(16_000_000);
        });
        return Promise.resolve();
      },
    ],
    trustedProxies,
    ...(limits === undefined ? {} : { limits }),
    onFailure: () => undefined,
  });
  async function opened(from: string, text = ''): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: server.listen.port, localAddress: from });
    sockets.push(socket.on('error', () => undefined));
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  }
  async function begunAt(path: string, from: string): Promise<Socket> {
    const isBegun = new Promise<void>((resolve) => begun.push(resolve));
    const socket = await opened(from, `GET ${path} HTTP/1.1\r\nhost: me\r\n\r\n`);
    await isBegun;
    return socket;
  }
  return {
    async idle(from) {
      const socket = await opened(from, 'GET /healthz HTTP/1.1\r\nhost: me\r\n\r\n');
      await Promise.race([once(socket, 'data'), once(socket, 'close')]);
      return socket.resume();
    },
    async probe(from) {
      const socket = await opened(from, 'GET /healthz HTTP/1.1\r\nhost: me\r\nconnection: close\r\n\r\n');
      const [answer] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as unknown[];
      return String(answer).slice(9, 12);
    },
    slow: async (from) => (await begunAt('/slow', from)).resume(),
    deaf: async (from) => (await begunAt('/long', from)).pause(),
    finish: () => finished.resolve('done'),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await server.close();
    },
  };
}

describe('connections that nobody uses', () => {
  it('do not keep a liveness probe out, however many there are', async () => {
    await using here = await door();
    const idle: Socket[] = [];
    for (let count = 0; count < 600; count += 1) idle.push(await here.idle(`127.0.1.${1 + (count % 20)}`));

    expect(await here.probe('127.0.0.1')).toBe('200');
    expect(await here.probe('127.0.1.1')).toBe('200');
    expect(idle.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(512);
  });

  it('are closed soon, whether they send nothing or only a part of their headers', async () => {
    await using here = await door({ ...FEW, headersMs: 20, checkEveryMs: 10 });
    const silent = await here.idle('127.0.0.1');
    silent.write('GET / HTTP/1.1\r\nx-slow: ');

    await once(silent, 'close');
  });

  it('are the first to go where one address has its share, the longest idle before the others', async () => {
    await using here = await door(FEW);
    const [oldest, newer] = [await here.idle('127.0.0.2'), await here.idle('127.0.0.2')];
    const other = await here.idle('127.0.0.3');
    const isClosed = once(oldest, 'close');

    await here.idle('127.0.0.2');

    await isClosed;
    expect([newer.destroyed, other.destroyed]).toEqual([false, false]);
  });

  it('are the first to go where there are too many, of whoever has most', async () => {
    await using here = await door({ ...FEW, connectionsFromOneAddress: 4 });
    const other = await here.idle('127.0.0.3');
    const [oldest, newer] = [await here.idle('127.0.0.2'), await here.idle('127.0.0.2')];
    await here.idle('127.0.0.4');
    const isClosed = once(oldest, 'close');

    expect(await here.probe('127.0.0.5')).toBe('200');

    await isClosed;
    expect([newer.destroyed, other.destroyed]).toEqual([false, false]);
  });
});

it('connections by a trusted proxy are as many as it likes, and give way only where nobody else can', async () => {
  await using here = await door(FEW, ['127.0.0.9']);
  const proxied = [await here.idle('127.0.0.9'), await here.idle('127.0.0.9'), await here.idle('127.0.0.9')];
  const other = await here.idle('127.0.0.2');
  const isClosed = once(other, 'close');

  proxied.push(await here.idle('127.0.0.9'));
  await isClosed;
  expect(proxied.map(({ destroyed }) => destroyed)).toEqual([false, false, false, false]);

  const [first] = proxied;
  const gaveWay = first === undefined ? null : once(first, 'close');
  expect(await here.probe('127.0.0.2')).toBe('200');
  await gaveWay;
});

describe('a request that is being answered', () => {
  it('is never cut off for another one: that one is refused', async () => {
    await using here = await door(FEW);
    const answered = [await here.slow('127.0.0.2'), await here.slow('127.0.0.2')];

    expect((await here.idle('127.0.0.2')).destroyed).toBe(true);
    expect(await here.probe('127.0.0.3')).toBe('200');
    const answers = answered.map(async (socket) => String((await once(socket, 'data'))[0]).slice(9, 12));
    here.finish();
    expect(await Promise.all(answers)).toEqual(['200', '200']);
  });

  it('but not taken keeps nobody out for long', async () => {
    await using here = await door({ ...FEW, stalledMs: 100 });
    for (const from of ['127.0.0.2', '127.0.0.3', '127.0.0.2', '127.0.0.3']) await here.deaf(from);

    await expect.poll(() => here.probe('127.0.0.4'), { timeout: 5_000 }).toBe('200');
  });
});
