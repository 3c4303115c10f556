import type { Instant } from '../values/instant.ts';
import type { Policy } from '../rule.ts';

/** Where and how people act. */
export interface Where {
  /** Teleport's web address, for instance `teleport.example.com:443`; empty when the cluster has none. */
  readonly proxyPublicAddr: string;
  /** How people resolve requests there: by reviews, or, as in Teleport Community, by setting the state. */
  readonly resolveWith: 'review' | 'state';
}

/** Beside the story itself, what the effects depend on. */
export interface Setting extends Where {
  /** A MAC of the text that fits into an incident's key, the same in every replica: nobody else can foretell it. */
  readonly keyMac: (text: string) => string;
}

export interface Circumstances {
  readonly policy: Policy;
  readonly setting: Setting;
  readonly now: Instant;
}
