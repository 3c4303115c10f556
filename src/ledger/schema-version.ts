import { LedgerUnavailableError } from '../ports/ledger.ts';

/** Throws LedgerUnavailableError for a schema that only a newer program knows. */
export function refuseNewer(version: number, known: number): void {
  if (version <= known) return;
  throw new LedgerUnavailableError(
    `the ledger has schema version ${version}, this program knows versions up to ${known}: it was written by a newer version, which must be installed again`,
  );
}
