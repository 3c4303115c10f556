import type { Claims } from '../ports/claims.ts';
import type { LedgerKeys } from '../ports/ledger-history.ts';
import type { FirstSights } from '../ports/pins.ts';
import type { Sightings } from '../ports/sightings.ts';
import type { UsageStore } from '../ports/usage.ts';
import type { Ledger, LedgerForgedError } from '../ports/ledger.ts';

/** A file for one instance, or a database for several replicas. */
export type LedgerSettings = ({ readonly sqlite: string } | { readonly postgres: PostgresSettings }) & {
  /** What the key file holds, asked for each time: it may be renewed. Absent: entries carry no MAC. */
  readonly key?: { readonly reveal: () => string } | undefined;
};

export interface PostgresSettings {
  /** Connection URL, asked for at every connection: it may be renewed. */
  readonly url: { readonly reveal: () => string };
}

/** Told of what somebody else did to the ledger. */
export type OnForged = (forged: Pick<LedgerForgedError, 'requestId' | 'message'>) => void;

export interface OpenLedger extends FirstSights, AsyncDisposable {
  readonly ledger: Ledger;
  readonly claims: Claims;
  /** Null where no key is configured. */
  readonly keys: LedgerKeys | null;
  readonly sightings: Sightings;
  readonly usage: UsageStore;
  /** A MAC for the key of a page: under the ledger's key, else under a secret beside the ledger. Throws LedgerUnavailableError. */
  readonly keyMac: (text: string) => string;
}
