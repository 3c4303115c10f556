import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/commands/run.ts';
import { loadConfig } from '../../src/config/load.ts';
import { digestOfClaims } from '../../src/service/reloading.ts';
import { tryClaims } from '../../src/rules/claims/try-claim.ts';
import { CapturedTerminal } from '../commands/captured-terminal.ts';
import {
  BRIEF,
  ON_CALL,
  configured,
  proving,
  testing,
  PROD,
  OWNER,
  DAYTIME,
  ASKED,
  UNLESS_ON_CALL,
} from './proving.ts';

const EXAMPLE = join(import.meta.dirname, '../../config/oncall-approver.example.yaml');

it('the claims of the example hold, all of them', async () => {
  const { code, text } = await proving(EXAMPLE);

  // As whoever wrote it knows it.
  expect(text).toContain('holds      never: {approve: [db-admin], unless: [{max_duration: 2h}]}\n');
  expect(text).toMatch(/(?<many>\d+) of \k<many> claims hold$/u);
  expect(code).toBe(0);
});

it('a claim that is only written in another way is named by the same digest', () => {
  const digestOf = (claim: string) =>
    digestOfClaims(loadConfig(configured([PROD], [claim]), {}, { offline: true }).claims);

  const digest = digestOf('never: { approve: [prod], unless: [reason] }');

  expect(digestOf('{ "never": { "unless": ["reason"], "approve": ["prod"] } }')).toBe(digest);
  expect(digestOf('never: { approve: [prod], unless: [break_glass] }')).not.toBe(digest);
});

