import type { Policy } from '../core/rule.ts';
import { matchesPattern } from '../core/values/pattern.ts';
import { sanitise } from '../core/values/words.ts';
import { TeleportError, type AutomaticReviewRule, type TeleportAdmin } from '../ports/teleport.ts';
import { ok, warning, type Finding } from './finding.ts';

const SUBJECT = 'teleport access monitoring rules';

/** Who else decides without asking anybody: Teleport's own rules go past ours, or stop what ours approve. */
export async function checkAutomaticReviews(
  admin: TeleportAdmin,
  policy: Policy,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  let rules: readonly AutomaticReviewRule[];
  try {
    rules = await admin.automaticReviewRules(signal);
  } catch (error) {
    if (!(error instanceof TeleportError) || error.kind !== 'denied') throw error;
    const text =
      'it is unknown whether Teleport approves or denies by access monitoring rules of its own: add to the role of the service `rules: [{resources: [access_monitoring_rule], verbs: [list, read]}]`';
    return [warning(SUBJECT, text)];
  }
  const covering = rules.filter(({ condition }) => mayCover(condition, policy));
  if (covering.length > 0) return covering.map(told);
  const others = rules.length === 0 ? '' : `; ${rules.length} do for other roles`;
  const text = `no access monitoring rule of Teleport reviews requests for the roles of the rules${others}`;
  return [ok(SUBJECT, text)];
}

/**
 * Whether the condition may hold for a request that our rules are about. It is a program, which is not run here: one that names
 * roles covers what these are, any other covers all.
 */
function mayCover(condition: string, { rules }: Policy): boolean {
  const named = [...condition.matchAll(/"((?:[^"\\]|\\.)*)"/gu)].map(([, text = '']) => text);
  if (!condition.includes('spec.roles') || named.length === 0) return true;
  const ours = rules.flatMap(({ roles }) => roles);
  return named.some((role) =>
    ours.some((pattern) => matchesPattern(pattern, role) || matchesPattern(role, pattern)),
  );
}

function told({ name, decision, condition, integration }: AutomaticReviewRule): Finding {
  const by = integration === 'builtin' ? 'Teleport' : `the plugin \`${sanitise(integration, 100)}\``;
  const effect =
    decision === 'APPROVED'
      ? 'may approve such requests before anybody is asked, whoever is on call'
      : 'may deny what the rules approve';
  const text = `by the access monitoring rule \`${sanitise(name, 100)}\` ${by} reviews by itself (${sanitise(decision, 20)}) where \`${sanitise(condition, 300)}\`: it ${effect}. Take it out with \`tctl rm access_monitoring_rule/${sanitise(name, 100)}\`, or keep its condition off the roles of the rules`;
  return warning(SUBJECT, text);
}
