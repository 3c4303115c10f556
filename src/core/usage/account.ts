import { earlierOf, laterOf, MINUTE, plusMs, type Instant } from '../values/instant.ts';
import { countedAs, partOf, type UsedResource, type Counted, type EventPart } from './event-types.ts';
import type { Evidence, KeptEvent, Tally } from './evidence.ts';

/**
 * What became of an access: `never-assumed` no certificate carries it · `assumed` one does, and there was no session by it · `used` ·
 * `not-known` nothing was seen, and something may be missing.
 */
export type UseOutcome = 'never-assumed' | 'assumed' | 'used' | 'not-known';

export type Counts = Readonly<Partial<Record<Counted | 'bytes', number>>>;

/** A session, or what was done on one resource without any. */
export interface Use {
  /** Teleport's id of the session; null for what has none. */
  readonly sid: string | null;
  /** Null where the audit log does not say. */
  readonly resource: UsedResource | null;
  readonly login: string | null;
  readonly user: string | null;
  readonly begun: Instant;
  /** Null where no end was seen. */
  readonly ended: Instant | null;
  /** Whether somebody else began the session, and they joined it. */
  readonly joined: boolean;
  /** Whether other requests were in the certificate too. */
  readonly shared: boolean;
  /** By what was seen: uploaded, or not to be recorded; null where neither was. */
  readonly recorded: boolean | null;
  readonly counts: Counts;
}

export interface Account {
  readonly outcome: UseOutcome;
  readonly assumedAt: Instant | null;
  readonly uses: readonly Use[];
  readonly totals: Totals;
}

/** Stands in the ledger beside the evidence from which it follows. */
export interface Totals {
  readonly sessions: number;
  /** Sessions that could not be begun. */
  readonly attempts: number;
  readonly counts: Counts;
}

const BEGINS: ReadonlySet<EventPart | null> = new Set(['start', 'join']);
const CUTS: ReadonlySet<EventPart | null> = new Set(['cut', 'restored']);

/** An application's session in a browser has no end; a slice of activity is so long. */
const SLICE_MS = 5 * MINUTE;

/** What was done by an access, derived from what is kept of the audit log and from nothing else. */
export function accountOf(evidence: Evidence): Account {
  const { events, tallies, gaps } = evidence;
  const begun = events.filter(({ type }) => BEGINS.has(partOf(type)));
  const starts = new Set(begun.map(({ sid }) => sid));
  // Whoever ended a session was in it, whatever became of its start.
  const ends = events.filter(
    ({ type, sid }) => partOf(type) === 'end' && sid !== undefined && !starts.has(sid),
  );
  const kept = [
    ...Map.groupBy([...begun.filter(isSuccess), ...ends], ({ sid, uid }) => sid ?? uid).values(),
  ].flatMap((same) => same.slice(0, 1).map((first) => sessionOf(first, evidence)));
  const beyond = tallies.filter(
    ({ type, sid }) => BEGINS.has(partOf(type)) && (sid === '' || !starts.has(sid)),
  );
  const [failed, more] = [beyond.filter(isFailed), beyond.filter(isSuccess)];
  const sessions = [
    ...kept,
    ...sessionsBeyond(
      more.filter(({ sid }) => sid !== ''),
      tallies,
    ),
  ];
  const known = new Set(sessions.map(({ sid }) => sid).filter((sid) => sid !== ''));
  const others = tallies.filter(({ type, sid }) => countedAs(type) !== null && !known.has(sid));
  const uses = [...sessions, ...withoutStart(others)].sort((one, other) =>
    orderOf(one) < orderOf(other) ? -1 : 1,
  );
  const nameless = sum(more.filter(({ sid }) => sid === '').map(({ count }) => count));
  const assumed = events.find(({ type }) => partOf(type) === 'assumed');
  return {
    outcome:
      uses.length > 0 || nameless > 0
        ? 'used'
        : gaps.length > 0
          ? 'not-known'
          : assumed === undefined
            ? 'never-assumed'
            : 'assumed',
    assumedAt: assumed?.time ?? null,
    uses,
    totals: {
      sessions: sessions.length + nameless,
      attempts: begun.filter(isFailed).length + sum(failed.map(({ count }) => count)),
      counts: countsOf(tallies),
    },
  };
}

