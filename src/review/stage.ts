import type { Effect } from '../core/record/effect.ts';

/**
 * What a request is handled for. A decision and its review need a shared read of PagerDuty at most; pages and everything after
 * them wait for PagerDuty's rate limit. So each stage has places of its own, and no decision waits behind a page.
 */
export type Stage = 'decision' | 'page' | 'follow-up';

/** Reviews on behalf and locks come with what was heard since the decision, so they belong where it is heard. */
export function stageOf({ kind }: Effect): Stage {
  if (kind === 'review') return 'decision';
  return kind === 'page' ? 'page' : 'follow-up';
}
