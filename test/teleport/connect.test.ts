import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

import { status } from '@grpc/grpc-js';
import { describe, expect, it, vi } from 'vitest';

import { connectTeleport } from '../../src/teleport/connect.ts';
import { keyPairFiles } from '../sim/teleport/identity-file.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { startTeleport } from '../sim/teleport/start-teleport.ts';
import { connected, next, rejectionOf } from './connected.ts';

describe('a direct connection', () => {
  it.each(['ecdsa-p256', 'rsa-2048'] as const)('is mutual TLS with a key of %s', async (keyAlgorithm) => {
    await using world = await connected({ teleport: { keyAlgorithm } });

    expect((await world.connection.admin.ping(world.signal)).name).toBe(world.teleport.clusterName);
    expect(world.teleport.calls.all.map(({ caller }) => caller)).toEqual([BOT_USER]);
  });

  it('trusts either host authority during a rotation', async () => {
    await using world = await connected({ credentials: { duringRotation: true } });

    expect((await world.connection.admin.ping(world.signal)).name).toBe(world.teleport.clusterName);
  });

  it('takes the three files of `tctl auth sign --format=tls`', async () => {
    await using world = await connected();
    const { authorities, cluster } = world.teleport;
    const pair = keyPairFiles(authorities.credentialsFor(cluster.directory.user(BOT_USER)));
    const [clientCrt, clientKey, rootCas] = ['crt', 'key', 'cas'].map(
      (end) => `${world.identityFile}.${end}`,
    );
    if (clientCrt === undefined || clientKey === undefined || rootCas === undefined)
      throw new Error('no paths');
    await writeFile(clientCrt, pair.crt);
    await writeFile(clientKey, pair.key);
    await writeFile(rootCas, pair.cas);

    const connection = await connectTeleport({
      addr: world.teleport.authAddr,
      via: 'direct',
      identity: { clientCrt, clientKey, rootCas },
    });
    try {
      expect((await connection.admin.ping(world.signal)).name).toBe(world.teleport.clusterName);
    } finally {
      connection.close();
    }
  });
});

describe('a connection through the proxy', () => {
  it('reaches the auth server end to end, with TLS routing', async () => {
    await using teleport = await startTeleport();
    await using world = await connected({
      teleport: { proxyPort: 0 },
      connection: { via: 'proxy', addr: teleport.proxyAddr },
    });
    await writeFile(world.identityFile, teleport.identityFileFor(BOT_USER));

    expect((await world.connection.admin.ping(world.signal)).name).toBe(teleport.clusterName);
    expect(teleport.proxy.routes).toEqual(['reverse-tunnel', 'auth']);
    expect(teleport.calls.all.map(({ caller }) => caller)).toEqual([BOT_USER]);
  });

  it('is refused by the proxy of a cluster with another name', async () => {
    await using other = await startTeleport({ clusterName: 'other.example.com' });
    await using world = await connected({ connection: { via: 'proxy', addr: other.proxyAddr } });

    const error = await rejectionOf(world.connection.admin.ping(world.signal));

    expect(error).toMatchObject({ name: 'TeleportError', transient: true });
    expect(other.proxy.routes).toEqual(['reverse-tunnel', 'refused']);
  });
});

