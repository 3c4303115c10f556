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
  readonly firstSince?: FirstSince;
}

/** By incidents that are the pages of other requests, which are over: since when the request is the first of those who wait there. */
export type FirstSince = ReadonlyMap<string, Instant>;
