import { expect, it } from 'vitest';
import type { Rule } from '../../src/core/rule.ts';
import type { Settling } from '../../src/core/roster/policies-seen.ts';
import { HOUR } from '../../src/core/values/instant.ts';
import { lint } from '../../src/rules/lint.ts';
import { ruleFor } from '../core/owning.ts';
import { aPolicy, aRule, aWhen, someRequirements, someTargets } from '../support/builders.ts';

const things = (kinds: readonly string[], more: object = {}) =>
  ({ when: { ...aWhen(), resources: { kinds, names: ['*'], ...more } } }) as const;

const inTeam = (name: string) =>
  someTargets({ services: [], teams: { names: [name], settled: { ms: 0 } as Settling } });

/** Rules side by side, each set with what there is to be said of one or two of them. */
const POLICIES: readonly (readonly Partial<Rule>[])[] = [
  [{ roles: ['^prod-.*$'], when: { ...aWhen(), requesterRoles: ['{{external.team}}'] } }],
  [{ roles: ['pro*'], onCall: someTargets({ permanent: true, maxLevel: 3, graceAfterShiftMs: 2 * HOUR }) }],
  [
    {
      onCall: someTargets({ minShiftAgeMs: 0 }),
      approvers: { onCall: someTargets({ minShiftAgeMs: 0 }), answerBy: ['note', 'acknowledge'] },
      require: someRequirements({ reason: false }),
      otherwise: 'leave',
    },
  ],
  [{ require: someRequirements({ maxDurationMs: 0 }) }],
  [things(['pod', 'kube:ns:*', 'db'])],
  [
    things(['db', 'app', 'node'], { logins: ['root'] }),
    { roles: ['other'], ...things(['node'], { roleArns: ['arn'] }) },
  ],
  [{ roles: ['a', 'b'], breakGlass: true }],
  [{}, {}],
  [{}, { require: someRequirements({ maxDurationMs: HOUR }) }],
  [{}, { otherwise: 'deny' }],
  [{}, { onCall: someTargets({ services: ['Search API'] }) }],
  [
    { onCall: someTargets({ services: [], schedules: ['A'] }) },
    { onCall: someTargets({ services: [], schedules: ['B'] }) },
  ],
  [
    ruleFor(
      { label: 'owner', teamLabel: 'team', field: { name: 'f', services: [], teams: [] } },
      { roles: ['a', 'b'] },
    ),
  ],
  [{ onCall: inTeam('A') }, { onCall: inTeam('B') }],
  [ruleFor({})],
];

it('what is said of rules, and what to do about it, is in the words that were read and approved', async () => {
  const sets = POLICIES.map((rules, index) =>
    lint(
      aPolicy({
        rules: rules.map((rule, place) => aRule({ name: `rule-${place + 1}`, ...rule })),
        identities: [
          { kind: 'trait', trait: 'email' },
          { kind: 'map', users: {} },
        ],
        requireSso: index > 0,
      }),
    )
      .map(({ subject, code, text, remedy }) => `${subject} [${code}]: ${text}\n    ${remedy}\n`)
      .join(''),
  );

  await expect(sets.join('\n')).toMatchFileSnapshot('lint-words.txt');
});
