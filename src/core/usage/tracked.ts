import type { RequestId, AccessRequest } from '../access-request.ts';
import type { RecordedUse, RecordedDecision } from '../record/ledger-entry.ts';
import { DAY, HOUR, MINUTE, plusMs, type Instant } from '../values/instant.ts';
import { accountOf, cutAt, openUses } from './account.ts';
import { EVENT_TYPES, partOf, type AuditEvent } from './event-types.ts';
import { withAuditEvent, withGap, nothingCollected, type Collected, type Evidence } from './evidence.ts';
import type { Story } from '../record/story.ts';

/** An access whose use is followed, as it is kept beside the ledger until its last account stands there. */
export interface Tracked {
  readonly requestId: RequestId;
  /** Null where the cluster's name is not known. */
  readonly cluster: string | null;
  readonly from: Instant;
  readonly accessExpires: Instant;
  readonly collected: Collected;
  /** Counted events before then are in it, and must not be counted again. */
  readonly through: Instant;
  /** How many accounts were written, and what the last one was. */
  readonly number: number;
  readonly stage: RecordedUse['stage'] | null;
  /** Whether something new came since then. */
  readonly changed: boolean;
}

/** How far the audit log was read, once and a second time. */
export interface Reading {
  /** Every event before then was read, but for what comes late; null before the first reading. */
  readonly through: Instant | null;
  /** What comes a day late was read up to then. */
  readonly lateThrough: Instant | null;
  /** Why it cannot be read, where that does not pass by itself; null where it can. */
  readonly refused: string | null;
}

/** Teleport recovers the end of a session that an agent did not report after a day and some minutes. */
export const LATE_MS = 26 * HOUR;
/** Whatever is missing then is not waited for. */
const GIVE_UP_MS = 50 * HOUR;
/** For so long after the last account what comes is written down as a correction. */
const CORRECTED_MS = 7 * DAY;
const MOST_CORRECTIONS = 3;

/** Teleport gives no access for longer. */
export const LONGEST_ACCESS_MS = 14 * DAY;

/** With one more event of its own. `late`: by the second reading, which has those that are kept one by one. */
export function withOwnEvent(
  tracked: Tracked,
  event: AuditEvent,
  digest: (text: string) => string,
  late = false,
): Tracked {
  const { events, beyond } = tracked.collected;
  const part = partOf(event.type);
  if ((part === 'counted' || beyond > 0) && (late || event.time < tracked.through)) return tracked;
  if (late && part === 'assumed' && events.some(({ type }) => type === event.type)) return tracked;
  const collected = withAuditEvent(tracked.collected, event, digest);
  return collected === tracked.collected ? tracked : { ...tracked, collected, changed: true };
}

/** Until when the access could be used, as far as is known: a lock in force ends it. */
export function endOfAccess({ accessExpires, collected }: Tracked): Instant {
  const cut = cutAt(collected);
  return cut !== null && cut < accessExpires ? cut : accessExpires;
}

/** The account that is to be written now; null for none. */
export function accountDue(tracked: Tracked, reading: Reading, now: Instant): RecordedUse | null {
  const until = endOfAccess(tracked);
  const { stage } = tracked;
  if (now < until) return null;
  const isRead = reading.through !== null && reading.through >= until;
  const givenUp = now >= plusMs(until, GIVE_UP_MS);
  if (stage === 'final' || stage === 'correction')
    return tracked.changed && tracked.number < 2 + MOST_CORRECTIONS
      ? recordedUse(tracked, reading, 'correction')
      : null;
  const isWhole =
    isRead &&
    reading.lateThrough !== null &&
    reading.lateThrough >= until &&
    openUses(accountOf(evidenceOf(tracked, reading))).length === 0;
  if (isWhole || givenUp) return recordedUse(tracked, reading, 'final');
  return stage === null && (isRead || reading.refused !== null)
    ? recordedUse(tracked, reading, 'provisional')
    : null;
}

