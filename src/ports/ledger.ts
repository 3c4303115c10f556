import type { RequestId } from '../core/access-request.ts';
import type { Instant } from '../core/values/instant.ts';
import type { LedgerEntry, LedgerEvent, PageBegun } from '../core/record/ledger-entry.ts';
import type { Fence } from './claims.ts';

/** The append-only record of decisions and of what came of them. */
export interface Ledger {
  /**
   * Appends all events in order, or none, and returns once they are on disk. Throws AlreadyRecordedError when one of them
   * was recorded before (see `onceKeyOf`), LedgerForgedError when that was somebody else's doing, ClaimLostError when the claim of the fence is another replica's by then,
   * LedgerUnavailableError when they cannot be written: then nothing may be done.
   */
  append(events: readonly LedgerEvent[], at: Instant, fence?: Fence | null): Promise<readonly LedgerEntry[]>;
  /** All entries of one request, oldest first. Throws LedgerForgedError where they are not what this service wrote. */
  entriesOf(requestId: RequestId): Promise<readonly LedgerEntry[]>;
  /** Requests that something is still due for, or that have not ended: what the sweep must look at again. */
  open(): Promise<readonly RequestId[]>;
  /** Entries after this one by which requests ended, in order, at most so many. */
  endedAfter(seq: number, limit: number): Promise<readonly EndedEntry[]>;
  /**
   * Says that by the `known` entries of a request nothing more is due for it: it stays open where it has more of them by now, which others
   * may write meanwhile. Derived from the entries; no part of the record.
   */
  settle(requestId: RequestId, known: number): Promise<void>;
  /** Says that something is due for a request again. */
  reopen(requestId: RequestId): Promise<void>;
  /** The pages that were begun for a requester, rule and service. */
  pagesOf(group: string): Promise<GroupPages>;
  /** All who are asked about on a page, in the order in which they came. */
  askedOn(page: string): Promise<readonly Asked[]>;
  /** Whether any of them but this one has not ended. */
  isWaitedOn(page: string, except: RequestId): Promise<boolean>;
  /** Every entry in order, one at a time. */
  entries(): AsyncIterable<LedgerEntry>;
  /**
   * Writes to disk and takes it back, leaving nothing in the record: whether an append would be possible now. Throws
   * LedgerUnavailableError when it would not.
   */
  probe(): Promise<void>;
  size(): Promise<LedgerSize>;
  close(): Promise<void>;
}

export interface EndedEntry {
  readonly seq: number;
  readonly at: Instant;
  readonly requestId: RequestId;
}

export interface GroupPages {
  /** The number of the last one; 0 where there is none. */
  readonly last: number;
  /** Those on which a request waits that has not ended, the first first. */
  readonly live: readonly PageBegun[];
}

export interface Asked {
  readonly requestId: RequestId;
  readonly code: string;
  /** Whether it has not ended. */
  readonly waits: boolean;
}

export interface LedgerSize {
  readonly entries: number;
  readonly bytes: number;
  /** Requests that are not over. */
  readonly open: number;
  /** When the oldest page was opened whose request has not ended; null where none waits. */
  readonly oldestPage: Instant | null;
}

/** Somebody recorded this before: a repetition after a crash, or another replica. Look at the ledger again. */
export class AlreadyRecordedError extends Error {
  override readonly name = 'AlreadyRecordedError';
}

/**
 * Somebody else wrote, changed, moved or removed an entry of this request: nothing may be done for it on the strength of what
 * the ledger holds. Others are not affected.
 */
export class LedgerForgedError extends Error {
  override readonly name = 'LedgerForgedError';
  /** Null for an entry that concerns all requests. */
  readonly requestId: RequestId | null;
  readonly seq: number;

  /** `fault` is the end of a sentence about the entry. */
  constructor(requestId: RequestId | null, seq: number, fault: string) {
    const whose = requestId === null ? '' : ` of request ${requestId}`;
    const remedy =
      requestId === null
        ? 'restore it from a backup'
        : 'handle the request in Teleport, restore the ledger from a backup';
    super(
      `entry ${seq}${whose} ${fault}: somebody else has written to the ledger. Run \`ledger verify\`, ${remedy}, and find out who can write to it`,
    );
    this.requestId = requestId;
    this.seq = seq;
  }
}

/** The ledger cannot be read or written; the message says why and what to do. */
export class LedgerUnavailableError extends Error {
  override readonly name = 'LedgerUnavailableError';
}
