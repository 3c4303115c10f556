import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** How a reader is known: by a token, or by a reverse proxy that has done the asking and names them in a header. */
export type PagesAccess =
  | {
      readonly kind: 'token';
      /** Read at every request: a renewed file counts at once. */ readonly token: () => string;
    }
  | { readonly kind: 'header'; readonly header: string; readonly trustedProxies: readonly string[] };

/** Who reads, by the words of the gate that let them in. */
export type Reader = string;

/**
 * Who may read: the reader, or null for nobody. A token comes as `Authorization: Bearer`, or as the password of HTTP Basic so
 * that a browser can ask for it. A header counts only from the addresses of trusted proxies: anybody else could write it.
 */
export function readerOf(request: FastifyRequest, access: PagesAccess): Reader | null {
  switch (access.kind) {
    case 'token':
      return sameSecret(tokenIn(request.headers.authorization), access.token()) ? 'token' : null;
    case 'header': {
      const name = request.headers[access.header.toLowerCase()];
      const trusted = access.trustedProxies.includes(plainAddress(request.socket.remoteAddress));
      return trusted && typeof name === 'string' && name.trim() !== '' ? name.trim() : null;
    }
  }
}

/** What a browser needs to ask its user for the token. */
export async function refuse(reply: FastifyReply, access: PagesAccess): Promise<void> {
  if (access.kind === 'token') {
    reply.header('www-authenticate', 'Basic realm="oncall-approver decisions", charset="UTF-8"');
  }
  const how = access.kind === 'token' ? 'the token is needed' : 'the reverse proxy has to say who asks';
  await reply.code(401).type('text/plain; charset=utf-8').send(`not shown: ${how}\n`);
}

function tokenIn(authorization = ''): string {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/u.exec(authorization.trim()) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const userAndPassword = Buffer.from(value, 'base64').toString('utf8');
  return userAndPassword.slice(userAndPassword.indexOf(':') + 1);
}

/** Takes the same time whatever was sent: digests are compared, so lengths do not show either. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(given), digest(expected));
}

/** An IPv4 address that came in through an IPv6 socket is the IPv4 address. */
function plainAddress(address = ''): string {
  return address.replace(/^::ffff:/u, '');
}
