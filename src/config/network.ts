import { ConfigError } from './config-error.ts';
import { unbracketed } from '../core/values/host.ts';
import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/** How the network lets us reach both sides, from the environment, where such things are told to every program. */
export interface Network {
  readonly teleportProxy: URL | null;
  /** Whether TLS is ended in front of Teleport's proxy; null is found out. */
  readonly connectionUpgrade: boolean | null;
}

export function networkOf(teleportAddr: string, environment: Environment): Network {
  const url = URL.parse(`tls://${teleportAddr}`);
  return {
    teleportProxy: url === null ? null : checkedProxy({ secure: true, ...placeOf(url) }, environment),
    connectionUpgrade: connectionUpgradeFor(teleportAddr, environment),
  };
}

/** The HTTP proxy on the way to a URL, or null. Throws ConfigError for a variable that names none. */
export function proxyOf(address: string, environment: Environment): URL | null {
  const url = new URL(address);
  return checkedProxy({ secure: url.protocol === 'https:', ...placeOf(url) }, environment);
}

function checkedProxy(destination: Destination, environment: Environment): URL | null {
  const proxy = proxyFor(destination, environment);
  if (proxy !== 'unusable') return proxy;
  // Never quoted: it may hold a password.
  throw new ConfigError(
    `the environment variable ${destination.secure ? 'HTTPS_PROXY' : 'HTTP_PROXY'} is no address of an HTTP proxy: ` +
      'write http://host:port, or http://user:password@host:port',
  );
}

function placeOf({ hostname, port, protocol }: URL): Pick<Destination, 'host' | 'port'> {
  const usual = protocol === 'http:' ? 80 : 443;
  return { host: unbracketed(hostname), port: port === '' ? usual : Number(port) };
}

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
function proxyFor({ secure, host, port }: Destination, environment: Environment): URL | 'unusable' | null {
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

/** The variable that Teleport's own clients obey too. */
const UPGRADE_VARIABLE = 'TELEPORT_TLS_ROUTING_CONN_UPGRADE';

const YES = ['yes', 'yeah', 'y', 'true', '1', 'on'];
const NO = ['no', 'nope', 'n', 'false', '0', 'off'];

/**
 * Whether connections to this address of Teleport are to be upgraded, as told by the environment: `true`, or a list like
 * `teleport.example.com:443=yes;other:443=no`. Null where it says nothing, so that it is found out.
 */
function connectionUpgradeFor(
  addr: string,
  environment: Readonly<Record<string, string | undefined>>,
): boolean | null {
  const told = environment[UPGRADE_VARIABLE]?.trim() ?? '';
  const everywhere = boolOf(told);
  if (everywhere !== null) return everywhere;
  const pairs = told.split(/[,;]/u).map((pair) => pair.split('=').map((part) => part.trim()));
  const [, answer] = pairs.find(([name]) => name === addr) ?? [];
  return answer === undefined ? null : boolOf(answer);
}

function boolOf(text: string): boolean | null {
  const word = text.toLowerCase();
  if (YES.includes(word)) return true;
  return NO.includes(word) ? false : null;
}
