/** A database of either kind: what the tables, the reads and the history ask goes through here. */
export interface Queries {
  /** `$1`, `$2` … stand for the values. Throws LedgerUnavailableError. */
  query<Row>(sql: string, values?: readonly (string | number | null)[]): Promise<readonly Row[]>;
  /** How big the database is, in SQL. */
  readonly bytes: string;
  /** How a field of an entry's event is read in SQL. */
  field(alias: string, name: string): string;
}

/** One that is only read: its schema is taken as it is found, so that a ledger of any version can be. */
export interface ReadDatabase extends Queries {
  /** As messages name it. */
  readonly shown: string;
  /** Those of a table; none where there is no such table. */
  columnsOf(table: string): Promise<readonly string[]>;
  close(): Promise<void>;
}
