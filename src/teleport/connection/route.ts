import { needsUpgrade, type WebAddress } from './connection-upgrade.ts';
import { discover, type Discovery, type Via } from './discover.ts';

/** How the auth server behind an address is reached. */
export interface Route extends Discovery {
  /** TLS is ended in front of the proxy, so that connections must be upgraded to reach it. */
  readonly upgrade: boolean;
}

export interface RouteOptions {
  readonly web: WebAddress;
  readonly httpProxy: URL | null;
  /** As configured; null is found out. */
  readonly via: Via | null;
  readonly upgrade: boolean | null;
}

/**
 * Finds the route, before each connection. What a proxy answered is remembered, since it does not turn into an auth server,
 * and neither does a load balancer come and go; a guess is made anew each time. Throws as `discover`.
 */
export function routeFinder({ web, httpProxy, via, upgrade }: RouteOptions): () => Promise<Route> {
  let known: Discovery | null = via === null ? null : { via, clusterName: null };
  let needed = upgrade;

  async function discovered(): Promise<Discovery> {
    if (known !== null) return known;
    const found = await discover(web.addr, web.proxyCaPem, httpProxy);
    if (found.via === 'proxy') known = found;
    return found;
  }

  return async () => {
    const found = await discovered();
    if (found.via === 'direct') return { ...found, upgrade: false };
    needed ??= await needsUpgrade(web, httpProxy);
    return { ...found, upgrade: needed ?? false };
  };
}
