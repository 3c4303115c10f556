import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { LedgerKeys } from '../ports/ledger-history.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';

/** 132 bits of base64url, which an incident's key has room for. */
const MAC_LENGTH = 22;
const BYTES = 32;

/** MACs for the keys of pages. */
export function pageMac(secret: Uint8Array): (text: string) => string {
  return (text) => createHmac('sha256', secret).update(text).digest('base64url').slice(0, MAC_LENGTH);
}

/** The same, under the ledger's key, which may be renewed at any time. */
export function sealedPageMac(keys: LedgerKeys): (text: string) => string {
  return (text) => pageMac(keys.derive('incident-key'))(text);
}

export function newPageSecret(): string {
  return randomBytes(BYTES).toString('hex');
}

/** A secret as it is stored. Throws LedgerUnavailableError for anything else, without its text. */
export function pageSecretOf(text: string, where: string): Uint8Array {
  const hex = text.trim();
  if (/^[0-9a-f]{64}$/u.test(hex)) return Buffer.from(hex, 'hex');
  throw new LedgerUnavailableError(
    `${where} holds no secret for the keys of pages: remove it, and another one is made; open pages are not affected`,
  );
}

/** Where the secret is kept beside an SQLite ledger that has no key. */
export function pageSecretFile(sqlite: string): string {
  return `${sqlite}-page-secret`;
}

/** The secret beside an SQLite ledger, made for nobody but its owner where there is none. Throws LedgerUnavailableError. */
export function sqlitePageSecret(sqlite: string): Uint8Array {
  const file = pageSecretFile(sqlite);
  try {
    if (!existsSync(file)) make(file);
    return pageSecretOf(readFileSync(file, 'utf8'), `the file \`${file}\``);
  } catch (error) {
    if (error instanceof LedgerUnavailableError) throw error;
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new LedgerUnavailableError(
      `the secret for the keys of pages, \`${file}\`, cannot be read or made${code}: check the folder, and whose it is`,
      { cause: error },
    );
  }
}

/** Whole or not at all, and once: of two that start at the same time both use the one that was first. */
function make(file: string): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${newPageSecret()}\n`, { flag: 'wx', mode: 0o600, flush: true });
  try {
    linkSync(fresh, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}
