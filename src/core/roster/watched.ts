import { spanOf, type OnCallRow, type Sighting } from '../on-call.ts';
import type { Target } from '../rule.ts';
import { mergedPolicies, policiesAfter, type PolicySeen } from './policies-seen.ts';
import type { BrokenRow } from './sheet.ts';
import {
  earlierOf,
  instantOf,
  laterOf,
  MINUTE,
  msBetween,
  parseInstant,
  type Instant,
} from '../values/instant.ts';

/** A target by what never changes of it; or a team, or a custom field of a service, of which no rows are seen. */
export interface WatchedTarget {
  readonly kind: Target['kind'] | 'team' | 'field';
  readonly id: string;
}

/** A row that was seen, and whether it is there still. */
export interface Sighted extends Sighting {
  /** When it was seen the last time, once a look that should have shown it did not; null while it is there. */
  readonly gone: Instant | null;
  /** When it was seen the last time, where a row that cannot be understood may since be it; absent while it is seen. */
  readonly unclear?: Instant;
}

/** What is known of a target by watching it. Times are PagerDuty's. */
export interface Watched {
  readonly target: WatchedTarget;
  readonly first: Instant;
  readonly last: Instant;
  /** Until when coming shifts have been looked for. */
  readonly horizon: Instant;
  readonly rows: readonly Sighted[];
  /** Of a service, a team or a field; absent for other targets, and where an earlier version looked last. */
  readonly policies?: readonly PolicySeen[];
}

/** The rows under one target that touch a span, at one time. */
export interface RosterLook {
  readonly target: WatchedTarget;
  readonly at: Instant;
  readonly from: Instant;
  readonly until: Instant;
  readonly rows: readonly OnCallRow[];
  /** Rows that may be of the target and cannot be understood: each may be any that is missed, and proves nothing. */
  readonly broken?: readonly BrokenRow[];
  /** The policies that a service has. */
  readonly policies?: readonly string[];
}

/** Two looks that are no further apart are one after the other; what is missed for no longer was never away. */
const BRIEF_MS = MINUTE;

/**
 * What is known after one look more, and whether that is more than that nothing changed. A row is as old as PagerDuty says only where
 * nobody has watched: at the first look at a target, and for what began in a gap in watching later than coming shifts had been looked
 * for. Everything else is as old as its first sighting, be it before the shift began; or as what the person was on call by at the look
 * just before.
 */
export function afterLook(
  before: Watched | null,
  look: RosterLook,
): { readonly watched: Watched; readonly isNews: boolean } {
  const { target, at, from, until, broken = [] } = look;
  const known = new Map((before?.rows ?? []).map((row) => [keyOf(row), row]));
  const last = before?.last ?? at;
  let isNews = before === null;
  const put = (key: string, row: Sighted): void => {
    known.set(key, row);
    isNews = true;
  };
  const seen = new Set<string>();
  for (const row of look.rows) {
    const key = keyOfRow(row);
    if (key === null || seen.has(key)) continue;
    seen.add(key);
    const there = known.get(key);
    if (there === undefined || !isBack(there, at)) put(key, firstSeen(row, before, look));
    else if (there.gone !== null || there.unclear !== undefined || there.end !== row.end) {
      const { target, user, level, schedule, start, firstSeen, since, by } = there;
      put(key, { target, user, level, schedule, start, end: row.end, firstSeen, since, by, gone: null });
    }
  }
  for (const [key, row] of known) {
    if (seen.has(key)) continue;
    const seenLast = row.unclear ?? last;
    if (isOver(row, from)) known.delete(key);
    else if (row.gone !== null || startOf(row) >= until) continue;
    else if (!broken.some((each) => mayBe(each, row))) put(key, { ...row, gone: seenLast });
    else if (row.unclear === undefined) put(key, { ...row, unclear: seenLast });
  }
  const policies = look.policies && policiesAfter(before, look.policies, at);
  const isNewPolicy = JSON.stringify(policies) !== JSON.stringify(before?.policies);
  return {
    watched: {
      ...{ target, first: before?.first ?? at, last: at, rows: [...known.values()] },
      horizon: laterOf(before?.horizon ?? until, until),
      ...(policies === undefined ? {} : { policies }),
    },
    isNews: isNews || isNewPolicy,
  };
}

