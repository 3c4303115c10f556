import { ConfigError } from './config-error.ts';
import { connectionUpgradeFor } from './connection-upgrade.ts';
import { proxyFor, type Destination } from './proxy.ts';
import { unbracketed } from '../core/values/host.ts';

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
