import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintRules } from '../../src/commands/rules/lint.ts';
import { HOUR } from '../../src/core/values/instant.ts';
import type { Policy, Rule } from '../../src/core/rule.ts';
import { lint } from '../../src/rules/lint.ts';
import { anEscalation, aPolicy, aRule, someTargets } from '../support/builders.ts';
import { CapturedTerminal } from '../commands/captured-terminal.ts';

const EXAMPLE = join(import.meta.dirname, '../../config/oncall-approver.example.yaml');
const { when: ALWAYS, require: REASON } = aRule();

/** The whole of `prodaccess` is Payments'; labels name the owners of what is in it. */
const byOwner = someTargets({
  services: [],
  owner: {
    label: 'owner',
    map: [],
    ofRole: { prodaccess: ['Payments API'] },
    unowned: 'Platform',
    settledMs: 0,
  },
});

/** `subject code` of each warning of a policy with these rules. */
function warningsOf(rules: readonly Rule[], policy: Partial<Policy> = {}): readonly string[] {
  return lint(aPolicy({ rules, ...policy })).map(({ subject, code }) => `${subject} ${code}`);
}

/** The warnings of one rule, by their codes. */
function codesOf(rule: Partial<Rule>): readonly string[] {
  return lint(aPolicy({ rules: [aRule(rule)] })).map(({ code }) => code);
}

/** Break glass for few, for a short time, beside an ordinary rule. */
const GLASS = aRule({
  name: 'glass',
  breakGlass: true,
  when: { ...ALWAYS, requesterRoles: ['sres'] },
  require: { ...REASON, maxDurationMs: HOUR },
});

it('a rule that is as it should be is not warned of, and neither is the example', async () => {
  const terminal = new CapturedTerminal();

  expect(warningsOf([aRule(), GLASS])).toEqual([]);
  expect(await lintRules({ config: EXAMPLE, strict: true }, terminal)).toBe(0);
  expect(terminal.lines).toEqual(['8 rules, no warnings']);
});

describe('a rule that lets in more than its author may think', () => {
  it.each<[string, Partial<Rule>, string]>([
    [
      'owners of all but the role itself, told by nodes',
      { roles: ['prodaccess', 'other'], onCall: byOwner },
      'owner-of-role,owner-by-host',
    ],
    [
      'owners of nodes by their labels',
      { onCall: byOwner, when: { ...ALWAYS, resources: { kinds: ['node'], names: ['*'] } } },
      'owner-by-host',
    ],
    ['a short prefix', { roles: ['pro*'] }, 'short-pattern'],
    ['a short ending', { roles: ['*db'] }, 'short-pattern'],
    ['people on call for ever', { onCall: someTargets({ permanent: true }) }, 'permanent'],
    ['backups of backups', { onCall: someTargets({ maxLevel: 3 }) }, 'high-level'],
    ['a grace of hours', { onCall: someTargets({ graceAfterShiftMs: 2 * HOUR }) }, 'long-grace'],
    ['shifts of any age', { onCall: someTargets({ minShiftAgeMs: 0 }) }, 'no-shift-age'],
    [
      'approvers of any age',
      { approvers: { onCall: someTargets({ minShiftAgeMs: 0 }), answerBy: ['note'] } },
      'no-shift-age',
    ],
    ['acknowledging', { approvers: { onCall: null, answerBy: ['note', 'acknowledge'] } }, 'acknowledged'],
    ['access without a reason', { require: { ...REASON, reason: false } }, 'no-reason'],
    ['requests that nobody hears of', { otherwise: 'leave', escalate: null }, 'silent'],
  ])('is told so: %s', (_what, rule, code) => {
    expect(codesOf(rule)).toEqual(code.split(','));
  });

  it.each<[string, Partial<Rule>]>([
    ['a long prefix', { roles: ['prod*'] }],
    ['a short name', { roles: ['db'] }],
    ['the first backup', { onCall: someTargets({ maxLevel: 2 }) }],
    ['a grace of an hour', { onCall: someTargets({ graceAfterShiftMs: HOUR }) }],
  ])('but not for %s', (_what, rule) => {
    expect(codesOf(rule)).toEqual([]);
  });

  it('is told when local users could pose as whoever is on call', () => {
    const byName = { identities: [{ kind: 'username-is-email' as const }] };

    expect(warningsOf([aRule()], { ...byName, requireSso: false })).toEqual(['identities local-users']);
    expect(warningsOf([aRule()], { ...byName, requireSso: true })).toEqual([]);
    expect(
      warningsOf([aRule()], { identities: [{ kind: 'trait', trait: 'email' }], requireSso: false }),
    ).toEqual(['identities local-users']);
    expect(warningsOf([aRule()], { identities: [{ kind: 'map', users: {} }], requireSso: false })).toEqual(
      [],
    );
  });

  it('is told of glass that everybody may break, for as long as they like', () => {
    const glass = aRule({ name: 'glass', breakGlass: true });

    expect(warningsOf([aRule(), glass])).toEqual(['rule glass open-glass', 'rule glass long-glass']);
  });
});

