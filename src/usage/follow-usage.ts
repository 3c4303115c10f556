import { backoffMs, type Backoff } from '../core/values/backoff.ts';
import { messageOf } from '../core/values/cause.ts';
import { EVENT_TYPES, LATE_TYPES } from '../core/usage/event-types.ts';
import {
  accountDue,
  hasAllOf,
  isClosed,
  LATE_MS,
  SETTLES_MS,
  type Reading,
  type Tracked,
} from '../core/usage/tracked.ts';
import type { RequestId } from '../core/access-request.ts';
import { storyOf } from '../core/record/story.ts';
import { DAY, HOUR, MINUTE, plusMs, type Instant } from '../core/values/instant.ts';
import type { AuditLog, UsageMarks, UsageStore } from '../ports/usage.ts';
import { AUDIT_LOG_CLAIM, type Claim, type Claims } from '../ports/claims.ts';
import { AlreadyRecordedError, type Ledger } from '../ports/ledger.ts';
import type { Reporter } from '../ports/reporter.ts';
import { TeleportError } from '../ports/teleport.ts';
import { newAccesses, Followed, nextWindow, readWindow, type Following } from './read-on.ts';

export interface UsageOptions extends Following {
  readonly ledger: Pick<Ledger, 'entriesOf' | 'endedAfter' | 'append'>;
  readonly log: AuditLog;
  readonly store: UsageStore;
  readonly claims: Pick<Claims, 'take'>;
  readonly reporter: Pick<Reporter, 'used' | 'auditLog' | 'usageFailed'>;
  readonly digest: (text: string) => string;
  readonly random: () => number;
  /** Whether searches are dear; null to find it out. */
  readonly slow: boolean | null;
  /** So far behind it is read, in milliseconds; null for what is usual. */
  readonly settlesMs: number | null;
  /** Whether the incident that the person was working on is told. */
  readonly tells: boolean;
  /** The PagerDuty service that is told what a last account shows; null for none. */
  readonly review: string | null;
  /** The request is to be handled soon: something may follow from its account. */
  readonly onWritten: (id: RequestId) => void;
}

export interface Usage {
  /** Reads on, and writes the accounts that are due. Reports, never throws. */
  poll(signal: AbortSignal): Promise<void>;
}

const PACES = {
  fast: { everyMs: MINUTE, settlesMs: SETTLES_MS, longestMs: HOUR },
  slow: { everyMs: 5 * MINUTE, settlesMs: 3 * SETTLES_MS, longestMs: DAY },
} as const;
const RETRY: Backoff = { firstMs: MINUTE, maxMs: 30 * MINUTE };
/** A permission may be given at any time. */
const REFUSED_RETRY_MS = 10 * MINUTE;
/** The schedule is not as exact as that. */
const EARLY_MS = 5_000;

/** What is known while the claim is held. */
interface Held {
  readonly claim: Claim;
  readonly followed: Followed;
  marks: UsageMarks;
}

/**
 * Follows what given access is used for: reads Teleport's audit log as it grows, some minutes behind, since events come late and clocks
 * differ, and once more a day later; and writes into the ledger what became of each access.
 */
