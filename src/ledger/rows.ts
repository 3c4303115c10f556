import { hash } from 'node:crypto';
import { onceKeyOf, subjectOf, type LedgerEntry, type LedgerEvent } from '../core/record/ledger-entry.ts';
import type { Instant } from '../core/values/instant.ts';
import type { RequestId } from '../core/access-request.ts';
import type { StoredEntry, SearchableHistory, LedgerKeys } from '../ports/ledger-history.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';

/** What the first entry is chained to. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 in hex of UTF-8 text. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/**
 * The hash of an entry: SHA-256 over the previous entry's hash, its number, its time and the event's text exactly as
 * stored, one a line. Whoever holds the rows can check the chain with any SHA-256 tool.
 */
export function hashOf(
  previousHash: string,
  entry: { readonly seq: number; readonly at: string; readonly eventText: string },
): string {
  return sha256(`${previousHash}\n${entry.seq}\n${entry.at}\n${entry.eventText}`);
}

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

/*
 * A seal says: this service wrote this entry, at this place of this ledger, after that entry of the same request, when it knew
 * so many first addresses. Its words: the number of the entry of the same request before it (0 where there is none), the hash that
 * the entry is chained to, the MAC over both, the ledger's id, the entry's number and its hash, and how many addresses there were,
 * which the MAC covers too; left out for none, as in seals of earlier versions. The hash covers time and text.
 */
interface Words {
  readonly prior: string;
  readonly previousHash: string;
  readonly mac: string;
  /** Empty for none. */
  readonly addresses: string;
}

function wordsOf(seal: string): Words {
  const first = seal.indexOf(' ');
  const second = seal.indexOf(' ', first + 1);
  const third = seal.indexOf(' ', second + 1);
  return {
    prior: seal.slice(0, first),
    previousHash: seal.slice(first + 1, second),
    mac: third < 0 ? seal.slice(second + 1) : seal.slice(second + 1, third),
    addresses: third < 0 ? '' : seal.slice(third + 1),
  };
}

/** An entry as it is stored, with its seal; null where it has none. */
export interface SealedEntry {
  readonly seq: number;
  readonly at: string;
  readonly eventText: string;
  readonly hash: string;
  readonly seal: string | null;
}

/** What a seal says beside that the entry is this service's. */
export interface Sealed {
  /** The entry of the same request before it; 0 where there is none. */
  readonly prior: number;
  readonly previousHash: string;
  /** How many first addresses were known. */
  readonly addresses: number;
}

export interface Sealing {
  /** Which ledger this is: what was sealed for another one is not believed here. */
  readonly ledgerId: string;
  sealOf(entry: { readonly seq: number; readonly hash: string }, sealed: Sealed): string;
  /**
   * Why the seal does not show that the entry is this service's, as the end of a sentence; null when it does. Whoever has checked
   * the chain need not have the hash worked out again.
   */
  faultIn(entry: SealedEntry, known?: { readonly hashIsRight: boolean }): string | null;
  /** Whether the seal is for this place and hash; the text is not looked at. */
  holdsFor(entry: Pick<SealedEntry, 'seq' | 'hash' | 'seal'>): boolean;
}

export function createSealing(keys: LedgerKeys, ledgerId: string): Sealing {
  function text(seq: number, hash: string, prior: string | number, previousHash: string, addresses: string) {
    const end = addresses === '' ? '' : `\n${addresses}`;
    return `${ledgerId}\n${seq}\n${prior}\n${previousHash}\n${hash}${end}`;
  }
  function isSealed(seq: number, hash: string, { prior, previousHash, mac, addresses }: Words): boolean {
    return keys.verify('entry', text(seq, hash, prior, previousHash, addresses), mac);
  }
  return {
    ledgerId,
    sealOf({ seq, hash }, { prior, previousHash, addresses }) {
      const count = addresses === 0 ? '' : String(addresses);
      const mac = keys.mac('entry', text(seq, hash, prior, previousHash, count));
      return `${prior} ${previousHash} ${mac}${count === '' ? '' : ` ${count}`}`;
    },
    faultIn(entry, { hashIsRight } = { hashIsRight: false }) {
      if (entry.seal === null) return 'has no seal';
      const words = wordsOf(entry.seal);
      if (!hashIsRight && hashOf(words.previousHash, entry) !== entry.hash)
        return 'was changed after it was sealed';
      return isSealed(entry.seq, entry.hash, words)
        ? null
        : 'is not sealed for this place by a key that counts';
    },
    holdsFor: ({ seq, hash, seal }) => seal !== null && isSealed(seq, hash, wordsOf(seal)),
  };
}

/** What is in a seal, whether it holds or not; zeros where there is none. */
export function readSeal(seal: string | null): Sealed {
  if (seal === null) return { prior: 0, previousHash: '', addresses: 0 };
  const { prior, previousHash, addresses } = wordsOf(seal);
  return { prior: Number(prior), previousHash, addresses: addresses === '' ? 0 : Number(addresses) };
}

/** The ledger's id in its mark, or in a checkpoint that stands for the mark; null when the text has none. */
export function ledgerIdIn(eventText: string): string | null {
  try {
    const { ledger } = JSON.parse(eventText) as { readonly ledger?: unknown };
    return typeof ledger === 'string' ? ledger : null;
  } catch {
    // An export may be cut off, and others may write anything into a database.
    return null;
  }
}

/**
 * The sealing of a ledger that has a mark. `mark` is the entry that says from where on seals are needed, or the checkpoint that
 * stands for it. Throws LedgerUnavailableError where key and mark do not belong together, or one of them is missing: only
 * `ledger key init` sets a mark, so that whoever empties the database does not get a new beginning.
 */
export function sealingFor(keys: LedgerKeys | null, mark: SealedEntry | null): Sealing | null {
  if (keys === null) {
    if (mark === null) return null;
    throw new LedgerUnavailableError(
      `the ledger is sealed since entry ${mark.seq}, and no key is configured: what is written without one is not believed later. Set \`ledger.key_file\``,
    );
  }
  if (mark === null) {
    throw new LedgerUnavailableError(
      'a key is configured, and the ledger has no mark from which its entries are sealed. For a new ledger, or one that was written without a key, set it with `oncall-approver ledger key init`; if it had one, its entries were removed or it is another ledger: keep it as it is, and compare with `ledger verify --against`',
    );
  }
  const sealing = createSealing(keys, ledgerIdIn(mark.eventText) ?? '');
  const fault = sealing.faultIn(mark);
  if (fault === null) return sealing;
  throw new LedgerUnavailableError(
    `entry ${mark.seq}, from which the ledger is sealed, ${fault}: is \`ledger.key_file\` the key of this ledger?`,
  );
}

/** The mark of a ledger, or the newest checkpoint, where that stands for it. */
export async function markOf(history: Pick<SearchableHistory, 'mark' | 'checkpoints'>) {
  const mark = await history.mark();
  if (mark !== null) return mark;
  const last = (await history.checkpoints()).at(-1);
  return last === undefined || ledgerIdIn(last.eventText) === null ? null : last;
}
