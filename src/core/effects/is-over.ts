import { isPast, MINUTE, plusMs, type Instant } from '../values/instant.ts';
import type { Story } from '../record/story.ts';
import { standingDecision } from './own-review.ts';
import { mayBeRevoked } from './revocation.ts';

/**
 * Whether nothing is expected of a request any more by its entries alone, whatever rules are in force: it has ended, or was left
 * alone, and access that a decision promised to end has run out by itself.
 */
export function isOver(story: Story, now: Instant): boolean {
  const { decided, ended, postponedSince, effects, unlocked } = story;
  if (mayBeRevoked(story, plusMs(now, MINUTE))) return false;
  if (ended === null) {
    if (decided === null) return postponedSince === null;
    return decided.decision.verdict === 'abstain' && effects.size === 0;
  }
  const given = ended.state === 'approved' ? standingDecision(story) : null;
  if (given === null || (given.endsAccess ?? []).length === 0 || unlocked) return true;
  return isPast(given.request.accessExpires, plusMs(now, MINUTE));
}
