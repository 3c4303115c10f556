import { describe, expect, it } from 'vitest';
import {
  configured,
  proving,
  testing,
  PROD,
  OWNER,
  DAYTIME,
  SAME,
  YOUNG,
  ASKED,
  ON_CALL,
} from './proving.ts';

describe('rules that keep what they claim', () => {
  it.each<[string, readonly string[], string, (readonly string[])?]>([
    [
      'a reason, also of local users',
      [`roles: [prod], ${ON_CALL}, require: { reason: true }, local_users: [eve]`],
      'never: { approve: [prod], unless: [reason] }',
    ],
    [
      'a reason, for which a rule by owners asks beside another one',
      [PROD, `roles: [prod], ${OWNER}, require: { reason: true }`],
      'never: { approve: [prod], unless: [reason] }',
    ],
    [
      'whoever is on call, but for broken glass',
      [PROD, 'roles: [prod], break_glass: true'],
      `never: { approve: [prod], unless: [${ON_CALL}, break_glass] }`,
    ],
    [
      'the owner, by a label',
      [`roles: [prod], ${OWNER}, responders: true`],
      'never: { approve: [prod], unless: [on_call: { owner: true }, asked_to_help: { owner: true }] }',
    ],
    [
      'the owner, by a field or a team',
      [
        'roles: [prod], on_call: { owner: { team_label: team, field: f, field_of: { teams: [Payments] }, unowned: Desk } }',
      ],
      'never: { approve: [prod], unless: [on_call: { owner: true }] }',
    ],
    [
      'a team',
      ['roles: [prod], on_call: { teams: [Payments] }'],
      'never: { approve: [prod], unless: [on_call: { teams: [Payments], teams_settled: 1d }] }',
    ],
    [
      'an incident of the owner',
      [`roles: [prod], ${OWNER}, require: { open_incident: true }`],
      "never: { approve: ['*'], unless: [open_incident] }",
    ],
    [
      'a rule for the same things beside it',
      [
        `${PROD}, when: { resources: { kinds: [db], labels: { env: [prod] } } }`,
        `${PROD}, when: { resources: { kinds: [db], labels: { env: [prod] } } }, require: { reason: true }`,
      ],
      'never: { approve: [prod], unless: [reason] }',
    ],
    [
      'things of another kind, cluster or namespace, or with another label',
      [
        `${PROD}, when: { resources: { kinds: [db], names: ['a*', 'b*'], labels: { env: [dev] } } }`,
        `${PROD}, when: { resources: { kinds: [pod], sub_resources: ['payments/*'] } }`,
        `${PROD}, when: { resources: { clusters: [leaf], kinds: [app] } }`,
      ],
      [
        'kinds: [db], names: [c]',
        'kinds: [node]',
        "kinds: [db], labels: { env: ['prod*'] }",
        "kinds: [pod], sub_resources: ['ledger/*']",
        'clusters: [root], kinds: [app]',
      ]
        .map((things) => `never: { approve: [prod], when: { resources: { ${things} } } }`)
        .join('\n  - '),
    ],
    [
      'nothing of a leaf cluster, of which no rule for these things speaks',
      [
        PROD,
        `${PROD}, when: { resources: { kinds: [db] } }`,
        `${PROD}, when: { resources: { clusters: ['*'], kinds: [app] } }`,
        `${PROD}, when: { resources: { clusters: [leaf], kinds: [node] } }`,
      ],
      ['leaf_clusters: true, kinds: [db, pod]', 'leaf_clusters: true, clusters: [other], kinds: [node, db]']
        .map((things) => `never: { approve: [prod], when: { resources: { ${things} } } }`)
        .join('\n  - '),
    ],
    [
      'a reason for some things, for which a rule asks that is for more',
      [PROD, `${PROD}, when: { resources: { kinds: [db, app], names: ['a*'] } }, require: { reason: true }`],
      "never: { approve: [prod], when: { resources: { kinds: [db], names: ['ab*', ac] } }, unless: [reason] }",
    ],
    [
      'the owner by the map, and no other',
      [
        "roles: [prod], on_call: { owner: { map: [{ names: ['led*'], services: [Ledger] }, { kinds: [app], services: [Wiki] }], unowned: Desk } }",
      ],
      "never: { approve: ['*'], when: { resources: { kinds: [db], names: ['ledger-*'] } }, unless: [on_call: { services: [Ledger] }] }",
    ],
    [
      'the owner by the label, and no other',
      [`roles: [prod], ${OWNER}`],
      'never: { approve: [prod], when: { resources: { kinds: [db], labels: { team: [Ledger] } } }, unless: [on_call: { services: [Ledger] }] }',
    ],
    [
      'a person, of one thing',
      [PROD, 'roles: [prod], when: { resources: { names: [root] } }, notify: { service: Desk }'],
      'always: { person_asked: [prod], when: { resources: { kinds: [db], names: [root] } } }',
    ],
    ['a person, while PagerDuty is silent', [PROD, `${PROD}, otherwise: leave`], ASKED],
    [
      'a person, but for broken glass',
      [PROD, 'roles: [prod], break_glass: true'],
      'always: { person_asked: [prod], unless: [break_glass], when: { pagerduty: unknown } }',
    ],
    [
      'a person, whoever is on call',
      ['roles: [root], notify: { service: Desk }', `roles: [root], ${ON_CALL}`],
      'always: { person_asked: [root] }',
    ],
    ['the same, reordered', [PROD, `roles: [dev], ${ON_CALL}`], SAME, [`roles: [dev, prod], ${ON_CALL}`]],
    ['the same, by a rule that adds nothing', [PROD, `${PROD}, when: { hours: ${DAYTIME} }`], SAME, [PROD]],
    [
      'the same, by what two rules ask for together',
      [
        `${PROD}, when: { requester_traits: { a: [x] } }, require: { reason: true }`,
        `${PROD}, when: { requester_roles: [a] }, require: { max_duration: 1h }`,
        `${PROD}, when: { requester_roles: [a, b], requester_traits: { a: [x, y] } }, require: { reason: true, max_duration: 2h }`,
      ],
      SAME,
      [
        `${PROD}, when: { requester_traits: { a: [x] } }, require: { reason: true }`,
        `${PROD}, when: { requester_roles: [a] }, require: { max_duration: 1h }`,
        `${PROD}, when: { requester_roles: [a, b], requester_traits: { a: [x, y] } }, require: { reason: true, max_duration: 2h }, otherwise: deny`,
      ],
    ],
    [
      'the same, by a rule for some of the things, which adds nothing',
      [
        `${PROD}, when: { resources: { kinds: [db, app], names: ['a*'] } }`,
        `${PROD}, when: { resources: { kinds: [db], names: ['ab*', ac], labels: { env: [prod] } } }`,
      ],
      SAME,
      [`${PROD}, when: { resources: { kinds: [db, app], names: ['a*'] } }`],
    ],
    [
      'the same, by a rule for each team, kind, name, role of the requester and half of the day',
      [
        `${PROD}, when: { requester_roles: [a, b], requester_traits: { team: [x, y] }, resources: { kinds: [db, app], names: ['p*', q] }, hours: ${DAYTIME} }`,
      ],
      SAME,
      ['a', 'b'].flatMap((role) =>
        ['x', 'y'].flatMap((team) =>
          ['db', 'app'].flatMap((kind) =>
            ["'p*'", 'q'].flatMap((name) =>
              [
                ['08:00', '12:00'],
                ['12:00', '18:00'],
              ].map(
                ([from, until]) =>
                  `${PROD}, when: { requester_roles: [${role}], requester_traits: { team: [${team}] }, resources: { kinds: [${kind}], names: [${name}] }, hours: { time_zone: UTC, spans: [{ from: '${from}', until: '${until}' }] } }`,
              ),
            ),
          ),
        ),
      ),
    ],
    [
      'the same, for patterns that overlap',
      ["roles: ['prod-*', '*-admin'], on_call: { services: [Payments API] }"],
      SAME,
      [
        "roles: ['prod-*'], on_call: { services: [Payments API] }",
        "roles: ['*-admin'], on_call: { services: [Payments API] }",
      ],
    ],
    [
      'the same, but for who is let in on purpose',
      [PROD, 'roles: [dev], on_call: { services: [Wiki] }'],
      'same_as: { file: old.yaml, gains: [dev] }',
      [PROD],
    ],
    ...[
      `hours: ${DAYTIME}`,
      'requester_roles: [a]',
      'requester_traits: { team: [a] }',
      'resources: { kinds: [db] }',
    ].map((some): [string, readonly string[], string, readonly string[]] => [
      `no more than before, where some must give more: ${some}`,
      [PROD, `${PROD}, when: { ${some} }, require: { reason: true, max_duration: 1h }`],
      'same_as: { file: old.yaml, losses: [prod] }',
      [PROD, `${PROD}, when: { ${some} }, require: { reason: true }`],
    ]),
    [
      'two things that do not contradict each other',
      [`${PROD}, require: { reason: true }`],
      `never: { approve: [prod], unless: [reason] }\n  - ${SAME}`,
    ],
    [
      'the same, with the glass as it was',
      [PROD, 'roles: [prod], break_glass: true'],
      SAME,
      ['roles: [prod], break_glass: true', PROD],
    ],
  ])('%s', async (_kind, rules, claim, before) => {
    expect(await proving(configured(rules, [claim], before))).toEqual({
      code: 0,
      text: expect.stringMatching(/(\d) of \1 claims hold$/u) as string,
    });
  });
});

