import type { Instant } from '../values/instant.ts';
import type { Policy } from '../rule.ts';

/** Beside the story itself, what the effects depend on. */
export interface Setting {
  /** Teleport's web address, for instance `teleport.example.com:443`; empty when the cluster has none. */
  readonly proxyPublicAddr: string;
  /** How people resolve requests there: by reviews, or, as in Teleport Community, by setting the state. */
  readonly resolveWith: 'review' | 'state';
}

export interface Circumstances {
  readonly policy: Policy;
  readonly setting: Setting;
  readonly now: Instant;
}