describe('an identity', () => {
  it('of an authority that the cluster does not know is refused, and the error asks for the cluster', async () => {
    await using world = await connected({ credentials: { foreign: true } });

    expect(await rejectionOf(world.connection.admin.ping(world.signal))).toMatchObject({
      transient: true,
      message: expect.stringContaining('the cluster that issued the identity') as string,
    });
  });

  it('of another cluster does not trust this one, and the error says whose authority it asked for', async () => {
    await using other = await startTeleport({ clusterName: 'other.example.com' });
    await using world = await connected({ connection: { addr: other.authAddr } });

    expect(await rejectionOf(world.connection.admin.ping(world.signal))).toMatchObject({
      kind: 'identity',
      transient: true,
      message: expect.stringMatching(
        new RegExp(`^the server at \`${other.authAddr}\` is signed by another authority than that of \``),
      ) as string,
    });
    expect(other.calls.all).toEqual([]);
  });

  it('that is expired at the start is refused before anything is sent', async () => {
    expect(await rejectionOf(connected({ credentials: { ttlMs: -1_000 } }))).toMatchObject({
      kind: 'identity',
      message: expect.stringContaining('expired at') as string,
    });
  });

  it('that expires later is refused at the next connection, with when it expired', async () => {
    await using world = await connected();
    await world.connection.admin.ping(world.signal);

    await writeFile(world.identityFile, world.teleport.identityFileFor(BOT_USER, { ttlMs: -60_000 }));
    await world.teleport.restart();
    const error = await vi.waitFor(async () => {
      const failed = await rejectionOf(world.connection.admin.ping(world.signal));
      expect(failed).toMatchObject({ kind: 'identity' });
      return failed;
    });

    expect(error).toMatchObject({
      transient: true,
      message: expect.stringContaining('expired at') as string,
    });
  });

  it('that is renewed on disk is used at the next connection', async () => {
    const renewals: string[] = [];
    await using world = await connected({
      connection: { onIdentityRenewed: ({ user, expires }) => renewals.push(`${user} ${expires}`) },
    });
    const { connection, teleport, signal } = world;
    await connection.admin.ping(signal);
    const before = connection.identityExpires();

    await writeFile(world.identityFile, teleport.identityFileFor('sre-1', { ttlMs: 3_600_000 }));
    await teleport.restart();
    await vi.waitFor(() => connection.admin.ping(signal));

    expect(teleport.calls.of('Ping').at(-1)?.caller).toBe('sre-1');
    expect(connection.admin.ownUser()).toBe('sre-1');
    expect(connection.identityExpires() < before).toBe(true);
    expect(renewals).toEqual([`sre-1 ${connection.identityExpires()}`]);
  });

  it('that is renewed on disk is used by later calls without an interruption, and a watch goes on', async () => {
    await using world = await connected({ connection: { identityCheckMs: 20 } });
    const { connection, teleport, signal } = world;
    const superseded = vi.fn();
    const events = connection.requests.watch(signal, superseded)[Symbol.asyncIterator]();
    await next(events);

    await writeFile(world.identityFile, teleport.identityFileFor('sre-1'));
    await vi.waitFor(() => expect(superseded).toHaveBeenCalledOnce());
    await vi.waitFor(async () => {
      await connection.admin.ping(signal);
      expect(teleport.calls.of('Ping').at(-1)?.caller).toBe('sre-1');
    });
    const { id } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });

    expect(await next(events)).toMatchObject({ kind: 'put', request: { id } });
    expect(teleport.auth.connectionCount).toBe(2);
    await events.return?.();
    await vi.waitFor(() => expect(teleport.auth.connectionCount).toBe(1));
    expect(teleport.calls.of('Ping').every(({ code }) => code === status.OK)).toBe(true);
  });

  it('that becomes unreadable is reported, and stays in use', async () => {
    const problems: string[] = [];
    await using world = await connected({
      connection: { identityCheckMs: 20, onIdentityProblem: ({ message }) => problems.push(message) },
    });

    await writeFile(world.identityFile, 'half a file');
    await vi.waitUntil(() => problems.length > 0);

    expect(problems[0]).toContain('has no private key');
    expect((await world.connection.admin.ping(world.signal)).name).toBe(world.teleport.clusterName);
  });
});

describe('an address', () => {
  it('at which nobody listens is unavailable until somebody does', async () => {
    await using world = await connected();
    await world.teleport.auth.stop();

    const error = await rejectionOf(world.connection.admin.ping(world.signal));
    await world.teleport.auth.start();
    await vi.waitFor(() => world.connection.admin.ping(world.signal), { timeout: 10_000 });

    expect(error).toMatchObject({
      kind: 'unavailable',
      transient: true,
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it('at which something else than TLS answers is unavailable', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const addr = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      await using world = await connected({ connection: { addr } });

      expect(await rejectionOf(world.connection.admin.ping(world.signal))).toMatchObject({
        kind: 'unavailable',
        transient: true,
      });
    } finally {
      server.close();
    }
  });

  it.each(['', 'https://teleport.example.com', 'host:port', 'host:70000', 'host:443/path', 'a@host:1'])(
    'written as `%s` is refused with how to write it',
    async (addr) => {
      expect(await rejectionOf(connected({ connection: { addr } }))).toMatchObject({
        kind: 'invalid',
        message: expect.stringContaining('write host:port without a scheme') as string,
      });
    },
  );

  it('that is closed ends the calls under way', async () => {
    await using world = await connected();
    const events = world.connection.requests.watch(world.signal)[Symbol.asyncIterator]();
    await next(events);

    world.connection.close();

    const closed = { kind: 'unavailable', message: 'the connection to teleport has been closed' };
    expect(await rejectionOf(events.next())).toMatchObject(closed);
    expect(await rejectionOf(world.connection.admin.ping(world.signal))).toMatchObject(closed);
    await world.teleport.calls.ended('WatchEvents');
  });
});

it('a missing `proxy_ca` is refused at the start', async () => {
  const proxyCaFile = join(import.meta.dirname, 'no-such-ca.pem');

  expect(await rejectionOf(connected({ connection: { proxyCaFile } }))).toMatchObject({
    kind: 'invalid',
    transient: false,
    message: `\`teleport.proxy_ca\` (\`${proxyCaFile}\`) cannot be read (ENOENT)`,
  });
});
