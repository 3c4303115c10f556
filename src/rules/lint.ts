import type { Policy, Rule } from '../core/rule.ts';
import { breadthWarnings, identityWarnings } from './lint-breadth.ts';
import { overlapWarnings } from './lint-overlap.ts';
import { reachWarnings } from './lint-reach.ts';
import { tryClaim } from './claims/try-claim.ts';
import { about, type Warning } from './warning.ts';
import { matchesAny } from '../core/values/pattern.ts';
import { listed } from '../core/values/words.ts';

/** Everything that a careful reader of the rules would ask about, in their order. */
export function lint(policy: Policy): readonly Warning[] {
  const { rules } = policy;
  return [
    ...identityWarnings(policy),
    ...rules.flatMap((rule) => [
      ...reachWarnings(rule, rules),
      ...outvoted(rule, policy),
      ...overlapWarnings(rule, rules),
      ...breadthWarnings(rule),
      ...ownerWarnings(rule),
    ]),
  ];
}

/** A claim that needs not be made: what is in force approves somebody. */
function outvoted(rule: Rule, policy: Policy): readonly Warning[] {
  if (rule.mode === 'shadow' || rule.notifies === true) return [];
  if (tryClaim({ written: { unreachable: rule.name } }, policy).state !== 'holds') return [];
  return [
    {
      subject: about(rule),
      code: 'never-approves',
      text: 'whatever it would approve another rule covers as well, and never approves together with it',
      remedy: 'take it away, or narrow the other rule by `when`',
    },
  ];
}

/** Rules by owners: what has none, and who could choose theirs. */
function ownerWarnings(rule: Rule): readonly Warning[] {
  const { owner } = rule.onCall;
  if (owner === undefined || rule.breakGlass) return [];
  const { resources } = rule.when;
  const bare = resources === null ? rule.roles.filter((role) => !Object.hasOwn(owner.ofRole, role)) : [];
  const labels = [owner.label, owner.teamLabel].filter((each) => each !== undefined);
  const shown = [
    ...labels.map((each) => `label \`${each}\``),
    ...(owner.field === undefined ? [] : ['every label']),
  ];
  const ofHosts = shown.length > 0 && (resources === null || matchesAny(resources.kinds, 'node'));
  const subject = about(rule);
  return [
    ...(bare.length === 0
      ? []
      : [
          {
            ...{ subject, code: 'owner-of-role' as const },
            text: `${listed(bare.map((role) => `\`${role}\``))} may be asked for without resources, and then everything that it gives has no owner and goes to a person`,
            remedy:
              'name the owner of all of it under `owner.of_role`, or let the role be asked for by resource alone (`search_as_roles` in place of `request.roles`)',
          },
        ]),
    ...(ofHosts
      ? [
          {
            ...{ subject, code: 'owner-by-host' as const },
            text: `${listed(shown, 'and')} of a node comes from its own configuration: whoever configures a host, or may \`update\` resources in Teleport, says who is let in there and who is asked`,
            remedy:
              'have `map` name the owners of nodes in a rule of their own, or let no requester configure hosts that are not theirs',
          },
        ]
      : []),
  ];
}
