import type { Binding, PagerDutyUser } from '../core/identity.ts';
import type { Instant } from '../core/values/instant.ts';

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
export const nothingRemembered: FirstAddresses = {
  compare: () => Promise.resolve('unchanged-address'),
};
