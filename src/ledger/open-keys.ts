import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto';
import { SECOND } from '../core/values/instant.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import type { KeyPurpose, LedgerKeys } from '../ports/ledger-keys.ts';
import { keysIn } from './key-file.ts';

const BYTES = 32;

/** One key and what is made of it, each made once. */
interface Ring {
  readonly of: (purpose: KeyPurpose) => KeyObject;
}

/** The keys in the text that `reveal` gives; asked for again after `freshMs`, since a key file may be renewed at any time. */
export function openKeys(secret: { readonly reveal: () => string }, freshMs = SECOND): LedgerKeys {
  let text = '';
  let asked = -Infinity;
  let rings: readonly [Ring, ...Ring[]] | null = null;

  function present(): readonly [Ring, ...Ring[]] {
    if (rings !== null && performance.now() - asked < freshMs) return rings;
    const read = revealed(secret);
    if (rings === null || read !== text) {
      const { current, next, former } = keysIn(read);
      rings = [ringOf(current), ...[next, former].flatMap((key) => (key === undefined ? [] : [ringOf(key)]))];
      text = read;
    }
    asked = performance.now();
    return rings;
  }

  return {
    mac: (purpose, message) => macOf(present()[0].of(purpose), message).toString('base64url'),
    verify(purpose, message, mac) {
      const claimed = Buffer.from(mac, 'base64url');
      // Of every text with these bytes only one counts: base64url leaves room for others.
      if (claimed.length !== BYTES || claimed.toString('base64url') !== mac) return false;
      return present().some((ring) => timingSafeEqual(macOf(ring.of(purpose), message), claimed));
    },
    derive: (purpose) => present()[0].of(purpose).export(),
  };
}

function revealed(secret: { readonly reveal: () => string }): string {
  try {
    return secret.reveal();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new LedgerUnavailableError(`the key of the ledger cannot be read: ${cause}`, { cause: error });
  }
}

function ringOf(hex: string): Ring {
  const made = new Map<KeyPurpose, KeyObject>();
  return {
    of(purpose) {
      const known = made.get(purpose);
      if (known !== undefined) return known;
      const bytes = hkdfSync('sha256', Buffer.from(hex, 'hex'), '', `oncall-approver ${purpose}`, BYTES);
      const key = createSecretKey(Buffer.from(bytes));
      made.set(purpose, key);
      return key;
    },
  };
}

function macOf(key: KeyObject, message: string): Buffer {
  return createHmac('sha256', key).update(message, 'utf8').digest();
}
