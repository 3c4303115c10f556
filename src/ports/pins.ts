import type { Target } from '../core/rule.ts';
import type { Instant } from '../core/values/instant.ts';
import type { FirstAddresses } from './first-addresses.ts';

/** Which PagerDuty id each name in rules and annotations first led to: names are given and taken there by many. */
export interface Pins {
  /**
   * The id that the name led to when it was first looked up; `id`, which is written down as seen `now`, where it never was. Null where
   * the record of it is not the service's own. Throws LedgerUnavailableError.
   */
  first(target: Target, id: string, now: Instant): Promise<string | null>;
}

/** What was seen first of people and of names. */
export interface FirstSights {
  readonly addresses: FirstAddresses;
  readonly pins: Pins;
}

/** For commands that look without a ledger: every name is looked up for the first time. */
export const nothingPinned: Pins = {
  first: (_target, id) => Promise.resolve(id),
};
