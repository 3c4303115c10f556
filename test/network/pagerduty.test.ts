import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { instantOf } from '../../src/core/values/instant.ts';
import { connectPagerDuty, type PagerDutyConnection } from '../../src/pagerduty/connect.ts';
import { startHttpProxy } from '../sim/network/http-proxy.ts';
import { startIpv6Relay, startTlsFront } from '../sim/network/relay.ts';
import { FULL_ACCESS_KEY } from '../sim/pagerduty/reference-world.ts';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';

const ASK = { signal: new AbortController().signal };
const EU = 'https://api.eu.pagerduty.com';

function connectedTo(apiUrl: string, httpProxy: URL | null = null): PagerDutyConnection {
  const key = { reveal: () => FULL_ACCESS_KEY };
  return connectPagerDuty({
    apiUrl,
    from: 'oncall-approver@example.com',
    readKey: key,
    writeKey: key,
    version: '0.0.0',
    clock: { now: () => instantOf(Date.now()) },
    random: () => 0.5,
    httpProxy,
  });
}

describe('PagerDuty', () => {
  it('in the EU is reached by TLS through an HTTP proxy', async () => {
    await using pagerDuty = await startPagerDuty();
    await using front = await startTlsFront('api.eu.pagerduty.com', new URL(pagerDuty.url).host);
    setDefaultCACertificates([...getCACertificates('default'), front.authorityPem]);
    await using httpProxy = await startHttpProxy({ hosts: { 'api.eu.pagerduty.com:443': front.addr } });
    using connection = connectedTo(EU, new URL(httpProxy.url));

    expect(await connection.admin.fromUser(ASK)).toMatchObject({ email: 'oncall-approver@example.com' });
    expect(httpProxy.asked).toEqual(['CONNECT api.eu.pagerduty.com:443']);
  });

  it('is given the password that the HTTP proxy asks for', async () => {
    await using pagerDuty = await startPagerDuty();
    await using front = await startTlsFront('api.eu.pagerduty.com', new URL(pagerDuty.url).host);
    setDefaultCACertificates([...getCACertificates('default'), front.authorityPem]);
    await using httpProxy = await startHttpProxy({
      credentials: 'user:secret',
      hosts: { 'api.eu.pagerduty.com:443': front.addr },
    });
    const address = new URL(httpProxy.url);
    [address.username, address.password] = ['user', 'secret'];
    using connection = connectedTo(EU, address);

    await expect(connection.admin.reachable(ASK)).resolves.toBeDefined();
  });

  it('behind an HTTP proxy that refuses is unavailable, and no password is told', async () => {
    await using httpProxy = await startHttpProxy({ credentials: 'user:secret' });
    const address = new URL(httpProxy.url);
    [address.username, address.password] = ['user', 'wrong'];
    using connection = connectedTo(EU, address);

    const failure = connection.admin.reachable(ASK);

    await expect(failure).rejects.toMatchObject({ name: 'PagerDutyError', kind: 'unavailable' });
    await expect(failure).rejects.not.toThrow('wrong');
  });

  it('without TLS is asked for by its whole address at an HTTP proxy', async () => {
    await using pagerDuty = await startPagerDuty();
    await using httpProxy = await startHttpProxy();
    using connection = connectedTo(pagerDuty.url, new URL(httpProxy.url));

    await connection.admin.reachable(ASK);

    expect(httpProxy.asked).toEqual([`GET ${pagerDuty.url}/users?limit=1`]);
  });

  it('is reached by IPv6', async () => {
    await using pagerDuty = await startPagerDuty();
    await using relay = await startIpv6Relay(new URL(pagerDuty.url).host);
    using connection = connectedTo(`http://${relay.addr}`);

    await expect(connection.admin.reachable(ASK)).resolves.toBeDefined();
  });
});
