import { setTimeout as delay } from 'node:timers/promises';
import type { RequestId } from '../core/access-request.ts';
import { awaitsShiftEnd, watchesLock } from '../core/effects/access-end.ts';
import { dueEffects, isSettled } from '../core/effects/due-effects.ts';
import { isOver } from '../core/effects/is-over.ts';
import { storyOf } from '../core/record/story.ts';
import { DAY, plusMs } from '../core/values/instant.ts';
import type { SearchableHistory } from '../ports/ledger-history.ts';
import { LedgerForgedError } from '../ports/ledger.ts';
import type { Seals } from '../ports/seals.ts';
import type { Dependencies } from './dependencies.ts';

/** Longer than Teleport lets a request, or the access that it gives, go on. */
const LOOK_BACK_MS = 31 * DAY;
/** So many requests are looked at, and then others get their turn for so long. */
const AT_ONCE = 10;
const PAUSE_MS = 10;
const REQUEST_ID = /^\{"kind":"[a-z-]+","requestId":"(?<id>[^"\\]+)"/u;

export interface HiddenOptions extends Pick<
  Dependencies,
  'ledger' | 'reporter' | 'policyInForce' | 'setting' | 'clock'
> {
  /** The ledger, and how its own entries are known; null where it is not sealed: then nobody can tell. */
  readonly openHistory: () => Promise<{ history: SearchableHistory; seals: Seals } | null>;
}

/**
 * Looks through the last month for requests that are not over by their own entries, and that somebody took out of the list of open
 * ones: puts them back, and reports each once. The list serves to find work fast, nothing else. Throws what the ledger throws.
 */
export function createHiddenCheck(options: HiddenOptions): (signal: AbortSignal) => Promise<void> {
  const { ledger, reporter, policyInForce, setting, clock } = options;
  const told = new Set<RequestId>();

  /** Null where nothing is due for it; else whether its entries alone say so. */
  async function isMissed(id: RequestId): Promise<{ readonly forSure: boolean } | null> {
    const story = storyOf(await ledger.entriesOf(id));
    const now = clock.now();
    const { policy } = policyInForce();
    const watched = awaitsShiftEnd(story, { policy, now }) || watchesLock(story, now);
    const over = isOver(story, now);
    const settled =
      story.decided === null ? over : isSettled(story, dueEffects(story, { policy, setting, now }), watched);
    return settled ? null : { forSure: !over };
  }

  async function putBack(id: RequestId): Promise<void> {
    try {
      if ((await isMissed(id)) === null) return;
      // It may have been settled since the list was read: then its entries say so now.
      if ((await ledger.open()).includes(id)) return;
      const missed = await isMissed(id);
      if (missed === null) return;
      await ledger.markSettled(id, false);
      if (!missed.forSure || told.has(id)) return;
      told.add(id);
      const cause = `request ${id} is not over, and was missing from table \`open_request\`: somebody else has written to the ledger. It was put back; run \`ledger verify\`, and find out who can write to the database`;
      reporter.recordForged({ requestId: null, cause });
    } catch (error) {
      // Whose entries do not hold is put back too: whoever handles it says so.
      if (!(error instanceof LedgerForgedError)) throw error;
      await ledger.markSettled(id, false);
    }
  }

  return async (signal) => {
    const opened = await options.openHistory();
    if (opened === null) return;
    const { history, seals } = opened;
    try {
      const ids = await requestsSince(plusMs(clock.now(), -LOOK_BACK_MS), history, seals, signal);
      const open = new Set(await ledger.open());
      let looked = 0;
      for (const id of ids) {
        if (open.has(id)) continue;
        looked += 1;
        if (looked % AT_ONCE === 0) await delay(PAUSE_MS, undefined, { signal });
        await putBack(id);
      }
    } finally {
      await history.close();
    }
  };
}

/** Those that an entry names which is not older; columns, and the times in entries of others, are nothing to go by. */
async function requestsSince(
  since: string,
  history: SearchableHistory,
  { faultIn }: Seals,
  signal: AbortSignal,
): Promise<ReadonlySet<RequestId>> {
  const ids = new Set<RequestId>();
  for await (const entry of history.backwards()) {
    signal.throwIfAborted();
    if (entry.at < since && faultIn(entry) === null) break;
    const { id } = REQUEST_ID.exec(entry.eventText)?.groups ?? {};
    if (id !== undefined) ids.add(id);
  }
  return ids;
}
