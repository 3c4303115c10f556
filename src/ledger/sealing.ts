import type { LedgerKeys } from '../ports/ledger-keys.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import { hashOf } from './chain.ts';

/*
 * A seal says: this service wrote this entry, at this place of this ledger, after that entry of the same request. It is three
 * words: the number of the entry of the same request before it (0 where there is none), the hash that the entry is chained to,
 * and the MAC over both, the ledger's id, the entry's number and its hash. The hash covers time and text.
 */
function wordsOf(seal: string): readonly [prior: string, previousHash: string, mac: string] {
  const first = seal.indexOf(' ');
  const second = seal.indexOf(' ', first + 1);
  return [seal.slice(0, first), seal.slice(first + 1, second), seal.slice(second + 1)];
}

/** An entry as it is stored, with its seal; null where it has none. */
export interface SealedEntry {
  readonly seq: number;
  readonly at: string;
  readonly eventText: string;
  readonly hash: string;
  readonly seal: string | null;
}

export interface Sealing {
  /** Which ledger this is: what was sealed for another one is not believed here. */
  readonly ledgerId: string;
  sealOf(entry: { readonly seq: number; readonly hash: string }, prior: number, previousHash: string): string;
  /**
   * Why the seal does not show that the entry is this service's, as the end of a sentence; null when it does. Whoever has checked
   * the chain need not have the hash worked out again.
   */
  faultIn(entry: SealedEntry, known?: { readonly hashIsRight: boolean }): string | null;
}

export function createSealing(keys: LedgerKeys, ledgerId: string): Sealing {
  const text = (seq: number, prior: string | number, previousHash: string, hash: string) =>
    `${ledgerId}\n${seq}\n${prior}\n${previousHash}\n${hash}`;
  return {
    ledgerId,
    sealOf: ({ seq, hash }, prior, previousHash) =>
      `${prior} ${previousHash} ${keys.mac('entry', text(seq, prior, previousHash, hash))}`,
    faultIn(entry, { hashIsRight } = { hashIsRight: false }) {
      if (entry.seal === null) return 'has no seal';
      const [prior, previousHash, mac] = wordsOf(entry.seal);
      if (!hashIsRight && hashOf(previousHash, entry) !== entry.hash)
        return 'was changed after it was sealed';
      return keys.verify('entry', text(entry.seq, prior, previousHash, entry.hash), mac)
        ? null
        : 'is not sealed for this place by a key that counts';
    },
  };
}

/** The number of the entry of the same request before this one, as its seal has it; 0 where there is none. */
export function priorIn(seal: string | null): number {
  return seal === null ? 0 : Number(wordsOf(seal)[0]);
}

/** The ledger's id in its mark, or in a checkpoint that stands for the mark; null when the text has none. */
export function ledgerIdIn(eventText: string): string | null {
  const { ledger } = JSON.parse(eventText) as { readonly ledger?: unknown };
  return typeof ledger === 'string' ? ledger : null;
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
