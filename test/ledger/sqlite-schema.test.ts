import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { SQLITE_MIGRATIONS } from '../../src/ledger/sqlite/migrations.ts';
import { sizeSql } from '../../src/ledger/reads.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { NOW } from '../support/builders.ts';
import { aFailure } from './some-events.ts';
import { aFolder } from './sqlite-place.ts';

/** Tables, indexes and triggers as they were made, one a line. */
function schemaOf(file: string): string {
  using db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name').all();
  return `${rows.map(({ sql }) => String(sql).replaceAll(/\s+/gu, ' ')).join('\n')}\n`;
}

/** A ledger as the release with this many migrations left it, with one entry. */
function writtenBy(version: number, file: string): void {
  using db = new DatabaseSync(file);
  for (const sql of SQLITE_MIGRATIONS.slice(0, version)) db.exec(sql);
  db.exec(`PRAGMA user_version = ${version}`);
  db.exec(`INSERT INTO entry (seq, at, kind, request_id, once_key, event, hash)
    VALUES (1, '${NOW}', 'effect-failed', 'a', NULL, '{}', 'hash')`);
}

describe('the schema of the SQLite file', () => {
  it('is the one that is written down', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'ledger.sqlite');

    await new SqliteLedger(file).close();

    await expect(schemaOf(file)).toMatchFileSnapshot('sqlite-schema.txt');
  });

  it.each(SQLITE_MIGRATIONS.map((_, index) => index + 1))(
    'is reached from version %i, and the entries of that version stay as they are',
    async (version) => {
      await using folder = await aFolder();
      const [old, fresh] = [join(folder.path, 'old.sqlite'), join(folder.path, 'fresh.sqlite')];
      writtenBy(version, old);

      const ledger = new SqliteLedger(old);
      const [next] = await ledger.append([aFailure('request-1')], NOW);
      await ledger.close();
      await new SqliteLedger(fresh).close();

      expect(next?.seq).toBe(2);
      expect(schemaOf(old)).toBe(schemaOf(fresh));
    },
  );

  it('lets the size be told without a look through all entries', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'ledger.sqlite');
    await new SqliteLedger(file).close();

    using db = new DatabaseSync(file);
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sizeSql('0')}`).all();

    const scans = plan.map(({ detail }) => String(detail)).filter((detail) => detail.startsWith('SCAN '));
    expect(scans).toEqual(['SCAN CONSTANT ROW', 'SCAN open_request']);
  });
});
