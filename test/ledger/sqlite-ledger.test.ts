import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { NOW } from '../support/builders.ts';
import { ledgerContract } from './ledger.contract.ts';
import { allEntries, someEvents } from './some-events.ts';
import { aSqliteLedger } from './sqlite-place.ts';

ledgerContract('SqliteLedger', aSqliteLedger);

/** The file as any other SQLite program sees it. */
function openedByOthers(file: string): DatabaseSync {
  return new DatabaseSync(file);
}

describe('the SQLite file', () => {
  it('is in write-ahead mode, so that it can be read while it is written', async () => {
    await using place = await aSqliteLedger();

    using db = openedByOthers(place.file);

    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  });

  it('and those beside it can be read by nobody else', async () => {
    await using place = await aSqliteLedger();
    await place.ledger.append([someEvents('request-1').policy], NOW);

    const modes = ['', '-wal', '-shm'].map((end) => statSync(`${place.file}${end}`).mode & 0o777);

    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });

  it('is written while somebody reads it', async () => {
    await using place = await aSqliteLedger();
    const { policy, ended } = someEvents('request-1');
    await place.ledger.append([policy], NOW);
    using db = openedByOthers(place.file);
    db.exec('BEGIN');
    expect(db.prepare('SELECT count(*) AS count FROM entry').get()).toEqual({ count: 1 });

    await place.ledger.append([ended], NOW);

    expect(db.prepare('SELECT count(*) AS count FROM entry').get()).toEqual({ count: 1 });
    db.exec('COMMIT');
    expect(db.prepare('SELECT count(*) AS count FROM entry').get()).toEqual({ count: 2 });
  });

  it('may as well be none: the ledger is then kept in memory', async () => {
    const ledger = new SqliteLedger(':memory:');

    await ledger.append([someEvents('request-1').policy], NOW);

    expect(await allEntries(ledger)).toHaveLength(1);
    expect(existsSync(':memory:')).toBe(false);
    await ledger.close();
    await expect(ledger.size()).rejects.toThrow(/^the ledger `:memory:` cannot be used: /u);
  });
});
