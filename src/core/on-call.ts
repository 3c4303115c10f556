import type { Cause } from './cause.ts';
import { parseInstant, type Instant } from './instant.ts';

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
  readonly escalation_policy: Reference & {
    /** The services that use the policy at the time of the read; null when PagerDuty did not say. */
    readonly services: readonly Reference[] | null;
  };
  /** 1 is notified first. */
  readonly escalation_level: number;
  readonly schedule: Reference | null;
  readonly start: string | null;
  readonly end: string | null;
}

/** PagerDuty's on-call rows of one person, or why they could not be had. */
export type OnCallReading =
  | {
      readonly state: 'known';
      /** PagerDuty's own time of the answer (its `Date` header): rows are judged by that clock, not by ours. */
      readonly at: Instant;
      readonly rows: readonly OnCallRow[];
    }
  | { readonly state: 'unknown'; readonly cause: Cause };

/** A row that has neither schedule nor times: the person is a direct target of the policy, on call for ever. */
export function isPermanent(row: OnCallRow): boolean {
  return row.schedule === null || row.start === null;
}

/**
 * Whether the row's span covers the instant: `start <= at < end`. PagerDuty's overlap semantics return both
 * persons at a hand-off; this half-open span leaves exactly one. A time that cannot be read covers nothing.
 */
export function covers(row: OnCallRow, at: Instant): boolean {
  const start = row.start === null ? null : parseInstant(row.start);
  const end = row.end === null ? null : parseInstant(row.end);
  const begun = row.start === null || (start !== null && start <= at);
  const notOver = row.end === null || (end !== null && at < end);
  return begun && notOver;
}
