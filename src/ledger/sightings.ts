import { watchedUnder, type TargetWatched } from '../core/record/ledger-entry.ts';
import { lostAt } from '../core/roster/policies-seen.ts';
import { mergedWatched, type Watched, type WatchedTarget } from '../core/roster/watched.ts';
import { CLOCKS_DIFFER_MS, DAY, HOUR, plusMs, type Instant } from '../core/values/instant.ts';
import type { StoredWatched, LedgerKeys } from '../ports/ledger-history.ts';
import { AlreadyRecordedError, LedgerForgedError, type Ledger } from '../ports/ledger.ts';
import type { Sightings } from '../ports/sightings.ts';
import { ownRows, rangeUnder } from './believed.ts';
import type { OnForged } from './ledger-settings.ts';
import type { EntryRow, Sealing } from './rows.ts';

/** Table `watched` and the entries of the ledger, in whichever database. Throws LedgerUnavailableError. */
export interface WatchedTable {
  find(target: string): Promise<StoredWatched | undefined>;
  all(): Promise<readonly StoredWatched[]>;
  /** In place of what is there. */
  put(row: StoredWatched): Promise<void>;
  /** Entries between two once-keys, the last one first. */
  entries(from: string, to: string): Promise<readonly EntryRow[]>;
}

/** With what rows of table `watched` are sealed: the key, and the id of the ledger that they are beside. */
export interface SightingSeal {
  readonly keys: LedgerKeys;
  readonly ledgerId: string;
}

export interface SealedSightings extends SightingSeal {
  readonly sealing: Sealing;
  readonly ledger: Pick<Ledger, 'append'>;
  readonly onForged: OnForged;
}

const EVER = '0000-01-01T00:00:00.000Z' as Instant;
/** What was lost was there for longer than anything is remembered. */
const LONG_AGO = plusMs(EVER, 366 * DAY);
/** How long the ledger's word of a target must be good still, and by how much the next one must go beyond it. */
const AHEAD_MS = HOUR;

/** Null where the ledger is not sealed. */
export function sightingsBeside(
  ledger: Pick<Ledger, 'append'> & { readonly sealing: Sealing | null },
  keys: LedgerKeys | null,
  onForged: OnForged,
): SealedSightings | null {
  const { sealing } = ledger;
  return keys === null || sealing === null
    ? null
    : { keys, sealing, ledgerId: sealing.ledgerId, ledger, onForged };
}

/**
 * Sightings in the ledger's database. With a key, a row that this service did not write is not believed; and the entries of the ledger
 * say which targets were watched, and until when shifts were looked for: a row that somebody took away, or put back as it was, makes
 * nobody's shift older. Whatever is not known of such a target is seen for the first time.
 */
export function sightings(table: WatchedTable, sealed: SealedSightings | null): Sightings {
  /** What the ledger says, as far as this process knows. */
  const sealedUntil = new Map<string, Instant | null>();
  const told = new Set<string>();

  async function untilOf(target: WatchedTarget, { sealing }: SealedSightings): Promise<Instant | null> {
    const key = nameOf(target);
    const known = sealedUntil.get(key);
    if (known !== undefined) return known;
    const [newest] = ownRows(await table.entries(...rangeUnder(watchedUnder(target))), sealing);
    const until = newest === undefined ? null : (JSON.parse(newest.event) as TargetWatched).until;
    sealedUntil.set(key, until);
    return until;
  }

  async function of(target: WatchedTarget, now: Instant): Promise<Watched | null> {
    const name = nameOf(target);
    const row = await table.find(name);
    if (sealed === null) return row === undefined ? null : (JSON.parse(row.state) as Watched);
    const until = await untilOf(target, sealed);
    if (row === undefined && until === null) return null;
    const why = sightingFault(row, until, sealed);
    if (why !== null && until !== null && !told.has(name)) {
      told.add(name);
      sealed.onForged({ requestId: null, message: sightingGone(name, why) });
    }
    if (row === undefined || !isOwn(row, sealed))
      return {
        ...{ target, first: EVER, last: LONG_AGO, horizon: plusMs(now, CLOCKS_DIFFER_MS) },
        ...{ rows: [], policies: [lostAt(LONG_AGO)] },
      };
    const watched = JSON.parse(row.state) as Watched;
    if (until === null || watched.horizon >= until) return watched;
    const { policies, last } = watched;
    const known = policies === undefined ? {} : { policies: [...policies, lostAt(last)] };
    return { ...watched, horizon: until, ...known };
  }

  /** After the row is written: a crash in between leaves one that nobody would miss yet. */
  async function seal({ target, horizon }: Watched, now: Instant, by: SealedSightings): Promise<void> {
    const until = await untilOf(target, by);
    const isDue = until === null || (until < plusMs(now, AHEAD_MS) && horizon >= plusMs(until, AHEAD_MS));
    if (!isDue) return;
    try {
      await by.ledger.append([{ kind: 'watched', target, until: horizon }], now);
      sealedUntil.set(nameOf(target), horizon);
    } catch (error) {
      // Another replica was faster; or somebody else wrote it, which the next one goes beyond.
      if (error instanceof LedgerForgedError) by.onForged(error);
      else if (!(error instanceof AlreadyRecordedError)) throw error;
      sealedUntil.delete(nameOf(target));
    }
  }

  return {
    of,
    async keep(watched, now) {
      const kept = await of(watched.target, now);
      const merged = kept === null || kept.first === EVER ? watched : mergedWatched(kept, watched);
      const row = { target: nameOf(watched.target), state: JSON.stringify(merged), mac: null };
      await table.put(sealed === null ? row : sealedSighting(row, sealed));
      if (sealed !== null) await seal(merged, now, sealed);
    },
  };
}

/** Why a row is not what this service left, as the end of a sentence; null where it is. */
export function sightingFault(
  row: StoredWatched | undefined,
  until: Instant | null,
  seal: SightingSeal,
): string | null {
  if (row === undefined) return 'is missing';
  if (!isOwn(row, seal)) return 'was changed there by somebody else';
  const { horizon } = JSON.parse(row.state) as Watched;
  return until !== null && horizon < until ? 'was put back there as it was before' : null;
}

export function sightingGone(target: string, why: string): string {
  return `what was seen of ${target} by watching it ${why}, in table \`watched\`: whose shift there cannot be told by it counts from now on. Find out who can write to the database`;
}

/** The row under the current key. */
export function sealedSighting(row: StoredWatched, { keys, ledgerId }: SightingSeal): StoredWatched {
  return { ...row, mac: keys.mac('sighting', textOf(row, ledgerId)) };
}

export function isOwn(row: StoredWatched, { keys, ledgerId }: SightingSeal): boolean {
  return row.mac !== null && keys.verify('sighting', textOf(row, ledgerId), row.mac);
}

/** As the table names it. */
function nameOf({ kind, id }: WatchedTarget): string {
  return `${kind} ${id}`;
}

function textOf({ target, state }: Omit<StoredWatched, 'mac'>, ledgerId: string): string {
  return JSON.stringify([target, state, ledgerId]);
}
