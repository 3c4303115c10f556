import { onceKeyOf, subjectOf, type LedgerEntry, type LedgerEvent } from '../core/record/ledger-entry.ts';
import type { Instant } from '../core/values/instant.ts';
import { hashOf } from './chain.ts';

/** An entry as the database holds it; the columns beside `event` only serve look-ups. */
export interface EntryRow {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly request_id: string | null;
  readonly once_key: string | null;
  /** The event as JSON: this text, not its parsed form, is what the hash covers. */
  readonly event: string;
  readonly hash: string;
}

export function rowOf(event: LedgerEvent, at: Instant, previous: { seq: number; hash: string }): EntryRow {
  const seq = previous.seq + 1;
  const eventText = JSON.stringify(event);
  return {
    seq,
    at,
    kind: event.kind,
    request_id: subjectOf(event),
    once_key: onceKeyOf(event),
    event: eventText,
    hash: hashOf(previous.hash, { seq, at, eventText }),
  };
}

/** Only this service writes the table, and the chain tells whether that held: the text is trusted to be an event. */
export function entryOf(row: EntryRow): LedgerEntry {
  const event = JSON.parse(row.event) as LedgerEvent;
  return { seq: row.seq, at: row.at as Instant, event, hash: row.hash };
}