/** When a lock cut the access, as far as the audit log shows; null where none is in force. */
export function cutAt({ events }: Pick<Evidence, 'events'>): Instant | null {
  const last = events
    .filter(({ type }) => CUTS.has(partOf(type)))
    .toSorted((one, other) => (one.time < other.time ? -1 : one.time > other.time ? 1 : 0))
    .at(-1);
  return last !== undefined && partOf(last.type) === 'cut' ? last.time : null;
}

/** Sessions that go on, as far as is known. */
export function openUses({ uses }: Account): readonly Use[] {
  return uses.filter(({ ended }) => ended === null);
}

/** Of more than are kept event by event: when they began and ended, and what was counted in them. */
function sessionsBeyond(starts: readonly Tally[], tallies: readonly Tally[]): readonly Use[] {
  return [...Map.groupBy(starts, ({ sid }) => sid)].flatMap(([sid, same]) => {
    const own = tallies.filter((tally) => tally.sid === sid);
    const end = own.find(({ type }) => partOf(type) === 'end');
    return same.slice(0, 1).map(({ type, resource, login, first, shared }) => ({
      ...{ sid, user: null, recorded: null, begun: first, ended: end?.last ?? null },
      ...{ resource: resource ?? null, login: login ?? null, shared: shared === true },
      joined: partOf(type) === 'join',
      counts: countsOf(own),
    }));
  });
}

function sessionOf(first: KeptEvent, { events, tallies, until }: Evidence): Use {
  const { sid } = first;
  const own = events.filter((each) => each === first || (sid !== undefined && each.sid === sid));
  const end = own.find(({ type }) => partOf(type) === 'end');
  const counted = tallies.filter((tally) => tally.sid === sid);
  const slice = counted.find(({ type }) => countedAs(type) === 'slices');
  const uploaded = own.some(({ type }) => partOf(type) === 'upload');
  return {
    sid: sid ?? '',
    resource: first.resource ?? null,
    login: first.login ?? null,
    user: first.user,
    begun: first.time,
    ended:
      end?.stop ?? end?.time ?? (slice === undefined ? null : earlierOf(plusMs(slice.last, SLICE_MS), until)),
    joined: partOf(first.type) === 'join',
    shared: first.shared === true,
    recorded: uploaded ? true : own.some(({ recorded }) => recorded === false) ? false : null,
    counts: countsOf(counted),
  };
}

/** What has no start of its own: of a session that others began, or of none, then by resource. */
function withoutStart(tallies: readonly Tally[]): readonly Use[] {
  return [...Map.groupBy(tallies, placeOf).values()].flatMap((same) =>
    same.slice(0, 1).map(({ resource, login, ...one }) => ({
      ...{ sid: null, user: null, joined: false, recorded: null },
      resource: resource ?? null,
      login: login ?? null,
      begun: same.reduce((first, each) => earlierOf(first, each.first), one.first),
      shared: same.some(({ shared }) => shared === true),
      ended: same.reduce((last, each) => laterOf(last, each.last), one.last),
      counts: countsOf(same),
    })),
  );
}

function orderOf({ begun, resource, sid }: Use): string {
  return [begun, resource?.kind, resource?.name, sid].join(' ');
}

function placeOf({ sid, resource, login }: Tally): string {
  return sid !== '' ? sid : JSON.stringify([resource?.kind, resource?.name, login]);
}

function countsOf(tallies: readonly Tally[]): Counts {
  const counts: Partial<Record<Counted | 'bytes', number>> = {};
  for (const { type, count, bytes, files } of tallies) {
    const as = countedAs(type);
    if (as === null) continue;
    if (as !== 'data') counts[as] = (counts[as] ?? 0) + Math.max(count, files);
    if (bytes > 0) counts.bytes = (counts.bytes ?? 0) + bytes;
  }
  return counts;
}

function isSuccess(event: Pick<KeptEvent, 'failed'>): boolean {
  return !isFailed(event);
}

function isFailed({ failed }: Pick<KeptEvent, 'failed'>): boolean {
  return failed === true;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
