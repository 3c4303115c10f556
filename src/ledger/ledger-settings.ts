import type { Claims } from '../ports/claims.ts';
import type { Ledger } from '../ports/ledger.ts';

/** A file for one instance, or a database for several replicas. */
export type LedgerSettings = { readonly sqlite: string } | { readonly postgres: PostgresSettings };

export interface PostgresSettings {
  /** Connection URL, asked for at every connection: it may be renewed. */
  readonly url: { readonly reveal: () => string };
}

export interface OpenLedger extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly claims: Claims;
}
