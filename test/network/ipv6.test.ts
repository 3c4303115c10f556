import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../src/http/server.ts';
import { connectTeleport } from '../../src/teleport/connect.ts';
import { startIpv6Relay } from '../sim/network/relay.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { connected } from '../teleport/connected.ts';

describe('with IPv6 alone', () => {
  it('an auth server is reached, found out by asking the address', async () => {
    await using world = await connected();
    await using relay = await startIpv6Relay(world.teleport.authAddr);
    const connection = await connectTeleport({ addr: relay.addr, identity: { file: world.identityFile } });

    expect((await connection.admin.ping(world.signal)).name).toBe(world.teleport.clusterName);

    connection.close();
  });

  it('a proxy with TLS routing is reached', async () => {
    await using world = await connected();
    await using relay = await startIpv6Relay(world.teleport.proxyAddr);
    await writeFile(world.identityFile, world.teleport.identityFileFor(BOT_USER));
    const connection = await connectTeleport({
      addr: relay.addr,
      via: 'proxy',
      identity: { file: world.identityFile },
    });

    expect((await connection.admin.ping(world.signal)).name).toBe(world.teleport.clusterName);

    connection.close();
  });

  it('our own listener answers', async () => {
    const server = await startHttpServer({
      listen: { host: '::1', port: 0 },
      plugins: [],
      onFailure: () => undefined,
    });

    expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/u);
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404);

    await server.close();
  });
});
