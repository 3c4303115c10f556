import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresDatabase } from '../../src/ledger/postgres/database.ts';
import { PostgresLedger } from '../../src/ledger/postgres/ledger.ts';
import { POSTGRES_MIGRATIONS } from '../../src/ledger/postgres/migrations.ts';
import { sha256 } from '../../src/ledger/rows.ts';
import { NOW } from '../support/builders.ts';
import { aFailure } from '../ledger/some-events.ts';
import { PostgresServer } from './postgres-server.ts';

/** SHA-256 of each released migration: a released one is never edited, a new one is added here. */
const RELEASED: readonly string[] = ['22ec021734829e85fd43213066fa723965e670000c7cc4ef2383d5fc6a1d4234'];

/** Tables, columns, indexes, triggers and functions, one a line. */
const SCHEMA = `
  SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type
      || coalesce(' collate ' || collation_name, '') || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END AS line
    FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT 'function ' || proname || regexp_replace(prosrc, '\\s+', ' ', 'g')
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  ORDER BY line`;

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function schemaOf(url: string): Promise<string> {
  const rows = await server.sql(url, SCHEMA);
  return `${rows.map(({ line }) => String(line)).join('\n')}\n`;
}

async function openOnce(url: string): Promise<void> {
  await (await PostgresDatabase.open({ url: () => url })).close();
}

describe('the schema in PostgreSQL', () => {
  it('is the one that is written down', async () => {
    const url = await server.database();

    await openOnce(url);

    await expect(await schemaOf(url)).toMatchFileSnapshot('schema.txt');
  });

  it('is made by released migrations that nobody has edited', () => {
    expect(POSTGRES_MIGRATIONS.slice(0, RELEASED.length).map(sha256)).toEqual(RELEASED);
  });

  it.each(POSTGRES_MIGRATIONS.map((_, index) => index))(
    'is reached from version %i, and the entries of that version stay as they are',
    async (version) => {
      const [url, fresh] = [await server.database(), await server.database()];
      const versions =
        'CREATE TABLE schema_version (version integer PRIMARY KEY, since timestamptz NOT NULL)';
      await server.sql(url, versions);
      for (let each = 1; each <= version; each += 1) {
        await server.sql(
          url,
          `${POSTGRES_MIGRATIONS[each - 1] ?? ''}; INSERT INTO schema_version VALUES (${each}, now())`,
        );
      }
      const insert = `INSERT INTO entry (seq, at, kind, request_id, once_key, event, hash)
        VALUES (1, '${NOW}', 'effect-failed', 'a', NULL, '{}', 'hash')`;
      if (version > 0) await server.sql(url, insert);

      await Promise.all([openOnce(url), openOnce(url), openOnce(fresh)]);

      expect(await schemaOf(url)).toBe(await schemaOf(fresh));
      const ledger = new PostgresLedger(await PostgresDatabase.open({ url: () => url }));
      const [next] = await ledger.append([aFailure('request-1')], NOW);
      expect(next?.seq).toBe(version > 0 ? 2 : 1);
      await ledger.close();
    },
  );
});
