import type { Target } from './rule.ts';
import type { Cause } from './values/cause.ts';
import { earlierOf, parseInstant, plusMs, type Instant } from './values/instant.ts';

/** PagerDuty's reference object, by its own names; `summary` is the display name at the time of the read. */
export interface Reference {
  readonly id: string;
  readonly summary: string;
}

/**
 * One row of PagerDuty's `GET /oncalls`, its fields and values as PagerDuty gave them.
 * A null `schedule` is a direct target of the policy; null `start` and `end` mean permanently on call.
 */
export interface OnCallRow {
  readonly user: Reference;
  /** Null for a shift of a schedule that no policy uses. */
  readonly escalation_policy:
    | (Reference & {
        /** The services that use the policy at the time of the read; null when PagerDuty did not say. */
        readonly services: readonly Reference[] | null;
      })
    | null;
  /** 1 is notified first. */
  readonly escalation_level: number;
  readonly schedule: Reference | null;
  readonly start: string | null;
  readonly end: string | null;
}

/** What watching a target told of one of its rows. Times of sightings are PagerDuty's. */
export interface Sighting {
  readonly target: { readonly kind: Target['kind'] | 'team' | 'field'; readonly id: string };
  readonly user: Reference;
  readonly level: number;
  readonly schedule: Reference | null;
  readonly start: string | null;
  readonly end: string | null;
  /** The first look that showed it. */
  readonly firstSeen: Instant;
  /** Since when the person counts as on call for the target by it; null for ever. */
  readonly since: Instant | null;
  /** `row`: nobody had watched when it began, so that PagerDuty's row alone says since when. */
  readonly by: 'row' | 'sighting';
}

/** PagerDuty's on-call rows of one person, or why they could not be had. */
export type OnCallReading =
  | {
      readonly state: 'known';
      /** PagerDuty's own time of the answer (its `Date` header): rows are judged by that clock, not by ours. */
      readonly at: Instant;
      readonly rows: readonly OnCallRow[];
      /** Of these rows; absent in ledgers of earlier versions, which had watched nothing. */
      readonly sightings?: readonly Sighting[];
    }
  | { readonly state: 'unknown'; readonly cause: Cause }
  | { readonly state: 'not-asked' };

/** A row without schedule or without a beginning: the person is a direct target of the policy, on call for ever. */
export function isPermanent(row: OnCallRow): boolean {
  return row.schedule === null || row.start === null;
}

/** The row's span in instants; null stands for an open side. A time that cannot be read gives no span at all. */
export function spanOf(
  row: OnCallRow,
): { readonly start: Instant | null; readonly end: Instant | null } | null {
  const start = row.start === null ? null : parseInstant(row.start);
  const end = row.end === null ? null : parseInstant(row.end);
  const unreadable = (row.start !== null && start === null) || (row.end !== null && end === null);
  return unreadable ? null : { start, end };
}

/**
 * Whether the row's span covers the instant: `start <= at < end`. PagerDuty's overlap semantics return both persons at a
 * hand-off; this half-open span leaves exactly one. `graceMs` lets the span end that much later.
 */
export function covers(row: OnCallRow, at: Instant, graceMs = 0): boolean {
  const span = spanOf(row);
  if (span === null) return false;
  const begun = span.start === null || span.start <= at;
  return begun && (span.end === null || at < plusMs(span.end, graceMs));
}

/**
 * Since when the person has been on call by this row without a gap: a shift that follows on another of theirs, at this level or a
 * nearer one, continues it. `rows` are what counts for the same target; with `ownSchedule` only those of the row's own schedule do.
 * Null means for ever.
 */
export function onCallSince(
  row: OnCallRow,
  rows: readonly OnCallRow[],
  { ownSchedule = false }: { readonly ownSchedule?: boolean } = {},
): Instant | null {
  let since = spanOf(row)?.start ?? null;
  const same = rows.filter(
    (other) =>
      other.user.id === row.user.id &&
      (!ownSchedule || other.schedule?.id === row.schedule?.id) &&
      other.escalation_level <= row.escalation_level,
  );
  while (since !== null) {
    const start: Instant = since;
    const starts = same.flatMap((other) => {
      const span = spanOf(other);
      return span?.end === start && (span.start === null || span.start < start) ? [span.start] : [];
    });
    if (starts.length === 0) break;
    since = starts.reduce(earlier);
  }
  return since;
}

/** Null stands for ever. */
function earlier(one: Instant | null, other: Instant | null): Instant | null {
  return one === null || other === null ? null : earlierOf(one, other);
}
