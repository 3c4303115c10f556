import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { LabelValues } from '../core/resources/labels-reading.ts';
import { messageOf } from '../core/values/cause.ts';
import type { ListedResource } from '../ports/teleport.ts';

/** What is held in memory, in KiB; more goes to disk. */
const CACHE_KIB = 4_096;
/** So many are given together: what stands in one batch when V8 collects garbage is taken for old, and kept long. */
const BATCH = 50;

/** A resource, and the labels that its servers give it, each different set once. */
export interface Found {
  readonly name: string;
  /** Of a node that has one. */
  readonly hostName: string | null;
  readonly labels: readonly LabelValues[];
}

/**
 * What several servers may carry, with labels of their own, anywhere in a list without end: brought together by name, in memory that does
 * not grow with their number. SQLite keeps them in a file that no folder lists and that is gone with the process, however that ends
 * (sqlite.org/tempfiles.html: where `SQLITE_TMPDIR` says, else `TMPDIR`, /var/tmp, /tmp), and makes it only for some 30,000 and more. Methods
 * throw where that file cannot be had, or its disk is full.
 */
export class CarriedBySeveral implements Disposable {
  readonly #db = new DatabaseSync('');
  readonly #insert: StatementSync;

  constructor() {
    // One transaction, never committed: a commit would write to disk what memory has room for.
    this.#db.exec(`PRAGMA journal_mode = MEMORY;
      PRAGMA cache_size = -${CACHE_KIB};
      CREATE TABLE carried (name TEXT, labels TEXT, PRIMARY KEY (name, labels)) WITHOUT ROWID;
      BEGIN`);
    this.#insert = this.#db.prepare('INSERT OR IGNORE INTO carried VALUES (?, ?)');
  }

  add(page: readonly ListedResource[]): void {
    try {
      for (const { name, labels } of page) this.#insert.run(name, JSON.stringify(labels));
    } catch (error) {
      throw inWords(error);
    }
  }

  /** By name. */
  *batches(): Generator<readonly Found[]> {
    const rows = this.#db.prepare(
      `SELECT name, '[' || group_concat(labels) || ']' FROM carried GROUP BY name`,
    );
    // Each row as an object would have a shape of its own, which V8 keeps among what is old.
    rows.setReturnArrays(true);
    let batch: Found[] = [];
    try {
      for (const row of rows.iterate()) {
        const [name, labels] = row as unknown as readonly [string, string];
        batch.push({ name, hostName: null, labels: JSON.parse(labels) as LabelValues[] });
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
    } catch (error) {
      throw inWords(error);
    }
    yield batch;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

function inWords(cause: unknown): Error {
  return new Error(
    `so many resources do not fit into memory, and cannot be put aside on disk: ${messageOf(cause)}; have SQLITE_TMPDIR name a folder with room that may be written to`,
    { cause },
  );
}
