import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, vi } from 'vitest';

import { parseAddress } from '../../src/teleport/connection/dial.ts';
import { type TeleportConnection, connectTeleport } from '../../src/teleport/connect.ts';
import { discover } from '../../src/teleport/connection/discover.ts';
import { type SimulatedTeleport, startTeleport } from '../sim/teleport/start-teleport.ts';
import { rejectionOf } from './connected.ts';

/** Ended by nothing: the calls have their own deadline. */
const SIGNAL = new AbortController().signal;

function webAddr({ proxyAddr }: SimulatedTeleport): string {
  return proxyAddr.replace('127.0.0.1', 'localhost');
}

/** A connection to `teleport` that is told the address only, as most configurations are. */
async function undirected(
  teleport: SimulatedTeleport,
  addr: string,
  { trustingWeb = true, identity = teleport.identityFileFor('oncall-approver') } = {},
): Promise<AsyncDisposable & { readonly connection: TeleportConnection; readonly identityFile: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'teleport-'));
  const [identityFile, proxyCaFile] = [join(folder, 'identity'), join(folder, 'web-ca.pem')];
  await writeFile(identityFile, identity);
  await writeFile(proxyCaFile, teleport.authorities.webPki.certificatePem);
  const connection = await connectTeleport({
    addr,
    identity: { file: identityFile },
    ...(trustingWeb ? { proxyCaFile } : {}),
  });
  return {
    connection,
    identityFile,
    [Symbol.asyncDispose]: async () => {
      connection.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An HTTPS server with the web certificate of a cluster. */
async function webServer(
  teleport: SimulatedTeleport,
  answer: RequestListener,
): Promise<AsyncDisposable & { readonly addr: string }> {
  const { privateKeyPem, certificatePem } = teleport.authorities.webCertificate;
  const server = createServer({ key: privateKeyPem, cert: certificatePem }, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    addr: `localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function json(status: number, body: unknown): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

describe('an address alone', () => {
  it('of a proxy is found to be one, and the connection goes through it', async () => {
    await using teleport = await startTeleport();
    await using world = await undirected(teleport, webAddr(teleport));

    expect((await world.connection.admin.ping(SIGNAL)).name).toBe(teleport.clusterName);
    expect(teleport.proxy.routes).toEqual(['web', 'reverse-tunnel', 'auth']);
  });

  it('of an auth server on any port is found to be one', async () => {
    await using teleport = await startTeleport();
    await using world = await undirected(teleport, teleport.authAddr);

    expect((await world.connection.admin.ping(SIGNAL)).name).toBe(teleport.clusterName);
  });

  it('of a proxy is asked once, however often the connection is lost', async () => {
    await using teleport = await startTeleport();
    await using world = await undirected(teleport, webAddr(teleport));
    await world.connection.admin.ping(SIGNAL);

    await teleport.restart();
    await vi.waitFor(() => world.connection.admin.ping(SIGNAL));

    expect(teleport.proxy.routes.filter((route) => route === 'web')).toHaveLength(1);
  });

  it('of a proxy that is not up yet is not mistaken for an auth server', async () => {
    await using teleport = await startTeleport();
    const addr = webAddr(teleport);
    await teleport.proxy.stop();
    await using world = await undirected(teleport, addr);

    expect(await rejectionOf(world.connection.admin.ping(SIGNAL))).toMatchObject({
      kind: 'unavailable',
      transient: true,
      message: `teleport at \`${addr}\` cannot be reached (ECONNREFUSED): is it running, and is \`teleport.addr\` right?`,
    });
  });

  it('of the proxy of another cluster is refused with both names', async () => {
    await using teleport = await startTeleport();
    await using other = await startTeleport({ clusterName: 'other.example.com' });
    await using world = await undirected(other, webAddr(other), {
      identity: teleport.identityFileFor('oncall-approver'),
    });

    // Of both addresses of `localhost`, whichever is tried when the call fails.
    for (let pings = 0; pings < 20; pings += 1) {
      expect(await rejectionOf(world.connection.admin.ping(SIGNAL))).toMatchObject({
        kind: 'identity',
        message: expect.stringContaining(
          `serves the cluster \`other.example.com\`, but the identity in \`${world.identityFile}\` is of \`teleport.example.com\``,
        ) as string,
      });
    }
  });

  it('of a proxy with a private web certificate, untrusted, leads to the setting that names its authority', async () => {
    await using teleport = await startTeleport();
    await using world = await undirected(teleport, webAddr(teleport), { trustingWeb: false });

    expect(await rejectionOf(world.connection.admin.ping(SIGNAL))).toMatchObject({
      kind: 'identity',
      message: expect.stringContaining('set `teleport.proxy_ca`') as string,
    });
  });
});

describe('the question to the address', () => {
  it('is not asked at the port of auth servers', async () => {
    expect(await discover(parseAddress('teleport.invalid:3025'), null)).toEqual({
      via: 'direct',
      clusterName: null,
    });
  });

  it.each([
    ['that does not route TLS is unsupported', 200, { proxy: { tls_routing_enabled: false } }, 'unsupported'],
    ['that is not ready is unavailable', 503, {}, 'unavailable'],
  ])('answered by a proxy %s', async (_case, status, body, kind) => {
    await using teleport = await startTeleport();
    await using server = await webServer(teleport, json(status, body));

    const asked = discover(parseAddress(server.addr), teleport.authorities.webPki.certificatePem);

    expect(await rejectionOf(asked)).toMatchObject({ name: 'TeleportError', kind });
  });

  it.each<[string, RequestListener]>([
    ['a page that is not found', json(404, { message: 'not found' })],
    ['a page of something else', json(200, { hello: 'world' })],
    ['HTML', (_request, response) => response.end('<html>')],
    ['more than a page', (_request, response) => response.end(Buffer.alloc(2_000_000, ' '))],
  ])('answered with %s makes it no proxy', async (_case, answer) => {
    await using teleport = await startTeleport();
    await using server = await webServer(teleport, answer);

    expect(await discover(parseAddress(server.addr), teleport.authorities.webPki.certificatePem)).toEqual({
      via: 'direct',
      clusterName: null,
    });
  });
});
