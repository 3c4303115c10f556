import type { RequestId } from '../core/access-request.ts';
import type { Instant } from '../core/values/instant.ts';
import type { Checkpoint } from '../core/record/ledger-entry.ts';

/**
 * An entry to the letter, as it is stored. The chain covers `seq`, `at` and `eventText`; the look-up columns only repeat
 * what the text says, and are null where the place keeps none.
 */
export interface StoredEntry {
  readonly seq: number;
  readonly at: string;
  readonly eventText: string;
  readonly hash: string;
  /** What shows that the service wrote it; null where it was written without a key. */
  readonly seal: string | null;
  readonly columns: {
    readonly kind: string;
    readonly requestId: RequestId | null;
    readonly onceKey: string | null;
  } | null;
}

/** The address that a PagerDuty user had when they were first seen, or the id that a name first led to, as it is stored beside the entries. */
export interface StoredAddress {
  /** Or the kind and the name; no id of a user has a space. */
  readonly user_id: string;
  /** Or the id. */
  readonly address: string;
  readonly seen_at: string;
  /** 1, 2, 3 … without gaps; null where it was written without a key, or by an earlier version. */
  readonly number: number | null;
  /** What shows that the service wrote it; null where it was written without a key. */
  readonly mac: string | null;
}

/** What is known of one target by watching it, as JSON, stored beside the entries. Without a MAC it is from before there was a key. */
export interface StoredWatched {
  readonly target: string;
  readonly state: string;
  readonly mac: string | null;
}

/** Where the entries begin and end. */
export interface Extent {
  readonly entries: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/**
 * The ledger as an auditor reads it: nothing is trusted, nothing is written. Every method throws LedgerUnavailableError when
 * the place cannot be read.
 */
export interface LedgerHistory {
  /** Null for a ledger without entries. */
  extent(): Promise<Extent | null>;
  /** Every entry in order of `seq`, one at a time, up to the end as it was when the reading began. */
  entries(): AsyncIterable<StoredEntry>;
  /** The checkpoints among them, oldest first. */
  checkpoints(): Promise<readonly StoredEntry[]>;
  /** The mark from which its entries are sealed; null where there is none, or it was removed behind a checkpoint. */
  mark(): Promise<StoredEntry | null>;
}

/** Which decisions are wanted; both bounds are of the time at which they were recorded. */
export interface DecisionsQuery {
  /** This instant and later. */
  readonly since: Instant | null;
  /** Earlier than this instant. */
  readonly until: Instant | null;
  /** Only what was recorded before this decision; null to begin with the newest. */
  readonly before: { readonly at: string; readonly seq: number } | null;
}

/** A history with look-ups: a database, as opposed to an export. */
export interface SearchableHistory extends LedgerHistory {
  /** The same, of those after an entry. */
  entries(after?: number): AsyncIterable<StoredEntry>;
  /** Every entry before one, the last one first. */
  backwards(before: number): AsyncIterable<StoredEntry>;
  entriesOf(requestId: RequestId): Promise<readonly StoredEntry[]>;
  /** Decisions, newest first, one at a time. */
  decisions(query: DecisionsQuery): AsyncIterable<StoredEntry>;
  /** Ids of requests that begin with this text, at most `limit`. */
  requestIds(prefix: string, limit: number): Promise<readonly RequestId[]>;
  /** Requests that are not over: nothing of theirs may be removed. */
  open(): Promise<readonly RequestId[]>;
  addresses(): Promise<readonly StoredAddress[]>;
  watched(): Promise<readonly StoredWatched[]>;
  close(): Promise<void>;
}

/** The one way in which entries leave the ledger. */
export interface LedgerPruning {
  /**
   * Appends the checkpoint and then removes the entries it stands for, up to `through`. A crash in between leaves entries that
   * the next call removes. Throws LedgerUnavailableError.
   */
  prune(checkpoint: Checkpoint, at: Instant): Promise<void>;
}

/** Whether what is stored is this service's own: only who has the ledger's key can tell. */
export interface Seals {
  readonly ledgerId: string;
  /**
   * Why an entry is not to be believed, as the end of a sentence; null when its seal holds. Whoever has checked the chain need not
   * have the hash worked out again.
   */
  readonly faultIn: (entry: StoredEntry, known?: { readonly hashIsRight: boolean }) => string | null;
  /** The entry of the same request that a seal names as the one before, 0 where there is none, and how many first addresses it counts. */
  readonly read: (seal: string | null) => { readonly prior: number; readonly addresses: number };
  /** What is wrong with the first addresses where there were so many, as sentences. */
  readonly addressFaults: (rows: readonly StoredAddress[], count: number) => readonly string[];
  /** The same of what was seen, where the entries say that each of these targets was watched until then. */
  readonly sightingFaults: (
    rows: readonly StoredWatched[],
    until: ReadonlyMap<string, Instant>,
  ) => readonly string[];
}

/** What a MAC or a derived key is for: one made for another purpose is never taken for it. */
export type KeyPurpose = 'entry' | 'first-seen' | 'incident-key' | 'sighting' | 'usage';

/**
 * The key that tells what this service wrote from what others wrote into its database. Every method throws
 * LedgerUnavailableError when the key cannot be read, so that nothing is done without it.
 */
export interface LedgerKeys {
  /** The MAC of a text under the current key, in base64url. */
  mac(purpose: KeyPurpose, text: string): string;
  /** Whether the MAC is this text's under one of the keys that count at present. Takes the same time whatever differs. */
  verify(purpose: KeyPurpose, text: string, mac: string): boolean;
  /** A key of 32 bytes for a purpose of its own, from the current key. */
  derive(purpose: KeyPurpose): Buffer;
}
