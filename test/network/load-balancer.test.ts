import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseAddress, dial } from '../../src/teleport/connection/dial.ts';
import { connectTeleport, type TeleportOptions } from '../../src/teleport/connect.ts';
import { connectionUpgrade } from '../../src/teleport/connection/connection-upgrade.ts';
import {
  startLoadBalancer,
  type LoadBalancer,
  type LoadBalancerOptions,
} from '../sim/network/load-balancer.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import {
  startTeleport,
  type SimulatedTeleport,
  type StartTeleportOptions,
} from '../sim/teleport/start-teleport.ts';
import { connected, next, rejectionOf, type Connected } from '../teleport/connected.ts';

interface Balanced extends AsyncDisposable {
  readonly teleport: SimulatedTeleport;
  readonly balancer: LoadBalancer;
  readonly world: Connected;
}

/** A cluster whose proxy is reached through a load balancer only, and our adapter told nothing but its address. */
async function balanced({
  balancer: balancerOptions = {},
  teleport: teleportOptions = {},
  connection = {},
}: {
  readonly balancer?: Partial<LoadBalancerOptions>;
  readonly teleport?: StartTeleportOptions;
  readonly connection?: Partial<TeleportOptions>;
} = {}): Promise<Balanced> {
  await using started = new AsyncDisposableStack();
  const teleport = started.use(await startTeleport(teleportOptions));
  const balancer = started.use(
    await startLoadBalancer({
      certificate: teleport.authorities.webCertificate,
      target: teleport.proxyAddr,
      alpn: 'ignored',
      ...balancerOptions,
    }),
  );
  const world = started.use(await connected());
  await writeFile(world.identityFile, teleport.identityFileFor(BOT_USER));
  const proxyCaFile = `${world.identityFile}.web`;
  await writeFile(proxyCaFile, teleport.authorities.webPki.certificatePem);
  const through = await connectTeleport({
    addr: balancer.addr,
    identity: { file: world.identityFile },
    proxyCaFile,
    ...connection,
  });
  started.defer(() => through.close());
  const resources = started.move();
  return {
    teleport,
    balancer,
    world: { ...world, teleport, connection: through },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

describe('a proxy behind a layer-7 load balancer', () => {
  it.each(['ignored', 'refused'] as const)(
    'is recognised where an unknown protocol is %s, and reached by a WebSocket',
    async (alpn) => {
      await using stage = await balanced({ balancer: { alpn } });
      const { connection, signal } = stage.world;

      expect((await connection.admin.ping(signal)).name).toBe(stage.teleport.clusterName);
      expect(stage.balancer.requests).toEqual(['/webapi/find', 'upgrade /webapi/connectionupgrade']);
      expect(stage.teleport.proxy.routes).toEqual(['web', 'web', 'auth']);
      expect(stage.teleport.calls.all.map(({ caller }) => caller)).toEqual([BOT_USER]);
    },
  );

  it('carries a watch, a listing of many requests, and pings in between', async () => {
    await using stage = await balanced({ teleport: { pingEveryMs: 5 } });
    const { connection, signal } = stage.world;
    const reason = 'x'.repeat(4_000);
    for (let count = 0; count < 200; count += 1) {
      stage.teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'], reason });
    }

    const events = connection.requests.watch(signal)[Symbol.asyncIterator]();
    expect(await next(events)).toEqual({ kind: 'init' });
    const pending = await connection.requests.listPending(signal, () => undefined);
    const { id } = stage.teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'], reason });

    expect(pending).toHaveLength(200);
    expect(await next(events)).toMatchObject({ kind: 'put', request: { id } });
    await events.return?.();
  });

  it('is connected to anew after the balancer cut the connection', async () => {
    await using stage = await balanced();
    const { connection, signal } = stage.world;
    await connection.admin.ping(signal);

    stage.teleport.proxy.cutConnections();

    await expect
      .poll(() => connection.admin.ping(signal).catch(() => null), { timeout: 5_000 })
      .toMatchObject({ name: stage.teleport.clusterName });
  });

  it('that is older than 15.1 is reached by the older form, which is remembered', async () => {
    await using stage = await balanced({ teleport: { webSockets: false, pingEveryMs: 5 } });
    const { connection, signal } = stage.world;
    const reason = 'x'.repeat(4_000);
    for (let count = 0; count < 200; count += 1) {
      stage.teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'], reason });
    }

    const events = connection.requests.watch(signal)[Symbol.asyncIterator]();
    expect(await next(events)).toEqual({ kind: 'init' });
    expect(await connection.requests.listPending(signal, () => undefined)).toHaveLength(200);
    const { id } = stage.teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'], reason });
    expect(await next(events)).toMatchObject({ kind: 'put', request: { id } });
    await events.return?.();
    stage.teleport.proxy.cutConnections();
    await expect
      .poll(() => connection.admin.ping(signal).catch(() => null), { timeout: 5_000 })
      .toMatchObject({ name: stage.teleport.clusterName });

    const upgrade = 'upgrade /webapi/connectionupgrade';
    expect(stage.balancer.requests).toEqual(['/webapi/find', upgrade, upgrade, upgrade]);
  });

  it('that was upgraded to a version without the older form is reached by WebSocket again', async () => {
    await using older = await startTeleport({ webSockets: false });
    await using newer = await startTeleport({ legacyUpgrades: false });
    const { certificatePem, privateKeyPem } = older.authorities.webCertificate;
    let target = older.proxyAddr;
    await using balancer = await startLoadBalancer({
      certificate: { certificatePem, privateKeyPem },
      target: () => target,
      alpn: 'ignored',
    });
    const upgrade = connectionUpgrade(
      { addr: parseAddress(balancer.addr), proxyCaPem: older.authorities.webPki.certificatePem },
      null,
    );
    const open = async () => upgrade(await dial(parseAddress(balancer.addr), null, 5_000));

    (await open()).destroy();
    target = newer.proxyAddr;
    expect(await rejectionOf(open())).toMatchObject({ name: 'TeleportError' });
    (await open()).destroy();

    expect(balancer.requests).toHaveLength(4);
  });

  it('that knows neither form is refused with the remedy', async () => {
    await using stage = await balanced({ teleport: { webSockets: false, legacyUpgrades: false } });

    const error = await rejectionOf(stage.world.connection.admin.ping(stage.world.signal));

    expect(error).toMatchObject({ name: 'TeleportError', kind: 'unsupported' });
    expect(String(error)).toContain('let TLS pass through');
  });

  it('is told apart from a balancer that lets no WebSocket pass', async () => {
    await using stage = await balanced({ balancer: { webSockets: false } });

    const error = await rejectionOf(stage.world.connection.admin.ping(stage.world.signal));

    expect(error).toMatchObject({ name: 'TeleportError', kind: 'unavailable', transient: true });
    expect(String(error)).toContain('status 400');
    expect(String(error)).toContain('WebSockets');
  });

  it('is upgraded to without a test where the operator says so', async () => {
    await using stage = await balanced({ connection: { connectionUpgrade: true, via: 'proxy' } });

    await stage.world.connection.admin.ping(stage.world.signal);

    expect(stage.balancer.requests).toEqual(['upgrade /webapi/connectionupgrade']);
  });

  it('is not upgraded to where the operator says so', async () => {
    await using stage = await balanced({ connection: { connectionUpgrade: false } });

    const error = await rejectionOf(stage.world.connection.admin.ping(stage.world.signal));

    expect(error).toMatchObject({ name: 'TeleportError' });
    expect(stage.balancer.requests).toEqual(['/webapi/find']);
  });
});

it('a proxy that routes TLS itself is not upgraded to', async () => {
  await using teleport = await startTeleport();
  await using world = await connected({
    connection: { via: 'proxy', addr: teleport.proxyAddr.replace('127.0.0.1', 'localhost') },
  });
  await writeFile(world.identityFile, teleport.identityFileFor(BOT_USER));

  await world.connection.admin.ping(world.signal);

  expect(teleport.proxy.routes).toEqual(['reverse-tunnel', 'auth']);
});
