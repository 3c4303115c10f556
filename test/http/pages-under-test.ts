import { decisionPages, type PagesAccess } from '../../src/http/pages/decision-pages.ts';
import type { Live } from '../../src/http/pages/live-pages.ts';
import type { Seals } from '../../src/ports/ledger-history.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { openHistory } from '../../src/ledger/open-ledger.ts';
import { at } from '../support/builders.ts';
import { NOT_BEGUN } from './live-stub.ts';

export const TOKEN = 'a-token-that-nobody-guesses-0123456789';
export const NOON = at('2026-03-03T12:00:00Z');

export interface Pages extends AsyncDisposable {
  readonly reads: { readonly reader: string; readonly path: string }[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

/** The pages of this ledger behind the real server. */
export async function pagesWith(
  of: string,
  access: PagesAccess,
  live: Live = NOT_BEGUN,
  seals?: Seals,
): Promise<Pages> {
  const reads: Pages['reads'] = [];
  const history = await openHistory({ sqlite: of });
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    plugins: [
      decisionPages({
        history,
        seals,
        access,
        clock: { now: () => NOON },
        live,
        proxyPublicAddr: () => '',
        onRead: (read) => reads.push(read),
      }),
    ],
    onFailure: () => undefined,
  });
  return {
    reads,
    get: (path, headers = {}) => fetch(`${server.url}${path}`, { headers, redirect: 'manual' }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await history.close();
    },
  };
}

export const byToken: PagesAccess = { kind: 'token', token: () => TOKEN };
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
