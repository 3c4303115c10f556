import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKey, writeKeyFile, openKeys } from '../../src/ledger/open-keys.ts';
import { pageMac, pageSecretFile, sealedPageMac, sqlitePageSecret } from '../../src/ledger/page-secret.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'page-secret-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the secret for the keys of pages', () => {
  it('is made once beside an SQLite ledger, for its owner alone', () => {
    const ledger = join(folder, 'ledger.sqlite');
    const made = pageMac(sqlitePageSecret(ledger))('page');

    expect(made).toMatch(/^[\w-]{22}$/u);
    expect(pageMac(sqlitePageSecret(ledger))('page')).toBe(made);
    expect(pageMac(sqlitePageSecret(join(folder, 'other.sqlite')))('page')).not.toBe(made);
    expect(statSync(pageSecretFile(ledger)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['ledger.sqlite-page-secret', 'other.sqlite-page-secret']);
  });

  it.each([
    [
      'is no secret',
      (file: string) => writeFileSync(file, 'secret'),
      'holds no secret for the keys of pages: remove it',
    ],
    [
      'cannot be made',
      () => rmSync(folder, { recursive: true }),
      'cannot be read or made (ENOENT): check the folder',
    ],
  ])('stops the start where it %s', (_which, spoil, says) => {
    const ledger = join(folder, 'ledger.sqlite');
    spoil(pageSecretFile(ledger));

    expect(() => sqlitePageSecret(ledger)).toThrow(says);
    folder = mkdtempSync(join(tmpdir(), 'page-secret-'));
  });

  it('comes from the key of the ledger where there is one, and changes with it', () => {
    const file = join(folder, 'ledger-key');
    writeKeyFile(file, { current: newKey() });
    const mac = sealedPageMac(openKeys({ reveal: () => readFileSync(file, 'utf8') }, 0));
    const before = mac('page');
    expect(mac('page')).toBe(before);
    writeKeyFile(file, { current: newKey() });

    expect(mac('page')).not.toBe(before);
  });
});