describe('a rule that does less than it seems to', () => {
  it('is told when it can never approve', () => {
    expect(codesOf({ require: { ...REASON, maxDurationMs: 0 } })).toEqual(['never-approves']);
    const asks = { notifies: true, escalate: anEscalation() } as const;
    expect(warningsOf([aRule(), aRule({ name: 'asks', ...asks })])).toEqual([
      'rule prod-oncall never-approves',
    ]);
    expect(warningsOf([aRule(), aRule({ name: 'asks', ...asks, mode: 'shadow' })])).toEqual([]);
  });

  it.each([
    ['^prod-.*$', 'prod-*'],
    ['{{external.team}}-prod', '*-prod'],
    ['prod-[a-z]+', 'prod-*'],
    ['prod-.*', 'prod-*'],
    ['^$', '*'],
  ])('is told when it writes roles as Teleport writes patterns: %s', (role, remedy) => {
    const warned = lint(aPolicy({ rules: [aRule({ roles: [role] })] }));

    expect(warned.find(({ code }) => code === 'not-a-pattern')?.remedy).toBe(
      `say \`${remedy}\`, or name each role`,
    );
    expect(codesOf({ when: { ...ALWAYS, requesterRoles: [role] } })).toEqual(['not-a-pattern']);
  });

  it.each([
    [['*'], { logins: ['readonly'] }, ['narrowed-elsewhere']],
    [['node', 'windows_desktop'], { logins: ['readonly'] }, []],
    [['node'], { roleArns: ['arn:1'] }, ['narrowed-elsewhere']],
    [['app'], { roleArns: ['arn:1'] }, []],
  ])('is told when it narrows what cannot be asked for narrowed: %j to %j', (kinds, narrowed, codes) => {
    expect(codesOf({ when: { ...ALWAYS, resources: { kinds, names: ['*'], ...narrowed } } })).toEqual(codes);
  });

  it.each([
    [['pod'], undefined, ['no-sub-resources']],
    [['node', 'kube:ns:*'], undefined, ['no-sub-resources']],
    [['pod'], ['payments/*'], []],
    [['node', 'kube_cluster', '*'], undefined, []],
  ])(
    'is told when it names things in Kubernetes and not which: kinds %j, sub-resources %j',
    (kinds, of, codes) => {
      const resources = { kinds, names: ['*'], ...(of === undefined ? {} : { subResources: of }) };

      expect(codesOf({ when: { ...ALWAYS, resources } })).toEqual(codes);
    },
  );

  it('is told when no ordinary rule stands beside its glass', () => {
    expect(warningsOf([aRule({ roles: ['other'] }), GLASS])).toEqual(['rule glass glass-never-breaks']);
    expect(warningsOf([aRule({ mode: 'shadow' }), GLASS])).toEqual(['rule glass glass-never-breaks']);
    expect(warningsOf([aRule({ roles: ['prod*'] }), GLASS])).toEqual([]);
  });

  it('is told when another covers the same and asks for more', () => {
    const lax = aRule({ name: 'lax' });
    const strict: [string, Partial<Rule>][] = [
      ['a higher bar of duration', { require: { ...REASON, maxDurationMs: HOUR } }],
      ['an incident', { require: { ...REASON, openIncident: { urgency: null, involvement: 'any' } } }],
      ['an older shift', { onCall: someTargets({ minShiftAgeMs: HOUR }) }],
      ['more roles', { roles: ['prod*'], onCall: someTargets({ minShiftAgeMs: HOUR }) }],
    ];

    for (const [, more] of strict) {
      expect(warningsOf([lax, aRule({ name: 'strict', ...more })])).toEqual(['rule lax redundant']);
    }
  });

  it('is told when another denies whoever it would send to people', () => {
    const denying = aRule({ name: 'strict', otherwise: 'deny' });

    expect(warningsOf([aRule({ name: 'lax' }), denying])).toEqual(['rule lax shadowed']);
  });

  it('is told once of two that say the same', () => {
    expect(warningsOf([aRule({ name: 'one' }), aRule({ name: 'two' })])).toEqual(['rule two identical']);
  });

  it('is told when the requester would have to be on call in two places', () => {
    const search = aRule({ name: 'search', onCall: someTargets({ services: ['Search API'] }) });

    expect(warningsOf([aRule({ name: 'payments' }), search])).toEqual(['rule payments both-needed']);
    expect(
      warningsOf([
        aRule({ name: 'payments' }),
        { ...search, when: { ...ALWAYS, requesterRoles: ['searchers'] } },
      ]),
    ).toEqual(['rule search both-needed']);
  });

  it('is not told of one that covers other requests', () => {
    const strict = aRule({ name: 'strict', require: { ...REASON, maxDurationMs: HOUR } });
    const hours = { timeZone: 'Europe/Berlin', spans: [{ days: ['mon' as const], from: 0, until: 60 }] };
    const narrower: Partial<Rule>[] = [
      { roles: ['other'] },
      { when: { ...ALWAYS, requesterRoles: ['sres'] } },
      { when: { ...ALWAYS, requesterTraits: { team: ['payments'] } } },
      { when: { ...ALWAYS, resources: { kinds: ['db'], names: ['*'] } } },
      { when: { ...ALWAYS, hours } },
      { onCall: someTargets({ services: [], fromAnnotation: 'pagerduty_services' }) },
      { mode: 'shadow' },
      { breakGlass: true, when: { ...ALWAYS, requesterRoles: ['sres'] }, escalate: anEscalation() },
    ];

    for (const changed of narrower)
      expect(warningsOf([aRule({ name: 'lax' }), { ...strict, ...changed }])).toEqual([]);
  });

  it('is not told of one by owners, or for things with other labels', () => {
    const resources = { kinds: ['db'], names: ['*'] };
    const owned = { ...aRule({ name: 'owned', onCall: byOwner }), when: { ...ALWAYS, resources } };
    const other = { ...byOwner.owner, label: 'team' };
    const lax = aRule({ name: 'lax', when: owned.when });
    const labels = { ...ALWAYS, resources: { ...resources, labels: { env: ['prod'] } } };

    for (const beside of [
      { ...lax, onCall: { ...byOwner, owner: other }, name: 'by team' } as Rule,
      lax,
      { ...owned, name: 'prod', when: labels, require: { ...REASON, maxDurationMs: HOUR } },
    ])
      expect(warningsOf([owned, beside])).toEqual([]);
    expect(warningsOf([owned, { ...owned, name: 'twin' }])).toEqual(['rule twin identical']);
  });

  it('is told where both have the same bounds, and where the other’s are wider', () => {
    const bounds = {
      ...ALWAYS,
      requesterRoles: ['sre-payments'],
      requesterTraits: { team: ['payments'], site: ['fra'] },
      resources: { kinds: ['db'], names: ['payments-*'] },
    };
    const wider = {
      ...ALWAYS,
      requesterRoles: ['sre-*'],
      requesterTraits: { team: ['payments', 'search'] },
      resources: { kinds: ['*'], names: ['pay*'] },
    };
    const strict = { name: 'strict', require: { ...REASON, maxDurationMs: HOUR } };

    expect(warningsOf([aRule({ name: 'lax', when: bounds }), aRule({ ...strict, when: wider })])).toEqual([
      'rule lax redundant',
    ]);
    expect(warningsOf([aRule({ name: 'lax', when: wider }), aRule({ ...strict, when: bounds })])).toEqual([]);
  });

  it('is left alone where it ends the access with the shift and the other does not', () => {
    const ending = aRule({ name: 'lax', accessEnd: { withShift: true, warnBeforeMs: null } });

    expect(
      warningsOf([ending, aRule({ name: 'strict', onCall: someTargets({ minShiftAgeMs: 1 }) })]),
    ).toEqual([]);
  });
});

describe('`rules lint`', () => {
  it('says each warning with its remedy, and fails for it only when asked to', async () => {
    const terminal = new CapturedTerminal();
    const config = join(import.meta.dirname, 'broad.yaml');

    expect(await lintRules({ config }, terminal)).toBe(0);
    expect(await lintRules({ config, strict: true }, terminal)).toBe(1);
    expect(terminal.lines.slice(0, 3)).toEqual([
      'warn  rule anybody: `p*` also covers roles that somebody may add later without thinking of this rule [short-pattern]',
      '      name the roles, or a longer part of their names',
      '1 rule, 1 warning',
    ]);
  });
});
