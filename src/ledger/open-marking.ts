import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Instant } from '../core/values/instant.ts';
import type { SearchableHistory } from '../ports/ledger-history.ts';
import type { LedgerKeys } from '../ports/ledger-keys.ts';
import { LedgerUnavailableError, type Ledger } from '../ports/ledger.ts';
import { sealedAnew, sealedFirst, type FirstAddressRow } from './first-address-row.ts';
import type { LedgerSettings } from './ledger-settings.ts';
import { openHistory } from './open-history.ts';
import { sealAll, sealAnew, type WriteSeals } from './seal-all.ts';
import { createSealing, ledgerIdIn, sealingFor, type Sealing } from './sealing.ts';
import { sqliteGuard } from './sqlite/errors.ts';
import { SqliteLedger } from './sqlite/ledger.ts';

type Progress = (entries: number) => void;

/** A ledger opened to be sealed: nothing but its mark and its seals is written. */
export interface Marking extends AsyncDisposable {
  readonly history: SearchableHistory;
  readonly isMarked: () => Promise<boolean>;
  /** Seals what is there and sets the mark. Throws LedgerUnavailableError when somebody has written meanwhile. */
  setMark(keys: LedgerKeys, at: Instant, onProgress: Progress): Promise<void>;
  /** Seals everything anew under the current key. Throws LedgerForgedError, LedgerUnavailableError. */
  sealAnew(keys: LedgerKeys, onProgress: Progress): Promise<void>;
}

/** What the two databases do differently. */
interface Database extends AsyncDisposable {
  readonly write: WriteSeals;
  readonly open: (sealing: Sealing) => Promise<Ledger>;
  /** First addresses are sealed under the same key. */
  readonly addresses: () => Promise<readonly FirstAddressRow[]>;
  readonly sealAddress: (userId: string, mac: string) => Promise<void>;
}

/** Opens or creates the ledger and brings its schema up to date. Throws LedgerUnavailableError. */
export async function openMarking(settings: LedgerSettings, signal: AbortSignal): Promise<Marking> {
  await using resources = new AsyncDisposableStack();
  const database = resources.use(
    'sqlite' in settings ? await sqliteDatabase(settings.sqlite) : await postgresDatabase(settings, signal),
  );
  const history = resources.adopt(await openHistory(settings), (each) => each.close());
  const owned = resources.move();
  async function sealAddresses(sealOf: (row: FirstAddressRow) => string | null): Promise<void> {
    for (const row of await database.addresses()) {
      const mac = sealOf(row);
      if (mac !== null) await database.sealAddress(row.user_id, mac);
    }
  }
  return {
    history,
    isMarked: async () => (await markOf(history)) !== null,
    async setMark(keys, at, onProgress) {
      const sealing = createSealing(keys, randomUUID());
      const last = await sealAll(history, sealing, database.write, onProgress);
      await sealAddresses((row) => sealedFirst(row, keys));
      const through = last === null ? null : { seq: last.seq, at: last.at, hash: last.hash };
      const ledger = await database.open(sealing);
      try {
        const event = { kind: 'sealed-from', ledger: sealing.ledgerId, through } as const;
        const [mark] = await ledger.append([event], at);
        const expected = (through?.seq ?? 0) + 1;
        if (mark?.seq === expected) return;
        throw new LedgerUnavailableError(
          `entries ${expected} to ${(mark?.seq ?? 1) - 1} were written while the ledger was sealed, and have no seal: stop the service, restore the ledger from before, and set the mark again`,
        );
      } finally {
        await ledger.close();
      }
    },
    async sealAnew(keys, onProgress) {
      const sealing = sealingFor(keys, await markOf(history));
      if (sealing !== null) await sealAnew(history, sealing, database.write, onProgress);
      await sealAddresses((row) => sealedAnew(row, keys));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The mark of a ledger, or the newest checkpoint, where that stands for it. */
export async function markOf(history: Pick<SearchableHistory, 'mark' | 'checkpoints'>) {
  const mark = await history.mark();
  if (mark !== null) return mark;
  const last = (await history.checkpoints()).at(-1);
  return last === undefined || ledgerIdIn(last.eventText) === null ? null : last;
}

async function sqliteDatabase(file: string): Promise<Database> {
  // Any sealing: it is opened for its schema alone.
  const anySealing = createSealing({ mac: () => '', verify: () => false, derive: () => Buffer.of() }, '');
  await new SqliteLedger(file, { sealing: anySealing }).close();
  const db = sqliteGuard(file, () => new DatabaseSync(file, { timeout: 5_000 }));
  const update = db.prepare('UPDATE entry SET seal = ? WHERE seq = ?');
  return {
    async write(seals) {
      await Promise.resolve();
      sqliteGuard(file, () => {
        db.exec('BEGIN IMMEDIATE');
        for (const { seq, seal } of seals) update.run(seal, seq);
        db.exec('COMMIT');
      });
    },
    open: (sealing) => Promise.resolve(new SqliteLedger(file, { sealing })),
    async addresses() {
      const rows = sqliteGuard(file, () => db.prepare('SELECT * FROM first_address').all());
      return await Promise.resolve(rows as unknown as FirstAddressRow[]);
    },
    async sealAddress(userId, mac) {
      const sql = 'UPDATE first_address SET mac = ? WHERE user_id = ?';
      await Promise.resolve(sqliteGuard(file, () => db.prepare(sql).run(mac, userId)));
    },
    [Symbol.asyncDispose]() {
      db.close();
      return Promise.resolve();
    },
  };
}

const UPDATE = `
  UPDATE entry SET seal = sealed.seal
  FROM unnest($1::bigint[], $2::text[]) AS sealed (seq, seal) WHERE entry.seq = sealed.seq`;

async function postgresDatabase(
  settings: Extract<LedgerSettings, { readonly postgres: unknown }>,
  signal: AbortSignal,
): Promise<Database> {
  const { PostgresDatabase } = await import('./postgres/database.ts');
  const { PostgresLedger } = await import('./postgres/ledger.ts');
  const open = () => PostgresDatabase.open({ url: () => settings.postgres.url.reveal(), signal });
  const database = await open();
  return {
    async write(seals) {
      await database.query(UPDATE, [seals.map(({ seq }) => seq), seals.map(({ seal }) => seal)]);
    },
    open: async (sealing) => new PostgresLedger(await open(), { sealing }),
    addresses: () => database.query<FirstAddressRow>('SELECT * FROM first_address'),
    async sealAddress(userId, mac) {
      await database.query('UPDATE first_address SET mac = $1 WHERE user_id = $2', [mac, userId]);
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}
