import { TeleportError } from '../../ports/teleport.ts';
import { unbracketed } from '../../core/values/host.ts';

/** Where Teleport listens: a proxy's web address, or an auth server. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** `host:port`, as written in the configuration. */
  readonly text: string;
}

const DEFAULT_PORT = 443;

/** `host:port` or `host` (port 443); brackets around IPv6. Throws TeleportError of kind `invalid` for anything else. */
export function parseAddress(text: string): Address {
  const url = URL.canParse(`tls://${text}`) ? new URL(`tls://${text}`) : null;
  const bare = url !== null && url.host === text.toLowerCase();
  if (url === null || !bare || url.hostname === '') {
    throw new TeleportError(
      'invalid',
      `\`${text}\` is no address of Teleport: write host:port without a scheme, for instance teleport.example.com:443`,
      { transient: false },
    );
  }
  return {
    host: unbracketed(url.hostname),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    text: url.port === '' ? `${text}:${String(DEFAULT_PORT)}` : text,
  };
}
