import type { RequestId } from '../core/access-request.ts';
import type { AuditEvent } from '../core/usage/event-types.ts';
import { withGap } from '../core/usage/evidence.ts';
import {
  endOfAccess,
  withOwnEvent,
  LONGEST_ACCESS_MS,
  trackedAccess,
  type Tracked,
} from '../core/usage/tracked.ts';
import { plusMs, type Instant } from '../core/values/instant.ts';
import type { AuditLog, AuditQuery, UsageMarks } from '../ports/usage.ts';
import { storyOf } from '../core/record/story.ts';
import type { Clock } from '../ports/clock.ts';
import { LedgerForgedError, type Ledger } from '../ports/ledger.ts';
import type { AccessRequests } from '../ports/teleport.ts';

/** Accesses that are followed, and the sessions by which events are known to be of them. */
export class Followed {
  readonly accesses = new Map<RequestId, Tracked>();
  readonly #bySession = new Map<string, Set<RequestId>>();

  put(tracked: Tracked): void {
    this.accesses.set(tracked.requestId, tracked);
    for (const { sid, failed } of tracked.collected.events)
      if (failed !== true) this.#know(sid, tracked.requestId);
  }

  drop(id: RequestId): void {
    this.accesses.delete(id);
    for (const [sid, ids] of this.#bySession) {
      ids.delete(id);
      if (ids.size === 0) this.#bySession.delete(sid);
    }
  }

  /** Those that the event is of. */
  of({ requests, sid }: AuditEvent): readonly Tracked[] {
    const ids = new Set([...requests, ...(sid === undefined ? [] : (this.#bySession.get(sid) ?? []))]);
    return [...ids].flatMap((id) => this.accesses.get(id) ?? []);
  }

  #know(sid: string | undefined, id: RequestId): void {
    if (sid === undefined) return;
    const ids = this.#bySession.get(sid);
    if (ids === undefined) this.#bySession.set(sid, new Set([id]));
    else ids.add(id);
  }
}

/** What a backend writes twice has the same time, and comes close by. */
const REMEMBERED = 10_000;

export interface ReadOptions {
  readonly log: AuditLog;
  readonly digest: (text: string) => string;
  /** The second reading, of what comes late. */
  readonly late: boolean;
}

/**
 * Reads one window of the audit log, and adds what is of followed accesses to these; gives those that changed. Throws TeleportError, and
 * then what was added is not whole: it must be read again from where it was before.
 */
export async function readWindow(
  followed: Followed,
  query: AuditQuery,
  { log, digest, late }: ReadOptions,
  signal: AbortSignal,
): Promise<ReadonlySet<RequestId>> {
  const changed = new Set<RequestId>();
  let seen = new Set<string>();
  let before = new Set<string>();
  let unreadable = 0;

  function change(tracked: Tracked): void {
    followed.put(tracked);
    changed.add(tracked.requestId);
  }

  for await (const page of log.read(query, signal)) {
    unreadable += page.unreadable;
    for (const event of page.events) {
      const own = followed.of(event);
      if (own.length === 0 || seen.has(event.uid) || before.has(event.uid)) continue;
      if (seen.size >= REMEMBERED) [before, seen] = [seen, new Set()];
      seen.add(event.uid);
      for (const tracked of own) {
        const grown = withOwnEvent(tracked, event, digest, late);
        if (grown !== tracked) change(grown);
      }
    }
  }
  if (unreadable > 0) for (const each of inWindow(followed, query)) change(withUnreadable(each));
  return changed;
}

function inWindow({ accesses }: Followed, { from, until }: AuditQuery): readonly Tracked[] {
  return [...accesses.values()].filter((each) => each.from < until && endOfAccess(each) >= from);
}

function withUnreadable(tracked: Tracked): Tracked {
  const collected = withGap(tracked.collected, { why: 'unreadable', detail: '' });
  return collected === tracked.collected ? tracked : { ...tracked, collected, changed: true };
}

/** The next window, no longer than this; null where everything before `end` was read. */
export function nextWindow(
  from: Instant,
  end: Instant,
  longestMs: number,
): { readonly from: Instant; readonly until: Instant } | null {
  if (from >= end) return null;
  const until = plusMs(from, longestMs);
  return { from, until: until < end ? until : end };
}

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
