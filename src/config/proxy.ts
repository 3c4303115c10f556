import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is to be reached: the scheme decides which proxy is meant. */
export interface Destination {
  readonly secure: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * The HTTP proxy on the way to a destination, null without one, `unusable` when what is named is none: `HTTPS_PROXY` (for what is not TLS `HTTP_PROXY`) unless `NO_PROXY`
 * exempts it; lower-case names win, as with curl. `NO_PROXY` lists, by comma or space: `*`, a host with all below it, with or
 * without a dot in front, an address, or a network like `10.0.0.0/8`; each with `:port` for this port only.
 */
export function proxyFor(
  { secure, host, port }: Destination,
  environment: Environment,
): URL | 'unusable' | null {
  const named = secure ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  const proxy = first(environment, named);
  if (proxy === undefined) return null;
  const exempt = (first(environment, ['no_proxy', 'NO_PROXY']) ?? '').split(/[\s,]+/u).filter(Boolean);
  if (exempt.some((entry) => covers(entry.toLowerCase(), host.toLowerCase(), port))) return null;
  return proxyUrl(proxy) ?? 'unusable';
}

/** `http://host:port`, `https://…`, or `host:port`, with user and password if need be; null for anything else. */
function proxyUrl(text: string): URL | null {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//iu.test(text) ? text : `http://${text}`);
  return url !== null && /^https?:$/u.test(url.protocol) && url.hostname !== '' ? url : null;
}

function first(environment: Environment, names: readonly string[]): string | undefined {
  return names.map((name) => environment[name]?.trim()).find((value) => value !== undefined && value !== '');
}

function covers(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return covered(entry, host);
  const { name, only } = withoutPort(entry);
  if (only !== null && only !== port) return false;
  const bare = name.replace(/^\*?\./u, '');
  return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
}

/** `[::1]:3025`, `::1`, `host:443` or `host` */
function withoutPort(entry: string): { readonly name: string; readonly only: number | null } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/u.exec(entry) ?? [];
  return { name: bracketed ?? plain ?? entry, only: port === undefined ? null : Number(port) };
}

function covered(network: string, host: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/u.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(bits), kind);
  return list.check(host, kind);
}
