import type { Sightings } from '../ports/sightings.ts';
import type { StoredWatched } from '../ports/ledger-history.ts';
import type { LedgerKeys } from '../ports/ledger-keys.ts';
import { mergedWatched, type Watched, type WatchedTarget } from '../core/roster/watched.ts';
import type { Instant } from '../core/values/instant.ts';

/** Table `watched`, in whichever database. Throws LedgerUnavailableError. */
export interface WatchedTable {
  find(target: string): Promise<StoredWatched | undefined>;
  /** In place of what is there. */
  put(row: StoredWatched): Promise<void>;
}

const EVER = '0000-01-01T00:00:00.000Z' as Instant;
const NEVER = '9999-12-31T23:59:59.999Z' as Instant;

/**
 * Sightings in the ledger's database. With a key, a row that this service did not write is not believed: the target was watched, and
 * whatever is seen under it now is seen for the first time.
 */
export function sightings(table: WatchedTable, keys: LedgerKeys | null): Sightings {
  async function of(target: WatchedTarget): Promise<Watched | null> {
    const row = await table.find(keyOf(target));
    if (row === undefined) return null;
    const isOwn = keys === null || (row.mac !== null && keys.verify('sighting', textOf(row), row.mac));
    return isOwn
      ? (JSON.parse(row.state) as Watched)
      : { target, first: EVER, last: EVER, horizon: NEVER, rows: [] };
  }

  return {
    of,
    async keep(watched) {
      const kept = await of(watched.target);
      const merged = kept === null || kept.horizon === NEVER ? watched : mergedWatched(kept, watched);
      const row = { target: keyOf(watched.target), state: JSON.stringify(merged) };
      await table.put({ ...row, mac: keys === null ? null : keys.mac('sighting', textOf(row)) });
    },
  };
}

function keyOf({ kind, id }: WatchedTarget): string {
  return `${kind} ${id}`;
}

function textOf({ target, state }: Omit<StoredWatched, 'mac'>): string {
  return JSON.stringify([target, state]);
}
