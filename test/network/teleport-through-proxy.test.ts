import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { connectTeleport, type TeleportConnection } from '../../src/teleport/connect.ts';
import { startHttpProxy, type HttpProxy, type HttpProxyOptions } from '../sim/network/http-proxy.ts';
import { startLoadBalancer } from '../sim/network/load-balancer.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { startTeleport, type SimulatedTeleport } from '../sim/teleport/start-teleport.ts';
import { next, rejectionOf } from '../teleport/connected.ts';
import { startTlsFront } from '../sim/network/relay.ts';

const SIGNAL = new AbortController().signal;

/** A name that no name service knows, so that only the HTTP proxy can find it. */
const ADDR = 'teleport.example.com:443';

interface Behind extends AsyncDisposable {
  readonly teleport: SimulatedTeleport;
  readonly httpProxy: HttpProxy;
  readonly connection: TeleportConnection;
}

/** A cluster that can be reached through an HTTP proxy only, by `addr`, which leads to what `reached` says. */
async function behindProxy(
  reached: (teleport: SimulatedTeleport) => string,
  { proxy = {}, addr = ADDR, user }: { proxy?: HttpProxyOptions; addr?: string; user?: string } = {},
): Promise<Behind> {
  await using started = new AsyncDisposableStack();
  const teleport = started.use(await startTeleport({ clusterName: 'teleport.example.com' }));
  const httpProxy = started.use(await startHttpProxy({ hosts: { [addr]: reached(teleport) }, ...proxy }));
  const folder = await mkdtemp(join(tmpdir(), 'teleport-'));
  started.defer(() => rm(folder, { recursive: true }));
  const [file, proxyCaFile] = [join(folder, 'identity'), join(folder, 'web-ca.pem')];
  await writeFile(file, teleport.identityFileFor(BOT_USER));
  await writeFile(proxyCaFile, teleport.authorities.webPki.certificatePem);
  const url = new URL(httpProxy.url);
  if (user !== undefined) [url.username = '', url.password = ''] = user.split(':');
  const connection = await connectTeleport({ addr, identity: { file }, proxyCaFile, httpProxy: url });
  started.defer(() => connection.close());
  const resources = started.move();
  return { teleport, httpProxy, connection, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

describe('teleport behind an HTTP proxy', () => {
  it('is asked, tested and reached through it, with TLS routing', async () => {
    await using stage = await behindProxy(({ proxyAddr }) => proxyAddr);

    expect((await stage.connection.admin.ping(SIGNAL)).name).toBe('teleport.example.com');
    expect(stage.httpProxy.asked).toEqual(Array(3).fill(`CONNECT ${ADDR}`));
    expect(stage.teleport.proxy.routes).toEqual(['web', 'reverse-tunnel', 'auth']);
  });

  it('is reached directly at its auth server', async () => {
    const addr = 'auth.example.com:3025';
    await using stage = await behindProxy(({ authAddr }) => authAddr, { addr });

    const events = stage.connection.requests.watch(SIGNAL)[Symbol.asyncIterator]();
    expect(await next(events)).toEqual({ kind: 'init' });
    const { id } = stage.teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });

    expect(await next(events)).toMatchObject({ kind: 'put', request: { id } });
    expect(stage.httpProxy.asked).toEqual([`CONNECT ${addr}`]);
    await events.return?.();
  });

  it('is reached through a layer-7 load balancer behind it', async () => {
    await using teleport = await startTeleport({ clusterName: 'teleport.example.com' });
    await using balancer = await startLoadBalancer({
      certificate: teleport.authorities.webCertificate,
      target: teleport.proxyAddr,
      alpn: 'ignored',
    });
    await using httpProxy = await startHttpProxy({ hosts: { [ADDR]: balancer.addr } });
    const folder = await mkdtemp(join(tmpdir(), 'teleport-'));
    await writeFile(join(folder, 'identity'), teleport.identityFileFor(BOT_USER));
    await writeFile(join(folder, 'web-ca.pem'), teleport.authorities.webPki.certificatePem);
    const connection = await connectTeleport({
      addr: ADDR,
      identity: { file: join(folder, 'identity') },
      proxyCaFile: join(folder, 'web-ca.pem'),
      httpProxy: new URL(httpProxy.url),
    });

    expect((await connection.admin.ping(SIGNAL)).name).toBe('teleport.example.com');
    expect(balancer.requests).toEqual(['/webapi/find', 'upgrade /webapi/connectionupgrade']);

    connection.close();
    await rm(folder, { recursive: true });
  });

  it('that asks for a password is given it', async () => {
    await using stage = await behindProxy(({ proxyAddr }) => proxyAddr, {
      proxy: { credentials: 'us er:p@ss' },
      user: 'us er:p@ss',
    });

    expect((await stage.connection.admin.ping(SIGNAL)).name).toBe('teleport.example.com');
  });

  it('is reached through one that is spoken to by TLS itself', async () => {
    await using teleport = await startTeleport();
    await using plain = await startHttpProxy({ hosts: { 'auth.example.com:3025': teleport.authAddr } });
    await using front = await startTlsFront('localhost', new URL(plain.url).host);
    setDefaultCACertificates([...getCACertificates('default'), front.authorityPem]);
    const folder = await mkdtemp(join(tmpdir(), 'teleport-'));
    await writeFile(join(folder, 'identity'), teleport.identityFileFor(BOT_USER));
    const connection = await connectTeleport({
      addr: 'auth.example.com:3025',
      identity: { file: join(folder, 'identity') },
      httpProxy: new URL(`https://${front.addr.replace('127.0.0.1', 'localhost')}`),
    });

    expect((await connection.admin.ping(SIGNAL)).name).toBe(teleport.clusterName);

    connection.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['asks for a password that it is not given', { credentials: 'user:secret' }, 'status 407'],
    ['refuses to connect there', { refusal: 403 }, 'status 403'],
    ['cannot reach it', { hosts: { [ADDR]: '127.0.0.1:1' } }, 'status 502'],
  ])('that %s is named with what it said', async (_what, proxy, said) => {
    await using stage = await behindProxy(({ proxyAddr }) => proxyAddr, { proxy });

    const error = await rejectionOf(stage.connection.admin.ping(SIGNAL));

    expect(error).toMatchObject({ name: 'TeleportError', kind: 'unavailable', transient: true });
    expect(String(error)).toContain(said);
    expect(String(error)).toContain('HTTPS_PROXY');
    expect(String(error)).not.toContain('secret');
  });
});
