import { authorityOf, type HostAndPort } from '../core/values/host.ts';

/** The address cannot be listened on; the message says why and what to do. */
export class HttpListenError extends Error {
  override readonly name = 'HttpListenError';
}

/** Why `listen` failed, by the error's code. */
export function listenError(listen: HostAndPort, error: unknown): HttpListenError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
  return new HttpListenError(
    `\`http.listen\` ${authorityOf(listen)} cannot be listened on (${code}): ${remedy(code)}`,
    {
      cause: error,
    },
  );
}

function remedy(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another process has the port: end it, or choose another port';
    case 'EACCES':
      return 'ports below 1024 need a privilege: choose a higher one';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'this machine has no such address: write one of its own, 127.0.0.1, or 0.0.0.0 for all';
    default:
      return 'check the address';
  }
}
