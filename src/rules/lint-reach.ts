import { isInKubernetes } from '../core/resources/resource.ts';
import type { Rule } from '../core/rule.ts';
import { patternsAreWithin } from './implies.ts';
import { about, type Warning } from './warning.ts';

/** Rules that can never do what they are for. */
export function reachWarnings(rule: Rule, rules: readonly Rule[]): readonly Warning[] {
  return [
    ...notPatterns(rule),
    ...neverApproves(rule),
    ...withoutSubResources(rule),
    ...narrowedElsewhere(rule),
    ...glassNeverBreaks(rule, rules),
  ];
}

/** Signs of regular expressions and of Teleport's templates, which no role's name has. */
const OTHER_PATTERN = /\.\*|[\^$()[\]{}|\\+?]/u;

function notPatterns(rule: Rule): Warning[] {
  return [...rule.roles, ...(rule.when.requesterRoles ?? [])]
    .filter((role) => OTHER_PATTERN.test(role))
    .map((role) => ({
      subject: about(rule),
      code: 'not-a-pattern',
      text: `\`${role}\` is written as Teleport writes regular expressions or templates; here \`*\` alone stands for any text and all else for itself, so it stands for no role`,
      remedy: `say \`${asPattern(role)}\`, or name each role`,
    }));
}

function asPattern(role: string): string {
  const plain = role
    .replace(/\{\{.*?\}\}|\[.*?\][+*?]?|\.\*/gu, '*')
    .replace(/[\^$()[\]{}|\\+?]/gu, '')
    .replace(/\*+/gu, '*');
  return plain === '' ? '*' : plain;
}

function neverApproves(rule: Rule): Warning[] {
  const { maxDurationMs } = rule.require;
  if (maxDurationMs !== 0) return [];
  return [
    {
      subject: about(rule),
      code: 'never-approves',
      text: 'no access is as short as `max_duration`, so the rule is never satisfied',
      remedy: 'give `max_duration` a length, for instance 8h',
    },
  ];
}

/** Requests name things in Kubernetes by their sub-resource, and a rule that does not speak of these leaves them to people. */
function withoutSubResources(rule: Rule): Warning[] {
  const { resources } = rule.when;
  if (resources === null || resources.subResources !== undefined) return [];
  const kinds = resources.kinds.filter((kind) => isInKubernetes({ kind }));
  if (kinds.length === 0) return [];
  return [
    {
      subject: about(rule),
      code: 'no-sub-resources',
      text: `it is for ${kinds.map((kind) => `\`${kind}\``).join(', ')} and says no \`sub_resources\`, so it approves nothing that is named by one, such as pod payments/db-0`,
      remedy:
        "say which ones it is for, for instance `sub_resources: ['payments/*']`; `['*']` is all of them",
    },
  ];
}

/** Only some kinds can be asked for narrowed to logins or role ARNs; of all else a rule that names these covers a part at most. */
function narrowedElsewhere(rule: Rule): Warning[] {
  const { resources } = rule.when;
  const narrowed = [
    ['logins', resources?.logins, ['node', 'windows_desktop']],
    ['role_arns', resources?.roleArns, ['app']],
  ] as const;
  return narrowed.flatMap(([key, asked, can]) => {
    const others = (resources?.kinds ?? []).filter((kind) => !can.some((each) => each === kind));
    if (asked === undefined || others.length === 0) return [];
    const kinds = others.map((kind) => `\`${kind}\``).join(', ');
    return [
      {
        subject: about(rule),
        code: 'narrowed-elsewhere',
        text: `it names \`${key}\` for ${kinds}, of which it approves nothing but ${can.join(' or ')}: a database, for instance, cannot be asked for narrowed to them`,
        remedy: `a rule of its own with \`kinds: [${can.join(', ')}]\``,
      },
    ];
  });
}

/** PagerDuty's silence is told by the ordinary rules: a break-glass rule without one beside it hears nothing of it. */
function glassNeverBreaks(rule: Rule, rules: readonly Rule[]): Warning[] {
  if (!rule.breakGlass) return [];
  const ordinary = rules.filter((other) => !other.breakGlass && other.mode === 'enforce');
  const alone = rule.roles.filter(
    (role) => !ordinary.some((other) => patternsAreWithin([role], other.roles)),
  );
  if (alone.length === 0) return [];
  return [
    {
      subject: about(rule),
      code: 'glass-never-breaks',
      text: `no ordinary rule covers all of ${alone.map((role) => `\`${role}\``).join(', ')}, so PagerDuty's silence opens nothing there`,
      remedy: 'cover the role by an ordinary rule too: break glass is for when that one cannot be answered',
    },
  ];
}
