import { describe, expect, it } from 'vitest';
import { networkOf, proxyOf } from '../../src/config/network.ts';

const PROXY = 'http://proxy.example.com:3128';
const TELEPORT = 'teleport.example.com:443';

function teleportProxy(environment: Record<string, string>, addr = TELEPORT): string | null {
  return networkOf(addr, environment).teleportProxy?.origin ?? null;
}

describe('the HTTP proxy on the way', () => {
  it.each([
    ['none without a variable', {}, null],
    ['none for an empty one', { HTTPS_PROXY: '' }, null],
    ['of HTTPS_PROXY for what is TLS', { HTTPS_PROXY: PROXY, HTTP_PROXY: 'http://other:1' }, PROXY],
    ['of the lower-case name first', { https_proxy: PROXY, HTTPS_PROXY: 'http://other:1' }, PROXY],
    ['also when written without a scheme', { HTTPS_PROXY: 'proxy.example.com:3128' }, PROXY],
    ['none for all of NO_PROXY', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, null],
    ['none for the very host', { HTTPS_PROXY: PROXY, NO_PROXY: 'a.b, Teleport.Example.com' }, null],
    ['none below a domain', { HTTPS_PROXY: PROXY, NO_PROXY: 'example.com' }, null],
    ['none below a domain with a dot', { HTTPS_PROXY: PROXY, no_proxy: '.example.com' }, null],
    ['none below a domain with a star', { HTTPS_PROXY: PROXY, NO_PROXY: '*.example.com' }, null],
    ['for a host that only ends alike', { HTTPS_PROXY: PROXY, NO_PROXY: 'port.example.com' }, PROXY],
    ['none for the very port', { HTTPS_PROXY: PROXY, NO_PROXY: TELEPORT }, null],
    ['for another port', { HTTPS_PROXY: PROXY, NO_PROXY: 'teleport.example.com:3025' }, PROXY],
  ])('is %s', (_what, environment, proxy) => {
    expect(teleportProxy(environment)).toBe(proxy);
  });

  it.each([
    ['10.1.2.3:3025', '10.0.0.0/8', null],
    ['11.1.2.3:3025', '10.0.0.0/8', PROXY],
    ['10.1.2.3:3025', '10.0.0.0/99', PROXY],
    ['[fd00::7]:3025', 'fd00::/8', null],
    ['[fd00::7]:3025', '[fd00::7]:3025', null],
    ['[fd00::7]:3025', 'fd00::7', null],
    ['1.10.0.0:3025', '10.0.0', PROXY],
  ])('to %s with NO_PROXY=%s', (addr, exempt, proxy) => {
    expect(teleportProxy({ HTTPS_PROXY: PROXY, NO_PROXY: exempt }, addr)).toBe(proxy);
  });

  it('of a plain HTTP address is that of HTTP_PROXY', () => {
    const environment = { HTTPS_PROXY: 'http://other:1', HTTP_PROXY: PROXY };
    expect(proxyOf('http://pagerduty.test:8080', environment)?.origin).toBe(PROXY);
  });

  it('that is none is refused, and its password not told', () => {
    const environment = { HTTPS_PROXY: 'socks5://user:secret@proxy:1080' };
    expect(() => proxyOf('https://api.pagerduty.com', environment)).toThrow(
      'the environment variable HTTPS_PROXY is no address of an HTTP proxy',
    );
    expect(() => proxyOf('https://api.pagerduty.com', environment)).not.toThrow('secret');
  });
});

it.each([
  [undefined, null],
  ['', null],
  ['true', true],
  ['0', false],
  [`${TELEPORT}=yes`, true],
  [`other:443=yes,${TELEPORT}=no`, false],
  [`other:443=yes; ${TELEPORT} = on`, true],
  ['other:443=yes', null],
  ['perhaps', null],
])('whether connections are upgraded with TELEPORT_TLS_ROUTING_CONN_UPGRADE=%s', (told, answer) => {
  const environment = { TELEPORT_TLS_ROUTING_CONN_UPGRADE: told };
  expect(networkOf(TELEPORT, environment).connectionUpgrade).toBe(answer);
});
