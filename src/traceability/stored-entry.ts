import type { Instant } from '../core/values/instant.ts';
import type { LedgerEntry, LedgerEvent } from '../core/record/ledger-entry.ts';
import type { StoredEntry } from '../ports/ledger-history.ts';

/** A stored entry as what it says. Whether to believe it, verification tells. Throws SyntaxError for text that is no JSON. */
export function entryOf({ seq, at, eventText, hash }: StoredEntry): LedgerEntry {
  return { seq, at: at as Instant, event: JSON.parse(eventText) as LedgerEvent, hash };
}
