/** A listener or a server; `host` without brackets. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** IPv6 addresses stand in brackets where a port may follow. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** As URLs have it, and as sockets want it. */
export function unbracketed(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/u, '$1');
}

/** `127.0.0.1:8080` or `[::1]:8080` */
export function authorityOf({ host, port }: HostAndPort): string {
  return `${bracketed(host)}:${port}`;
}