export function followUsage(options: UsageOptions): Usage {
  const { log, ledger, store, claims, clock, reporter, random, digest } = options;
  let held: Held | null = null;
  let { slow } = options;
  let refused: string | null = null;
  let told: string | null = null;
  let failures = 0;
  let readAgainAt = clock.now();

  return {
    async poll(signal) {
      try {
        held = await hold();
        if (held === null) return;
        await readIfDue(held, signal);
        await writeAccounts(held);
      } catch (error) {
        held = null;
        if (!signal.aborted) fail(messageOf(error));
      }
    },
  };

  async function hold(): Promise<Held | null> {
    const claim = await claims.take(AUDIT_LOG_CLAIM);
    if (claim === null) return null;
    return held !== null && !held.claim.lost.aborted ? { ...held, claim } : await load(claim);
  }

  async function load(claim: Claim): Promise<Held> {
    const followed = new Followed();
    for (const each of await store.tracked()) followed.put(each);
    const begin = plusMs(clock.now(), -PACES.slow.settlesMs);
    const marks = (await store.marks()) ?? { through: begin, lateThrough: begin, ledgerSeq: 0 };
    return { claim, followed, marks };
  }

  async function readIfDue(now: Held, signal: AbortSignal): Promise<void> {
    if (clock.now() < readAgainAt) return;
    try {
      await takeIn(now, signal);
      slow ??= await log.isSlow(signal);
      const { longestMs, everyMs, ...usual } = PACES[slow ? 'slow' : 'fast'];
      const settlesMs = options.settlesMs ?? usual.settlesMs;
      const pace = { longestMs, signal };
      await readOn(now, 'through', plusMs(clock.now(), -settlesMs), pace);
      await readOn(now, 'lateThrough', plusMs(clock.now(), -LATE_MS), pace);
      readAgainAt = plusMs(clock.now(), Math.min(everyMs, settlesMs) - EARLY_MS);
      failures = 0;
      refused = null;
      tell('read', '');
    } catch (error) {
      if (!(error instanceof TeleportError) || signal.aborted) throw error;
      failures += 1;
      const isRefused = error.kind === 'denied' || error.kind === 'unsupported';
      refused = isRefused ? error.message : null;
      const retryInMs = isRefused ? REFUSED_RETRY_MS : backoffMs(RETRY, failures, random());
      readAgainAt = plusMs(clock.now(), retryInMs);
      if (isRefused) tell(error.kind === 'denied' ? 'refused' : 'unsupported', error.message);
      else fail(error.message);
      // What was added of a window that was not read to its end must not be added twice.
      Object.assign(now, await load(now.claim));
    }
  }

  /** Once it works again that is said too. */
  function fail(cause: string): void {
    told = null;
    reporter.usageFailed({ cause });
  }

  /** Said once, until it changes. */
  function tell(state: 'read' | 'refused' | 'unsupported', cause: string): void {
    if (told === state) return;
    told = state;
    reporter.auditLog({ state, cause });
  }

  async function takeIn(now: Held, signal: AbortSignal): Promise<void> {
    const isFollowed = (id: string) => now.followed.accesses.has(id);
    for await (const { ledgerSeq, tracked } of newAccesses(options, now.marks, isFollowed, signal)) {
      if (tracked !== null) await keep(now, tracked);
      now.marks = { ...now.marks, ledgerSeq };
    }
    await store.keepMarks(now.marks);
  }

  async function readOn(
    now: Held,
    mark: 'through' | 'lateThrough',
    end: Instant,
    { longestMs, signal }: { readonly longestMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const late = mark === 'lateThrough';
    const types = late ? LATE_TYPES : EVENT_TYPES;
    for (;;) {
      const window = nextWindow(now.marks[mark] ?? end, end, longestMs);
      if (window === null) return;
      const changed = await readWindow(now.followed, { ...window, types }, { log, digest, late }, signal);
      now.claim.ensureHeld();
      for (const id of changed) {
        const grown = now.followed.accesses.get(id);
        if (grown !== undefined) await keep(now, late ? grown : { ...grown, through: window.until });
      }
      now.marks = { ...now.marks, [mark]: window.until };
      await store.keepMarks(now.marks);
    }
  }

  async function writeAccounts(now: Held): Promise<void> {
    const reading: Reading = { ...now.marks, refused };
    for (const tracked of now.followed.accesses.values()) {
      const due = accountDue(tracked, reading, clock.now());
      if (due !== null) await write(now, tracked, due);
      else if (isClosed(tracked, clock.now())) {
        await store.forget(tracked.requestId);
        now.followed.drop(tracked.requestId);
      }
    }
  }

  async function write(
    now: Held,
    tracked: Tracked,
    due: NonNullable<ReturnType<typeof accountDue>>,
  ): Promise<void> {
    const { tells, review } = options;
    const recorded = {
      ...due,
      ...(tells && due.number === 1 ? { tells } : {}),
      ...(review === null ? {} : { review }),
    };
    try {
      await ledger.append([recorded], clock.now(), now.claim.fence);
      reporter.used({ recorded });
      await keep(now, { ...tracked, number: due.number, stage: due.stage, changed: false });
      options.onWritten(tracked.requestId);
    } catch (error) {
      if (!(error instanceof AlreadyRecordedError)) throw error;
      // Written before, by a process that did not live to note it, or by another replica.
      const { used } = storyOf(await ledger.entriesOf(tracked.requestId));
      const last = used.at(-1);
      const changed = last === undefined || !hasAllOf(last.evidence, tracked);
      await keep(now, { ...tracked, number: used.length, stage: last?.stage ?? null, changed });
    }
  }

  async function keep({ followed }: Held, tracked: Tracked): Promise<void> {
    followed.put(tracked);
    await store.keep(tracked);
  }
}