it.each<[string, readonly string[], readonly string[]]>([
  ['a younger shift counts', [`roles: [prod], ${YOUNG}`], [PROD]],
  ['no reason is asked for', [PROD], [`${PROD}, require: { reason: true }`]],
  ['it is longer', [`${PROD}, require: { max_duration: 8h }`], [`${PROD}, require: { max_duration: 1h }`]],
  [
    'a page is named by an annotation alone, which may be missing',
    [PROD, 'roles: [prod], notify: { from_annotation: desk }'],
    [PROD, 'roles: [prod], notify: { service: Desk }'],
  ],
  ['no incident is asked for', [PROD], [`${PROD}, require: { open_incident: true }`]],
  ['another service counts', ['roles: [prod], on_call: { services: [Wiki] }'], [PROD]],
  ['a local user is believed', [`${PROD}, local_users: [eve]`], [PROD]],
  ['others are in a leaf', [`${PROD}, when: { resources: { clusters: [leaf], kinds: [db] } }`], [PROD]],
  ['other roles', [`${PROD}, when: { requester_roles: [a] }`], [`${PROD}, when: { requester_roles: [b] }`]],
  ['owners by another', [`roles: [prod], ${OWNER}`], [`roles: [prod], ${OWNER.replace('team', 'squad')}`]],
  [
    'another annotation counts',
    ['roles: [prod], on_call: { from_annotation: a }'],
    ['roles: [prod], on_call: { from_annotation: b }'],
  ],
  ['helpers count', [`${PROD}, responders: true`], [PROD]],
  ['a role is new', [PROD, `roles: [dev], ${ON_CALL}`], [PROD]],
  ['a stricter rule is gone', [PROD], [PROD, 'roles: [prod], notify: { service: Desk }']],
  ['others are let in', [PROD], [`${PROD}, when: { requester_roles: [sres] }`]],
  [
    'another team is let in',
    [`${PROD}, when: { requester_traits: { team: [b] } }`],
    [`${PROD}, when: { requester_traits: { team: [a] } }`],
  ],
  ...[
    ['requester_roles: [b, a]', 'requester_roles: [a]'],
    ['requester_traits: { team: [a, b] }', 'requester_traits: { team: [b] }'],
    ['resources: { kinds: [db, app] }', 'resources: { kinds: [app] }'],
    ['resources: { kinds: [db], names: [b, a] }', 'resources: { kinds: [db], names: [a] }'],
    ["hours: { time_zone: UTC, spans: [{ from: '07:00', until: '18:00' }] }", `hours: ${DAYTIME}`],
  ].map(([wide = '', narrow = '']): [string, readonly string[], readonly string[]] => [
    `it is for more: ${wide}`,
    [`${PROD}, when: { ${wide} }`],
    [`${PROD}, when: { ${narrow} }`],
  ]),
  ['it is for the whole day', [PROD], [`${PROD}, when: { hours: ${DAYTIME} }`]],
  [
    'it is for other things',
    [`${PROD}, when: { resources: { kinds: [db] } }`],
    [`${PROD}, when: { resources: { kinds: [app] } }`],
  ],
])(
  'rules that are not the same as before %s: shown by a case that fails, and so is what is lost where it is taken back',
  async (_kind, now, then) => {
    for (const [rules, before] of [
      [now, then],
      [then, now],
    ] as const) {
      const config = configured(rules, [SAME], before);
      const { code, text } = await proving(config);
      expect([code, text]).toEqual([1, expect.stringContaining('BROKEN')]);
      expect(await testing(config, text)).toMatch(/^1 FAIL[^]*0 of 1 cases pass/u);
    }
  },
);
