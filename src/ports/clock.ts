import type { Instant } from '../core/values/instant.ts';

/** This machine's time. Who is on call is judged by PagerDuty's time instead. */
export interface Clock {
  readonly now: () => Instant;
}
