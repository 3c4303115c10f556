import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { plainAddress } from '../server.ts';

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
      const trusted = access.trustedProxies.includes(plainAddress(request.socket.remoteAddress));
      return trusted ? soleName(request.raw.rawHeaders, access.header.toLowerCase()) : null;
    }
  }
}

/**
 * The one reader that is named. A proxy that adds its header to one that the client sent names two people, as does a hop in between
 * that joins them by a comma (RFC 9110, 5.3); Node joins them too, hence the headers as they came. Nobody can tell which one is true.
 */
function soleName(rawHeaders: readonly string[], header: string): Reader | null {
  const [name, ...others] = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === header,
  );
  if (name === undefined || others.length > 0 || name.includes(',')) return null;
  return name.trim() === '' ? null : name.trim();
}

/** What a browser needs to ask its user for the token. */
export async function refuse(reply: FastifyReply, access: PagesAccess): Promise<void> {
  if (access.kind === 'token') {
    reply.header('www-authenticate', 'Basic realm="oncall-approver decisions", charset="UTF-8"');
  }
  const how =
    access.kind === 'token'
      ? 'the token is needed'
      : 'the reverse proxy has to say who asks, once and without a comma';
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