it.each<[string, readonly string[], string]>([
  ['another one listed', ['roles: [prod], on_call: { services: [Payments API, Wiki] }'], UNLESS_ON_CALL],
  [
    'a backup where only the first level is meant',
    ['roles: [prod], on_call: { services: [Payments API], max_level: 2 }'],
    'never: { approve: [prod], unless: [on_call: { services: [Payments API], max_level: 1 }] }',
  ],
  [
    'somebody named in a policy for ever',
    ['roles: [prod], on_call: { services: [Payments API], permanent: true }'],
    'never: { approve: [prod], unless: [on_call: { services: [Payments API], permanent: false }] }',
  ],
  [
    'a shift of a second ago',
    ['roles: [prod], on_call: { services: [Payments API], min_shift_age: 0s }'],
    'never: { approve: [prod], unless: [on_call: { services: [Payments API], min_shift_age: 10m }] }',
  ],
  [
    'a shift that is over',
    ['roles: [prod], on_call: { services: [Payments API], grace_after_shift: 15m }'],
    UNLESS_ON_CALL,
  ],
  ['whoever was asked to help', [`${PROD}, responders: true`], UNLESS_ON_CALL],
  [
    'what the role of the requester says by an annotation',
    ['roles: [prod], on_call: { services: [Payments API], from_annotation: services }'],
    UNLESS_ON_CALL,
  ],
  [
    'a pattern that is wider than was thought',
    [PROD, "roles: ['pr*'], on_call: { services: [Wiki] }"],
    "never: { approve: ['preview'], unless: [on_call: { services: [Payments API] }] }",
  ],
  [
    'contractors of whom nothing more is asked at night',
    [
      PROD,
      `${PROD}, when: { requester_traits: { team: [contractor] }, hours: { time_zone: UTC, spans: [{ from: '08:00', until: '18:00' }] } }, require: { open_incident: true }`,
    ],
    'never: { approve: [prod], when: { requester_traits: { team: [contractor] } }, unless: [open_incident] }',
  ],
  [
    'a stricter rule that was left in shadow',
    [PROD, `${PROD}, require: { reason: true }, mode: shadow`],
    'never: { approve: [prod], unless: [reason] }',
  ],
  ['broken glass', [PROD, 'roles: [prod], break_glass: true'], UNLESS_ON_CALL],
  [
    'access for longer than meant',
    [`${PROD}, require: { max_duration: 4h }`],
    'never: { approve: [prod], unless: [max_duration: 1h] }',
  ],
  ['a rule that is not as dead as was thought', [PROD], 'unreachable: rule-0'],
  ['somebody outside the team', [PROD], 'never: { approve: [prod], unless: [requester_roles: [sres]] }'],
  [
    'another owner than is meant',
    [`roles: [prod], ${OWNER}`],
    'never: { approve: [prod], unless: [on_call: { services: [Payments API] }] }',
  ],
  [
    'the owner by a field of PagerDuty',
    ['roles: [prod], on_call: { owner: { field: f, field_of: { services: [Ledger] }, unowned: Desk } }'],
    'never: { approve: [prod], unless: [on_call: { services: [Payments API] }] }',
  ],
  [
    'the owner by a team',
    ['roles: [prod], on_call: { owner: { team_label: team, unowned: Desk } }'],
    'never: { approve: [prod], unless: [on_call: { teams: [Payments] }] }',
  ],
  [
    'another team than is meant',
    ['roles: [prod], on_call: { teams: [Payments, Search] }'],
    'never: { approve: [prod], unless: [on_call: { teams: [Payments] }] }',
  ],
  [
    'a policy that is new in the team',
    ['roles: [prod], on_call: { teams: [Payments], teams_settled: 1h }'],
    'never: { approve: [prod], unless: [on_call: { teams: [Payments], teams_settled: 1d }] }',
  ],
  [
    'the backup of the owner',
    [`roles: [prod], on_call: { owner: { label: team, unowned: Desk }, max_level: 2 }`],
    'never: { approve: [prod], unless: [on_call: { owner: true, max_level: 1 }] }',
  ],
  ['a local user whom a rule believes', [`roles: [prod], ${ON_CALL}, local_users: [eve]`], UNLESS_ON_CALL],
  [
    'what another rule asks for by day alone',
    [PROD, `${PROD}, when: { hours: ${DAYTIME} }, require: { reason: true }`, BRIEF],
    'never: { approve: [prod], unless: [reason] }',
  ],
  [
    'what another rule asks for of databases alone',
    [PROD, `${PROD}, when: { resources: { kinds: [db] } }, require: { reason: true }`, BRIEF],
    'never: { approve: [prod], unless: [reason] }',
  ],
  [
    'whoever is on call, beside broken glass',
    [PROD, 'roles: [prod], break_glass: true'],
    'never: { approve: [prod], unless: [break_glass] }',
  ],
  [
    'an incident of a service that an annotation names',
    ['roles: [prod], on_call: { from_annotation: services }, require: { open_incident: true }'],
    'never: { approve: [prod], unless: [open_incident] }',
  ],
  [
    'what a rule asks for by an annotation, which is missing',
    [PROD, 'roles: [prod], on_call: { from_annotation: services }, require: { reason: true }'],
    'never: { approve: [prod], unless: [reason] }',
  ],
  [
    'a page that an annotation alone names, which is missing',
    [PROD, 'roles: [prod], notify: { from_annotation: desk }'],
    'never: { approve: [prod] }',
  ],
  [
    'a leaf cluster, of which a rule for everything does not speak',
    [`${PROD}, when: { resources: { clusters: [leaf], kinds: [db] } }`, `${PROD}, require: { reason: true }`],
    'never: { approve: [prod], unless: [reason] }',
  ],
  [
    'help with other incidents than those that excuse',
    [`roles: [prod], on_call: { services: [Wiki], schedules: [Rota] }, responders: true`],
    `never: { approve: [prod], unless: [on_call: { services: [Wiki], schedules: [Rota] }, asked_to_help: { services: [Wiki] }, asked_to_help: { schedules: [Rota] }] }`,
  ],
  [
    'a name with the letter that would stand for a star',
    [
      "roles: ['prod*'], on_call: { services: [Payments API] }",
      'roles: [prodx], on_call: { services: [Payments API] }, require: { reason: true }',
    ],
    "never: { approve: ['prod*'], unless: [reason] }",
  ],
  [
    'nobody is asked of a role that there is broken glass for alone',
    ['roles: [prod], break_glass: true'],
    'always: { person_asked: [prod], when: { pagerduty: unknown }, unless: [break_glass] }',
  ],
  ['nobody is asked of a new role while PagerDuty is silent', [PROD], ASKED.replace('[prod]', "['*']")],
  [
    'nobody is asked of the one role that a rule denies',
    ["roles: ['prod*'], on_call: { services: [Payments API] }", `${PROD}, otherwise: deny`],
    ASKED.replace('[prod]', "['prod*']"),
  ],
  [
    'an owner by a map',
    [
      'roles: [prod], on_call: { owner: { map: [{ kinds: [db], services: [Payments API] }], unowned: Desk } }',
    ],
    'never: { approve: [prod] }',
  ],
  [
    'an owner by the role',
    ['roles: [prod], on_call: { owner: { of_role: { prod: [Payments API] }, unowned: Desk } }'],
    'unreachable: rule-0',
  ],
  [
    'what bears another label',
    [
      PROD,
      `${PROD}, when: { resources: { kinds: [db], labels: { env: ['prod*'] } } }, require: { reason: true }`,
    ],
    'never: { approve: [prod], unless: [reason] }',
  ],
  [
    'patterns that overlap in part',
    ["roles: ['prod-*'], on_call: { services: [Payments API] }"],
    "never: { approve: ['*-admin'], unless: [reason] }",
  ],
  ['nobody is asked while PagerDuty is silent, since one leaves it', [`${PROD}, otherwise: leave`], ASKED],
  ['nobody is asked, since a rule denies what is to start later', [`${PROD}, otherwise: deny`], ASKED],
  ['nobody is asked at night', [`${PROD}, when: { hours: ${DAYTIME} }`], ASKED],
  ['nobody is asked of a role that the pattern leaves out', [PROD], "always: { person_asked: ['*'] }"],
  [
    'nobody is asked of broken glass',
    [PROD, 'roles: [prod], break_glass: true'],
    'always: { person_asked: [prod], when: { pagerduty: unknown } }',
  ],
  ['somebody on call is approved where a person must be asked', [PROD], 'always: { person_asked: [prod] }'],
  ...[
    'kinds: [node]',
    "names: ['ba*']",
    'labels: { env: [prod] }',
    'clusters: [leaf], kinds: [app]',
    "kinds: [pod], sub_resources: ['payments/*']",
  ].map((things): [string, readonly string[], string] => [
    `a thing that is open to more than was thought: ${things}`,
    [
      `${PROD}, when: { resources: { kinds: [node, db], names: ['b*'] } }`,
      `${PROD}, when: { resources: { clusters: ['*'], kinds: [pod, app], sub_resources: ['pay*'] } }`,
    ],
    `never: { approve: [prod], when: { resources: { ${things} } } }`,
  ]),
  ...[
    ["kinds: [namespace], sub_resources: ['*']", 'kinds: [pod], sub_resources: [kube-system/x]'],
    ['kinds: [kube_cluster]', 'kinds: [namespace], sub_resources: [kube-system]'],
    ['kinds: [node]', 'kinds: [node], logins: [root]'],
    ['kinds: [db]', 'kinds: [db], labels: { env: [prod] }'],
    ["clusters: ['*'], kinds: [db]", 'clusters: [leaf], kinds: [db]'],
    ["clusters: ['*'], kinds: [db]", 'leaf_clusters: true'],
    ['clusters: [root, other], kinds: [db]', 'leaf_clusters: true, kinds: [db]'],
  ].map(([scope, things]): [string, readonly string[], string] => [
    `what holds more than was thought: ${things}`,
    [`${PROD}, when: { resources: { ${scope} } }`],
    `never: { approve: ['*'], when: { resources: { ${things} } } }`,
  ]),
  [
    'another owner by the map than was thought',
    [
      'roles: [prod], on_call: { owner: { map: [{ kinds: [db], names: [a], services: [Payments API] }], unowned: Desk } }',
    ],
    "never: { approve: [prod], when: { resources: { names: ['*'] } }, unless: [on_call: { services: [Desk] }] }",
  ],
  [
    'nobody is asked of other things than was thought',
    [`${PROD}, when: { resources: { kinds: [db] } }`],
    "always: { person_asked: [prod], when: { pagerduty: unknown, resources: { names: ['a*'] } } }",
  ],
  ...['urgency: low, requester: assigned', 'requester: acknowledged', 'requester: responder'].map(
    (incident): [string, readonly string[], string] => [
      `another incident than a grave one: ${incident}`,
      [`${PROD}, require: { open_incident: { ${incident} } }`],
      'never: { approve: [prod] }',
    ],
  ),
  ['somebody by day', [`${PROD}, when: { hours: ${DAYTIME} }`], 'never: { approve: [prod] }'],
  [
    'an owner by the second line of a map',
    [
      'roles: [prod], on_call: { owner: { map: [{ kinds: [app], services: [Wiki] }, { kinds: [db], services: [Payments API] }], unowned: Desk } }',
    ],
    'never: { approve: [prod], when: { resources: { kinds: [db] } }, unless: [on_call: { services: [Wiki] }] }',
  ],
])('rules that break what they claim %s: shown by a case that fails', async (_kind, rules, claim) => {
  const config = configured(rules, [claim]);

  const { code, text } = await proving(config);

  expect(text).toContain('BROKEN');
  expect(code).toBe(1);
  expect(await testing(config, text)).toMatch(
    /^1 FAIL[^]*expected {2}escalate[^]*found {5}(?:approve|deny|abstain)[^]*0 of 1 cases pass/u,
  );
  const { claims, policy } = loadConfig(config, {}, { offline: true });
  expect(tryClaims(claims, policy).map(({ state }) => state)).toEqual(['possible']);
});

describe('a service whose rules break a claim', () => {
  it('does not start', async () => {
    const config = configured([PROD], ['never: { approve: [prod] }']);
    writeFileSync(join(config, '../identity'), '');
    const signals = { stop: new AbortController().signal, onHangUp: () => undefined };
    const terminal = new CapturedTerminal({ KEY: 'a-key' });

    await expect(run(config, terminal, signals)).rejects.toThrow(/not proven to keep what it claims/u);
  });
});
