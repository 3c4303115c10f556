import type { RequestId } from '../core/access-request.ts';
import { storyOf } from '../core/record/story.ts';
import { trackedAccess } from '../core/usage/tracked-access.ts';
import type { Tracked } from '../core/usage/tracked.ts';
import { LONGEST_ACCESS_MS } from '../core/usage/tracked.ts';
import { plusMs } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import { LedgerForgedError, type Ledger } from '../ports/ledger.ts';
import type { AccessRequests } from '../ports/teleport.ts';
import type { UsageMarks } from '../ports/usage-store.ts';

export interface Following {
  readonly ledger: Pick<Ledger, 'entriesOf' | 'endedAfter'>;
  readonly requests: Pick<AccessRequests, 'find'>;
  readonly clock: Clock;
  readonly rootCluster: string | null;
}

const AT_ONCE = 200;

/**
 * Accesses that were given since the last look at the ledger, one at a time; each with how far the ledger was looked through by then.
 * Throws TeleportError, LedgerUnavailableError.
 */
export async function* newAccesses(
  { ledger, requests, clock, rootCluster }: Following,
  marks: UsageMarks,
  isFollowed: (id: RequestId) => boolean,
  signal: AbortSignal,
): AsyncIterable<{ readonly ledgerSeq: number; readonly tracked: Tracked | null }> {
  const oldest = plusMs(clock.now(), -LONGEST_ACCESS_MS);
  for (let { ledgerSeq } = marks; ;) {
    const ended = await ledger.endedAfter(ledgerSeq, AT_ONCE);
    for (const { seq, at, requestId } of ended) {
      ledgerSeq = seq;
      const isOld = at < oldest || isFollowed(requestId);
      yield { ledgerSeq, tracked: isOld ? null : await begun(requestId) };
    }
    if (ended.length < AT_ONCE) return;
  }

  async function begun(id: RequestId): Promise<Tracked | null> {
    const story = await entriesIfSound(id);
    if (story?.ended?.state !== 'approved' || story.decided === null) return null;
    const request = await requests.find(id, signal);
    return trackedAccess(story, story.decided, request, { rootCluster, readThrough: marks.through });
  }

  /** Null where somebody else wrote them: nothing is said on the strength of that. */
  async function entriesIfSound(id: RequestId) {
    try {
      return storyOf(await ledger.entriesOf(id));
    } catch (error) {
      if (error instanceof LedgerForgedError) return null;
      throw error;
    }
  }
}
