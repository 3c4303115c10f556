import { breakGlassPage } from '../wording/pages.ts';
import { desksOf } from '../rule.ts';
import type { Story } from '../record/story.ts';
import type { EffectContext } from './effect-context.ts';
import type { Effect } from '../record/effect.ts';
import { needsMoreReviews, standingDecision } from './own-review.ts';
import { escalationOf } from './paging-rule.ts';
import { BREAK_GLASS_PAGE } from '../record/effect-keys.ts';
import { breakGlassIncidentKeyOf, isBreakGlassPage } from './incident-keys.ts';

/**
 * The page about broken glass, once our review stands, beside any page that asked people before. It stays open after an approval
 * until somebody has looked at it; nothing here closes it then.
 */
export function openBreakGlassPage(story: Story, { policy, setting, now }: EffectContext): readonly Effect[] {
  // Only an approval lets somebody in by it.
  if (story.ended !== null && story.ended.state !== 'approved') return [];
  // Whatever else is found out since: what was begun is finished.
  const begun = [...story.effects.values()].find(isBreakGlassPage);
  if (begun !== undefined) return [begun.intended];
  const given = standingDecision(story);
  if (given?.decision.breakGlass !== true) return [];
  const escalation = escalationOf(given, policy);
  const [service, ...instead] = escalation === null ? [] : desksOf(escalation, given.request);
  if (escalation === null || service === undefined) return [];
  const stillPending = story.ended === null && needsMoreReviews(story);
  return [
    {
      kind: 'page',
      key: BREAK_GLASS_PAGE,
      service,
      ...(instead.length === 0 ? {} : { instead }),
      urgency: escalation.urgency,
      incidentKey: breakGlassIncidentKeyOf(given, setting),
      ...breakGlassPage(given, setting, stillPending, now),
    },
  ];
}
