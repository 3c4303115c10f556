import type { LedgerEntry } from '../../../src/core/record/ledger-entry.ts';
import type { LedgerHistory, StoredEntry } from '../../../src/ports/ledger-history.ts';

/** Entries of any database as an auditor reads them; that their text is the stored one is shown by the hashes. */
export function historyOf(entries: readonly LedgerEntry[]): LedgerHistory {
  return {
    extent: () =>
      Promise.resolve(
        entries.length === 0
          ? null
          : { entries: entries.length, firstSeq: entries[0]?.seq ?? 0, lastSeq: entries.at(-1)?.seq ?? 0 },
      ),
    entries: async function* () {
      for (const entry of entries) yield await Promise.resolve(stored(entry));
    },
    checkpoints: () =>
      Promise.resolve(entries.filter(({ event }) => event.kind === 'checkpoint').map(stored)),
    mark: () => Promise.resolve(null),
  };
}

function stored({ seq, at, event, hash }: LedgerEntry): StoredEntry {
  return { seq, at, eventText: JSON.stringify(event), hash, seal: null, columns: null };
}
