import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { startTeleport, type SimulatedTeleport } from '../../sim/teleport/start-teleport.ts';
import { encodedClusterName } from '../../sim/teleport/tls-routing-proxy.ts';

const AUTH_ALPN = `teleport-auth@${encodedClusterName('teleport.example.com')}`;

function dial(
  teleport: SimulatedTeleport,
  options: { alpn: string[]; serverName: string; ca: string },
): TLSSocket {
  const [host = '', port] = teleport.proxyAddr.split(':');
  return connectTls({
    host,
    port: Number(port),
    servername: options.serverName,
    ALPNProtocols: options.alpn,
    ca: options.ca,
  });
}

describe('the proxy', () => {
  it.each([
    ['another cluster', [`teleport-auth@${encodedClusterName('other.example.com')}`, 'h2']],
    ['a protocol nobody serves', ['teleport-unheard-of']],
    ['a protocol nobody serves before the one for auth', ['teleport-unheard-of', AUTH_ALPN]],
  ])('refuses %s', async (_case, alpn) => {
    await using teleport = await startTeleport();
    const ca = teleport.authorities.host.certificatePem;

    const socket = dial(teleport, { alpn, serverName: 'teleport.cluster.local', ca });
    const [error] = (await once(socket, 'error')) as [Error];

    expect(error).toBeInstanceOf(Error);
    expect(teleport.proxy.routes).toEqual(['refused']);
  });

  it('shows its own, publicly signed certificate to a client which offers h2 first', async () => {
    await using teleport = await startTeleport();
    const ca = teleport.authorities.host.certificatePem;

    const socket = dial(teleport, { alpn: ['h2', AUTH_ALPN], serverName: 'teleport.cluster.local', ca });
    const [error] = (await once(socket, 'error')) as [Error];

    expect(error.message).toMatch(/verify|altname/i);
    expect(teleport.proxy.routes).toEqual(['web']);
  });

  it.each(['/webapi/find', '/webapi/ping'])(
    'serves %s without a login, and by the public address that it tells there',
    async (path) => {
      await using teleport = await startTeleport();
      const ca = teleport.authorities.webPki.certificatePem;
      const ask = async (serverName: string) => {
        const socket = dial(teleport, { alpn: ['http/1.1'], serverName, ca });
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${serverName}\r\nConnection: close\r\n\r\n`);
        // Two answers may come in two seconds.
        return (await socket.toArray()).join('').replace(/^Date: .*\r\n/mu, '');
      };

      const answer = await ask('teleport.example.com');
      const [, publicHost = ''] = /"public_addr":"([^":]+)/u.exec(answer) ?? [];

      expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
      expect(answer).toContain('"tls_routing_enabled":true');
      expect(answer).toContain('"cluster_name":"teleport.example.com"');
      expect(await ask(publicHost)).toBe(answer);
    },
  );
});
