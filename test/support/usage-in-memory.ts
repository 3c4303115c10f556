import { usageStore, type UsageRow } from '../../src/ledger/usage-store.ts';
import type { UsageStore } from '../../src/ports/usage.ts';

/** What is read of the audit log, kept as the database would, without a key. */
export function usageInMemory(): UsageStore {
  const rows = new Map<string, UsageRow>();
  const table = {
    all: () => Promise.resolve([...rows.values()]),
    put: (row: UsageRow) => Promise.resolve(void rows.set(row.name, row)),
    remove: (name: string) => Promise.resolve(void rows.delete(name)),
  };
  return usageStore(table, null);
}
