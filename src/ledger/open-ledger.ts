import type { Claims } from '../ports/claims.ts';
import type { Ledger } from '../ports/ledger.ts';
import { PostgresClaims } from './postgres-claims.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { PostgresLedger } from './postgres-ledger.ts';
import { SqliteLedger } from './sqlite-ledger.ts';

/** A file for one instance, or a database for several replicas. */
export type LedgerSettings =
  { readonly sqlite: string } | { readonly postgres: { readonly url: { readonly reveal: () => string } } };

export interface OpenLedger extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly claims: Claims;
}

/** The only instance on its file handles everything. */
const everything: Claims = {
  take: () => Promise.resolve({ lost: new AbortController().signal, release: () => Promise.resolve() }),
  abandoned: () => Promise.resolve([]),
};

/** Opens the ledger where the configuration says. Throws LedgerUnavailableError; waits a minute for a PostgreSQL that restarts. */
export async function openLedger(settings: LedgerSettings, signal: AbortSignal): Promise<OpenLedger> {
  if ('sqlite' in settings) {
    const ledger = new SqliteLedger(settings.sqlite);
    return { ledger, claims: everything, [Symbol.asyncDispose]: () => ledger.close() };
  }
  const { url } = settings.postgres;
  const database = await PostgresDatabase.open({ url: () => url.reveal(), signal });
  const ledger = new PostgresLedger(database);
  const claims = new PostgresClaims(database);
  return {
    ledger,
    claims,
    async [Symbol.asyncDispose]() {
      try {
        await claims.close();
      } finally {
        await ledger.close();
      }
    },
  };
}
