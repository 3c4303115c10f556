import type { Instant } from '../values/instant.ts';
import type { Policy } from '../rule.ts';
import type { Where } from '../wording/phrases.ts';

/** Of it nothing changes while the service runs but how requests are resolved. */
export interface Setting extends Where {
  /** A MAC of the text that fits into an incident's key, the same in every replica: nobody else can foretell it. */
  readonly keyMac: (text: string) => string;
}

/** What is due depends on it, beside the story. */
export interface EffectContext {
  readonly policy: Policy;
  readonly setting: Setting;
  readonly now: Instant;
  /** Since when the request is the first of those who wait on the page of another, which is over; null while it is not. */
  readonly firstSince?: Instant | null;
}
