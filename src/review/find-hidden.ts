import { setTimeout as delay } from 'node:timers/promises';
import type { RequestId } from '../core/access-request.ts';
import { awaitsShiftEnd, watchesLock } from '../core/effects/access-end.ts';
import { mayBeRevoked } from '../core/effects/revocation.ts';
import { dueEffects, isSettled } from '../core/effects/due-effects.ts';
import { isOver } from '../core/effects/is-over.ts';
import type { LedgerEvent } from '../core/record/ledger-entry.ts';
import { storyOf } from '../core/record/story.ts';
import { DAY, plusMs, type Instant } from '../core/values/instant.ts';
import type { SearchableHistory, StoredEntry, Seals } from '../ports/ledger-history.ts';
import { LedgerForgedError } from '../ports/ledger.ts';
import type { Dependencies } from './dependencies.ts';
import { Unfinished } from './unfinished.ts';

/** Longer than Teleport lets a request, or the access that it gives, go on. */
const LOOK_BACK_MS = 31 * DAY;
/** So many entries are read, and then others get their turn for so long. */
const [ENTRIES_AT_ONCE, AFTER_ENTRIES_MS] = [500, 20];
/** So many requests are looked at. */
const [REQUESTS_AT_ONCE, AFTER_REQUESTS_MS] = [10, 10];
/** The first entry of the last month is looked for to so many. */
const CLOSE = 4_096;
const REQUEST_ID = /^\{"kind":"[a-z-]+","requestId":"(?<id>[^"\\]+)"/u;

interface Sealed {
  readonly history: SearchableHistory;
  readonly seals: Seals;
}

export interface HiddenOptions extends Pick<
  Dependencies,
  'ledger' | 'reporter' | 'policyInForce' | 'setting' | 'clock'
> {
  /** The ledger, and how its own entries are known; null where it is not sealed: then nobody can tell. */
  readonly openHistory: () => Promise<Sealed | null>;
}

/**
 * Looks through the last month, and each time after that through what came since, for entries that others wrote or took away; and for
 * requests that are not over by their own entries, and that somebody took out of the list of open ones: puts them back. Reports each
 * once. The list serves to find work fast, nothing else. Throws what the ledger throws.
 */
export function createHiddenCheck(options: HiddenOptions): (signal: AbortSignal) => Promise<void> {
  const { ledger, reporter, policyInForce, setting, clock } = options;
  const unfinished = new Unfinished();
  const told = new Set<RequestId>();
  let last: number | null = null;
  let isTold = false;

  /** Null where nothing is due for it; else whether its entries alone say so. */
  async function isMissed(id: RequestId): Promise<{ readonly forSure: boolean } | null> {
    const story = storyOf(await ledger.entriesOf(id));
    const now = clock.now();
    const { policy } = policyInForce();
    const watched =
      awaitsShiftEnd(story, { policy, now }) || watchesLock(story, now) || mayBeRevoked(story, now);
    const over = isOver(story, now);
    const settled =
      story.decided === null ? over : isSettled(story, dueEffects(story, { policy, setting, now }), watched);
    return settled ? null : { forSure: !over };
  }

  async function putBack(id: RequestId): Promise<void> {
    try {
      if ((await isMissed(id)) === null) {
        unfinished.isOver(id);
        return;
      }
      // It may have been settled since the list was read: then its entries say so now.
      if ((await ledger.open()).includes(id)) return;
      const missed = await isMissed(id);
      if (missed === null) return;
      await ledger.reopen(id);
      if (!missed.forSure || told.has(id)) return;
      told.add(id);
      const cause = `request ${id} is not over, and was missing from table \`open_request\`: somebody else has written to the ledger. It was put back; run \`ledger verify\`, and find out who can write to the database`;
      reporter.recordForged({ requestId: null, cause });
    } catch (error) {
      // Whose entries do not hold is put back too: whoever handles it says so.
      if (!(error instanceof LedgerForgedError)) throw error;
      await ledger.reopen(id);
    }
  }

  /** Once: what else is wrong, `ledger verify` names. */
  function tell(seq: number, fault: string): void {
    if (!isTold)
      reporter.recordForged({ requestId: null, cause: new LedgerForgedError(null, seq, fault).message });
    isTold = true;
  }

  async function walk({ history, seals }: Sealed, signal: AbortSignal): Promise<void> {
    const since = plusMs(clock.now(), -LOOK_BACK_MS);
    let before = last ?? (await beforeAll(since, { history, seals }));
    let isFirst = last === null;
    let read = 0;
    for await (const entry of history.entries(before)) {
      signal.throwIfAborted();
      read += 1;
      if (read % ENTRIES_AT_ONCE === 0) await delay(AFTER_ENTRIES_MS, undefined, { signal });
      if (entry.seq > before + 1 && !isFirst && !(await isRemoved(entry.seq - 1, { history, seals })))
        tell(before + 1, 'is missing');
      isFirst = false;
      before = entry.seq;
      const why = seals.faultIn(entry);
      if (why === null) {
        if (entry.at >= since)
          unfinished.take(entry.seq, JSON.parse(entry.eventText) as LedgerEvent, clock.now());
      } else {
        tell(entry.seq, why);
        const { id } = REQUEST_ID.exec(entry.eventText)?.groups ?? {};
        if (id !== undefined) unfinished.suspect(id, entry.seq);
      }
    }
    last = before;
  }

  return async (signal) => {
    const opened = await options.openHistory();
    if (opened === null) return;
    try {
      await walk(opened, signal);
      const open = new Set(await ledger.open());
      let looked = 0;
      for (const id of unfinished.ids()) {
        if (open.has(id)) continue;
        looked += 1;
        if (looked % REQUESTS_AT_ONCE === 0) await delay(AFTER_REQUESTS_MS, undefined, { signal });
        await putBack(id);
      }
    } finally {
      await opened.history.close();
    }
  };
}

/** Whether a checkpoint of this service's own stands for the entry. */
async function isRemoved(seq: number, { history, seals }: Sealed): Promise<boolean> {
  return (await history.checkpoints()).some((entry) => {
    if (seals.faultIn(entry) !== null) return false;
    const event = JSON.parse(entry.eventText) as LedgerEvent;
    return event.kind === 'checkpoint' && event.through.seq >= seq;
  });
}

/** The number of an entry from before then; 0 where there is none. Only the times of this service's own entries are gone by. */
async function beforeAll(since: Instant, sealed: Sealed): Promise<number> {
  let later = (await ownBefore(Number.MAX_SAFE_INTEGER, sealed))?.seq ?? 0;
  let earlier = 0;
  for (let step = CLOSE; earlier === 0 && later > step; step *= 2) {
    const found = await ownBefore(later - step, sealed);
    if (found === null) return 0;
    if (found.at < since) earlier = found.seq;
    else later = found.seq;
  }
  while (earlier > 0 && later - earlier > CLOSE) {
    const found = await ownBefore(Math.floor((earlier + later) / 2), sealed);
    if (found === null || found.seq <= earlier) break;
    if (found.at < since) earlier = found.seq;
    else later = found.seq;
  }
  return earlier;
}

async function ownBefore(seq: number, { history, seals }: Sealed): Promise<StoredEntry | null> {
  for await (const entry of history.backwards(seq)) if (seals.faultIn(entry) === null) return entry;
  return null;
}
