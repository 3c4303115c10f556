import type { Tracked } from '../core/usage/tracked.ts';
import type { LedgerKeys } from '../ports/ledger-history.ts';
import type { UsageMarks, UsageStore } from '../ports/usage.ts';

/** A row of table `usage_state`, as JSON: how far everything was read, or an access that is followed. */
export interface UsageRow {
  readonly name: string;
  readonly state: string;
  readonly mac: string | null;
}

/** The table, in whichever database. Throws LedgerUnavailableError. */
export interface UsageTable {
  all(): Promise<readonly UsageRow[]>;
  /** In place of what is there. */
  put(row: UsageRow): Promise<void>;
  remove(name: string): Promise<void>;
}

const MARKS = 'marks';
const ACCESS = 'access ';

/** What is read of the audit log, in the ledger's database. With a key, rows that this service did not write are as good as gone. */
export function usageStore(table: UsageTable, keys: LedgerKeys | null): UsageStore {
  async function own(): Promise<readonly UsageRow[]> {
    const rows = await table.all();
    return keys === null
      ? rows
      : rows.filter((row) => row.mac !== null && keys.verify('usage', textOf(row), row.mac));
  }

  async function put(name: string, value: unknown): Promise<void> {
    const row = { name, state: JSON.stringify(value) };
    await table.put({ ...row, mac: keys === null ? null : keys.mac('usage', textOf(row)) });
  }

  return {
    async marks() {
      const row = (await own()).find(({ name }) => name === MARKS);
      return row === undefined ? null : (JSON.parse(row.state) as UsageMarks);
    },
    keepMarks: (marks) => put(MARKS, marks),
    tracked: async () =>
      (await own())
        .filter(({ name }) => name.startsWith(ACCESS))
        .map(({ state }) => JSON.parse(state) as Tracked),
    keep: (tracked) => put(`${ACCESS}${tracked.requestId}`, tracked),
    forget: (requestId) => table.remove(`${ACCESS}${requestId}`),
  };
}

function textOf({ name, state }: Omit<UsageRow, 'mac'>): string {
  return JSON.stringify([name, state]);
}
