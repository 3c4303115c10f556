import { onceKeyOf, subjectOf, type LedgerEntry, type LedgerEvent } from '../core/record/ledger-entry.ts';
import type { Instant } from '../core/values/instant.ts';
import type { RequestId } from '../core/access-request.ts';
import type { StoredEntry } from '../ports/ledger-history.ts';
import { hashOf } from './chain.ts';
import type { Sealing } from './sealing.ts';

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
  /** Null where the ledger is not sealed. */
  readonly seal: string | null;
}

/** The entries by which requests ended, after one of them; the values stand for its number and for how many. */
export function endedAfterSql(seq: string, limit: string): string {
  return `SELECT seq, at, request_id AS "requestId" FROM entry WHERE kind = 'ended' AND seq > ${seq} ORDER BY seq LIMIT ${limit}`;
}

/** How the next row is sealed, after which entry of the same request, and how many first addresses are known. */
export interface SealWith {
  readonly sealing: Sealing | null;
  readonly priorOf: (requestId: RequestId) => number;
  readonly addresses: number;
}

export function rowOf(
  event: LedgerEvent,
  at: Instant,
  previous: { seq: number; hash: string },
  { sealing, priorOf, addresses }: SealWith,
): EntryRow {
  const seq = previous.seq + 1;
  const eventText = JSON.stringify(event);
  const hash = hashOf(previous.hash, { seq, at, eventText });
  const requestId = subjectOf(event);
  const prior = sealing === null || requestId === null ? 0 : priorOf(requestId);
  return {
    seq,
    at,
    kind: event.kind,
    request_id: requestId,
    once_key: onceKeyOf(event),
    event: eventText,
    hash,
    seal: sealing?.sealOf({ seq, hash }, { prior, previousHash: previous.hash, addresses }) ?? null,
  };
}

export function storedOf({ seq, at, event, hash, kind, request_id, once_key, seal }: EntryRow): StoredEntry {
  const columns = { kind, requestId: request_id, onceKey: once_key };
  return { seq, at, eventText: event, hash, seal, columns };
}

/** Whether only this service wrote it, its seal tells, and without a key the chain at most: the text is trusted to be an event. */
export function entryOf(row: EntryRow): LedgerEntry {
  const event = JSON.parse(row.event) as LedgerEvent;
  return { seq: row.seq, at: row.at as Instant, event, hash: row.hash };
}

/**
 * How big the ledger is; `bytes` says how the database counts its size. The oldest page is that of a request that has not ended: those
 * about broken glass wait for nobody. It is asked for at every scrape, so it goes by the few open requests, in this order, and by
 * the ends of the table, never through all entries.
 */
export function sizeSql(bytes: string): string {
  return `SELECT (SELECT count(*) FROM open_request) AS open,
    (SELECT min(page.at) FROM open_request CROSS JOIN entry AS page
      WHERE page.request_id = open_request.request_id AND page.kind = 'effect-done'
        AND (page.once_key = 'done ' || page.request_id || ' page' OR page.once_key LIKE 'done ' || page.request_id || ' page %')
        AND NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.request_id = page.request_id AND e.kind = 'ended')
    ) AS "oldestPage",
    coalesce((SELECT max(seq) FROM entry) - (SELECT min(seq) FROM entry) + 1, 0) AS entries,
    ${bytes} AS bytes`;
}
