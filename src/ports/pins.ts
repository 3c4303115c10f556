import type { Named } from '../core/roster/pin.ts';
import type { Instant } from '../core/values/instant.ts';
import type { Binding, PagerDutyUser } from '../core/identity.ts';

/** Which PagerDuty id each name in rules and annotations first led to: names are given and taken there by many. */
export interface Pins {
  /**
   * The id that the name led to when it was first looked up; `id`, which is written down as seen `now`, where it never was. Null where
   * the record of it is not the service's own. Throws LedgerUnavailableError.
   */
  first(target: Named, id: string, now: Instant): Promise<string | null>;
}

/** What was seen first of people and of names. */
export interface FirstSights {
  readonly addresses: FirstAddresses;
  readonly pins: Pins;
}

/** For commands that look without a ledger: every name is looked up for the first time. */
export const nothingPinned: Pins = { first: (_target, id) => Promise.resolve(id) };

export type AddressBinding = Exclude<Binding, 'id'>;

/** Which e-mail address each PagerDuty user had when this service first saw them: PagerDuty lets everybody change their own. */
export interface FirstAddresses {
  /**
   * Whether the user's address is the one that was first seen at this id; the first one is written down as seen `now`. Addresses that
   * differ in case only are the same; unknown where the record of it is not the service's own. Throws LedgerUnavailableError.
   */
  compare(user: PagerDutyUser, now: Instant): Promise<AddressBinding>;
}

/** For commands that look without a ledger: every address is taken for the first one. */
export const nothingRemembered: FirstAddresses = { compare: () => Promise.resolve('unchanged-address') };