/** Whether an account that stands in the ledger has everything that was read: then nothing is to be corrected in it. */
export function hasAllOf(
  { events, tallies, beyond }: Evidence,
  { collected }: Pick<Tracked, 'collected'>,
): boolean {
  const uids = new Set(events.map(({ uid }) => uid));
  const hashes = new Set(tallies.map(({ hash }) => hash));
  return (
    beyond === collected.beyond &&
    collected.events.every(({ uid }) => uids.has(uid)) &&
    collected.tallies.every(({ hash }) => hashes.has(hash))
  );
}

/** Whether nothing is written of it any more. */
export function isClosed(tracked: Tracked, now: Instant): boolean {
  return tracked.stage !== null && now >= plusMs(endOfAccess(tracked), GIVE_UP_MS + CORRECTED_MS);
}

function recordedUse(tracked: Tracked, reading: Reading, stage: RecordedUse['stage']): RecordedUse {
  const evidence = evidenceOf(tracked, reading);
  const { outcome, totals } = accountOf(evidence);
  const { requestId, number } = tracked;
  return { kind: 'used', requestId, number: number + 1, stage, evidence, outcome, totals };
}

function evidenceOf(tracked: Tracked, { through, refused }: Reading): Evidence {
  const until = endOfAccess(tracked);
  const unread =
    through !== null && through >= until
      ? tracked.collected
      : withGap(tracked.collected, {
          why: 'not-read',
          detail: refused ?? `it was read up to ${through ?? 'nowhere'}`,
        });
  const { cluster, from } = tracked;
  return { cluster, from, until, readThrough: through, types: EVENT_TYPES, ...unread };
}

/** The settling of agents' clocks and of queues: what is younger is not read yet. */
export const SETTLES_MS = 5 * MINUTE;

/**
 * An access that was given, about to be followed. `request` as Teleport has it now, null where it is gone; `readThrough`: how far the audit
 * log was read before. Null where its last account stands in the ledger already.
 */
export function trackedAccess(
  story: Story,
  { request: asked, requestId }: RecordedDecision,
  request: AccessRequest | null,
  { rootCluster, readThrough }: { readonly rootCluster: string | null; readonly readThrough: Instant | null },
): Tracked | null {
  const last = story.used.at(-1);
  if (last !== undefined && last.stage !== 'provisional') return null;
  const { resources } = asked;
  const elsewhere = new Set(resources.map(({ cluster }) => cluster).filter((name) => name !== rootCluster));
  const from = approvedAfter(story, request);
  const isLate = readThrough === null || from < readThrough;
  const started = isLate ? withGap(nothingCollected, { why: 'began-later', detail: '' }) : nothingCollected;
  const collected = [...elsewhere].reduce(
    (all, cluster) => withGap(all, { why: 'other-cluster', detail: cluster }),
    started,
  );
  return {
    requestId,
    cluster: rootCluster,
    from,
    accessExpires: request?.accessExpires ?? asked.accessExpires ?? plusMs(from, LONGEST_ACCESS_MS),
    collected,
    through: from,
    number: story.used.length,
    stage: last?.stage ?? null,
    changed: false,
  };
}

/** The access was not given before: by the last review in Teleport, else by what this service did, or when it last saw the request wait. */
function approvedAfter({ decided, effects }: Story, request: AccessRequest | null): Instant {
  const reviews = request?.reviews.filter(({ proposedState }) => proposedState === 'approved') ?? [];
  const times = [
    decided?.decidedAt ?? null,
    ...[...effects.values()]
      .filter(({ intended: { kind }, done }) => (kind === 'review' || kind === 'vote') && done?.ours === true)
      .map(({ intendedAt }) => intendedAt),
    ...reviews.map(({ created }) => created),
  ];
  return (
    times
      .filter((at) => at !== null)
      .sort()
      .at(-1) ?? ('0000-01-01T00:00:00.000Z' as Instant)
  );
}