/** What is known of a row under the target; one that no look has shown is seen now for the first time. */
export function sightingOf(row: OnCallRow, watched: Watched, at: Instant): Sighting {
  const key = keyOfRow(row);
  const found = watched.rows.find((each) => keyOf(each) === key && each.gone === null);
  if (found === undefined) return { ...about(row, watched.target, at), since: at, by: 'sighting' };
  const { firstSeen, since, by } = found;
  // As PagerDuty writes it now, whatever the time zone of the first sighting.
  return { ...about(row, watched.target, firstSeen), since, by };
}

/** What two replicas have seen of one target: of each row the first sighting, and what the later look says of it. */
export function mergedWatched(one: Watched, other: Watched): Watched {
  const [earlier, later] = one.last < other.last ? [one, other] : [other, one];
  const before = new Map(earlier.rows.map((row) => [keyOf(row), row]));
  const rows = later.rows.map((row) => {
    const known = before.get(keyOf(row));
    if (known?.gone !== null || known.firstSeen >= row.firstSeen) return row;
    return { ...row, firstSeen: known.firstSeen, since: known.since, by: known.by };
  });
  const there = new Set(later.rows.map(keyOf));
  const unseen = earlier.rows.filter((row) => !there.has(keyOf(row)) && startOf(row) > later.last);
  const policies = mergedPolicies(earlier, later);
  return {
    target: later.target,
    first: earlierOf(one.first, other.first),
    last: later.last,
    horizon: laterOf(one.horizon, other.horizon),
    rows: [...rows, ...unseen],
    ...(policies === undefined ? {} : { policies }),
  };
}

function firstSeen(row: OnCallRow, before: Watched | null, { target, at }: RosterLook): Sighted {
  const start = row.start === null ? null : parseInstant(row.start);
  const seen = { ...about(row, target, at), gone: null };
  if ((start ?? '') > at) return { ...seen, since: at, by: 'sighting' };
  if (before === null || (start ?? '') > before.horizon) return { ...seen, since: start, by: 'row' };
  const { since, by } = goneOnFrom(row, before, at) ?? { since: at, by: 'sighting' };
  return { ...seen, since, by };
}

function about(row: OnCallRow, target: WatchedTarget, at: Instant): Omit<Sighting, 'since' | 'by'> {
  const { user, escalation_level: level, schedule, start, end } = row;
  return { target, user, level, schedule, start, end, firstSeen: at };
}

/** What the person was on call by at the look just before, at this level or a nearer one; the oldest. */
function goneOnFrom(row: OnCallRow, before: Watched, at: Instant): Sighted | null {
  const { last } = before;
  if (!isBrief(last, at)) return null;
  const same = before.rows.filter(
    (each) =>
      each.user.id === row.user.id &&
      each.level <= row.escalation_level &&
      each.gone === null &&
      (each.unclear === undefined || isBrief(each.unclear, at)) &&
      startOf(each) <= last &&
      !isOver(each, last),
  );
  return same.reduce<Sighted | null>(
    (oldest, each) => (oldest === null || (each.since ?? '') < (oldest.since ?? '') ? each : oldest),
    null,
  );
}

/** Whether the broken row, as far as it can be understood, may be this one. */
function mayBe({ userId, scheduleId }: BrokenRow, { user, schedule }: Sighted): boolean {
  return (userId === null || userId === user.id) && (scheduleId === null || scheduleId === schedule?.id);
}

function isBack({ gone }: Sighted, at: Instant): boolean {
  return gone === null || isBrief(gone, at);
}

function isBrief(from: Instant, to: Instant): boolean {
  return Math.abs(msBetween(from, to)) <= BRIEF_MS;
}

function isOver({ end }: Sighted, at: Instant): boolean {
  return end !== null && timeIn(end) <= at;
}

function startOf({ start }: Sighted): string {
  return start === null ? '' : timeIn(start);
}

/** What cannot be read was never sighted. */
function timeIn(text: string): Instant {
  return instantOf(Date.parse(text));
}

/** By who, where, and since when; a row is the same however long it is made. */
function keyOf({ user, level, schedule, start }: Sighting): string {
  return JSON.stringify([user.id, level, schedule?.id ?? null, start === null ? null : parseInstant(start)]);
}

/** Null for one that cannot be read. */
function keyOfRow(row: OnCallRow): string | null {
  const span = spanOf(row);
  if (span === null) return null;
  return JSON.stringify([row.user.id, row.escalation_level, row.schedule?.id ?? null, span.start]);
}
