import { expect, it } from 'vitest';
import type { Ahead } from '../../../src/core/forecast/forecast.ts';
import { aCause, aTargetFact, at, aWhen, SAM, someTargets, TAYLOR } from '../../support/builders.ts';
import {
  asks,
  dayOf,
  hourly,
  lock,
  loggedIn,
  PAGED,
  ROBIN,
  rowOf,
  told,
  userOf,
  week,
  WEEK,
} from './aheads.ts';

const BEHIND = rowOf(TAYLOR, dayOf(-7), dayOf(14), 2);
const ALWAYS = [rowOf(TAYLOR, null, null, 2), rowOf(ROBIN, null, null, 3)];
const NIGHT = aTargetFact({ kind: 'schedule', asked: 'Night', id: 'PSCHED1', policy: null });
const TURNS = [0, 1, 2, 3, 4, 5, 6].map((day) =>
  rowOf(day % 2 === 0 ? SAM : ROBIN, dayOf(day), dayOf(day + 1)),
);
const MANY = [1, 2, 3, 4, 5, 6, 7].map((number) => ({ id: `P${number}`, summary: `Nr ${number}` }));
const UNKNOWN = { kind: 'service', asked: 'Payments API', state: 'unknown', cause: aCause() } as const;
const sam = userOf(1);

const foreseen: [string, Ahead][] = [
  [
    'hours without anybody',
    week({
      rows: [...hourly(SAM, [1, 2, 3, 4, 5]), ...ALWAYS],
      rule: { onCall: someTargets({ minShiftAgeMs: 0, schedules: ['Night'] }) },
      targets: [aTargetFact(), PAGED, NIGHT],
    }),
  ],
  ['a lock that ends', week({ teleport: lock('sre-1', { expires: dayOf(2) }) })],
  [
    'a lock on a role',
    week({
      teleport: lock('', { role: 'sres' }),
      rows: [rowOf(SAM, dayOf(-1), dayOf(1)), BEHIND, rowOf(SAM, dayOf(1), dayOf(9))],
    }),
  ],
  ['young shifts', week({ rows: [...TURNS, ...ALWAYS] })],
  ['pages for one, or none', week({ rows: [rowOf(SAM, dayOf(-1), dayOf(1))] })],
  [
    'pages for one who cannot ask',
    week({ rows: [rowOf(SAM, dayOf(-1), dayOf(9))], teleport: { ...loggedIn(sam), ...asks([]) } }),
  ],
  [
    'pages that nobody may answer',
    week({ rule: { approvers: { onCall: someTargets({ maxLevel: 0 }), answerBy: ['teleport', 'note'] } } }),
  ],
  ['a disabled service', week({ targets: [aTargetFact(), { ...PAGED, disabled: true }] })],
  [
    'maintenance',
    week({
      maintenance: new Map([
        ['PSERVC2', [{ from: at('2026-03-01T00:00:00Z'), until: at('2026-03-03T06:00:00Z') }]],
        ['POTHER1', [WEEK]],
      ]),
    }),
  ],
  ['an unknown page', week({ targets: [aTargetFact()] })],
  ['an unknown target', week({ targets: [PAGED, UNKNOWN] })],
  ['an annotation', week({ rule: { onCall: someTargets({ fromAnnotation: 'pagerduty_services' }) } })],
  ['nobody in Teleport', week({ teleport: { users: [] } })],
  ['nobody who can be read', week({ teleport: { users: [], unread: 'login states cannot be listed' } })],
  ['no address', week({ pagerDuty: [], teleport: { users: [userOf(1, { traits: { email: [''] } })] } })],
  ['a local user', week({ teleport: { users: [userOf(1, { sso: false })] } })],
  [
    'two addresses',
    week({
      teleport: { users: [userOf(1, { traits: { email: ['sre-1@example.com', 'sre-3@example.com'] } })] },
    }),
  ],
  ['two users', week({ teleport: { users: [sam, userOf(1, { name: 'sam\u202e' })], ...lock('sre-1') } })],
  [
    'two users who are one',
    week({
      teleport: { users: [sam, userOf(1, { name: 'sam', roles: [] })], ...loggedIn(sam), ...asks([]) },
    }),
  ],
  ['others than the rule is for', week({ rule: { when: aWhen({ requesterRoles: ['admins'] }) } })],
  [
    'no right to ask',
    week({ rule: { roles: ['prodaccess', 'db'] }, teleport: { ...loggedIn(sam), ...asks([]) } }),
  ],
  ['a denied role', week({ teleport: asks(['prodaccess'], { denied: ['prod*'], byClaims: true }) })],
  [
    'many',
    week({
      rows: [...MANY.map((user) => rowOf(user, dayOf(-1), dayOf(8))), BEHIND],
      pagerDuty: MANY.map(({ id, summary }) => ({ id, name: summary, email: `${id}@x.y` })),
    }),
  ],
  [
    'no readable time',
    week({ rows: [{ ...rowOf(SAM, null, null), start: 'tomorrow' }, BEHIND, rowOf(ROBIN, null, null, 3)] }),
  ],
];

/** By what is foreseen: what is told of it. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  'hours without anybody': [
    'nobody-on-call: nobody is on call for service Payments API or schedule Night up to level 1 from 2026-03-02 00:00 to 2026-03-02 23:00, 2026-03-03 00:00 to 2026-03-03 23:00, 2026-03-04 00:00 to 2026-03-04 23:00 and 3 more (163 h)',
    'nobody-may-answer: a page to service Access requests reaches people, and no answer of theirs on it would count, from 2026-03-02 00:00 to 2026-03-02 23:00, 2026-03-03 00:00 to 2026-03-03 23:00, 2026-03-04 00:00 to 2026-03-04 23:00 and 3 more (163 h)',
  ],
  'a lock that ends': [
    'all-refused: whoever is on call would be refused (Sam One) from 2026-03-02 00:00 to 2026-03-04 00:00 (48 h)',
    'locked: Sam One is on call, and Teleport user sre-1 is locked, from 2026-03-02 00:00 to 2026-03-04 00:00 (48 h)',
  ],
  'a lock on a role': [
    'all-refused: whoever is on call would be refused (Sam One) all week',
    'locked: Sam One is on call, and Teleport user sre-1 is locked, all week',
  ],
  'young shifts': [
    'too-young: whoever is on call has not been so for 10 min from 2026-03-02 00:00 to 2026-03-02 00:10, 2026-03-03 00:00 to 2026-03-03 00:10, 2026-03-04 00:00 to 2026-03-04 00:10 and 4 more (1 h 10 min)',
    'young-shift: Sam One is on call for less than 10 min, which the rule asks for, from 2026-03-02 00:00 to 2026-03-02 00:10, 2026-03-04 00:00 to 2026-03-04 00:10, 2026-03-06 00:00 to 2026-03-06 00:10 and 1 more (40 min)',
    'young-shift: Robin Three is on call for less than 10 min, which the rule asks for, from 2026-03-03 00:00 to 2026-03-03 00:10, 2026-03-05 00:00 to 2026-03-05 00:10 and 2026-03-07 00:00 to 2026-03-07 00:10 (30 min)',
  ],
  'pages for one, or none': [
    'nobody-on-call: nobody is on call for service Payments API up to level 1 from 2026-03-03 00:00 to 2026-03-09 00:00 (144 h)',
    'page-reaches-nobody: a page to service Access requests reaches nobody from 2026-03-03 00:00 to 2026-03-09 00:00 (144 h)',
    'page-reaches-requester: a page to service Access requests reaches Sam One alone, who may be the one that asks, from 2026-03-02 00:00 to 2026-03-03 00:00 (24 h)',
  ],
  'pages for one who cannot ask': [
    'all-refused: whoever is on call would be refused (Sam One) all week',
    'may-not-request: Sam One is on call, and no role of Teleport user sre-1 lets them ask for prodaccess, all week',
  ],
  'pages that nobody may answer': [
    'nobody-may-answer: a page to service Access requests reaches people, and no answer of theirs on it would count, all week',
  ],
  'a disabled service': ['service-disabled: service Access requests is disabled, and takes no page'],
  maintenance: [
    'in-maintenance: service Access requests is in maintenance, and takes no page, from 2026-03-02 00:00 to 2026-03-03 06:00 (30 h)',
  ],
  'an unknown page': ['not-known: all of it cannot be foretold: service Access requests was not looked up'],
  'an unknown target': ['not-known: all of it cannot be foretold: PagerDuty answers 503'],
  'an annotation': [
    'not-known: all of it cannot be foretold: annotation `pagerduty_services` of each request adds services',
  ],
  'nobody in Teleport': [
    'all-refused: whoever is on call would be refused (Sam One) all week',
    'no-account: Sam One is on call, and Teleport has neither a user record nor a login state for sre-1@example.com, all week',
  ],
  'nobody who can be read': [
    'not-known: who Sam One is in Teleport cannot be foretold: login states cannot be listed',
  ],
  'no address': [
    'not-known: who Sam One is in Teleport cannot be foretold: PagerDuty does not tell their address',
  ],
  'a local user': [
    'all-refused: whoever is on call would be refused (Sam One) all week',
    'local-account: Sam One is on call, and Teleport user sre-1 is a local one, whom `require_sso` lets nobody recognise by an address, all week',
  ],
  'two addresses': [
    'all-refused: whoever is on call would be refused (Sam One) all week',
    'ambiguous-account: Sam One is on call, and the addresses of Teleport user sre-1 lead to other people in PagerDuty as well, all week',
  ],
  'two users': [
    'several-accounts: Sam One is on call, and several Teleport users have the address: sre-1 and sam, all week',
  ],
  'two users who are one': [
    'several-accounts: Sam One is on call, and several Teleport users have the address: sre-1 and sam, all week',
  ],
  'others than the rule is for': [
    'all-refused: whoever is on call would be refused (Sam One) all week',
    'not-covered: Sam One is on call, and the rule is for others: Teleport user sre-1 lacks its `requester_roles` or `requester_traits`, all week',
  ],
  'no right to ask': [
    'all-refused: whoever is on call would be refused (Sam One) all week',
    'may-not-request: Sam One is on call, and no role of Teleport user sre-1 lets them ask for prodaccess or db, all week',
  ],
  'a denied role': [
    'all-refused: whoever is on call would be refused (Sam One) all week',
    'may-not-request: Sam One is on call, and no role of Teleport user sre-1 lets them ask for prodaccess, all week',
  ],
  many: [
    'all-refused: whoever is on call would be refused (Nr 1, Nr 2, Nr 3, Nr 4, Nr 5 and 2 more) all week',
    ...MANY.map(
      ({ id, summary }) =>
        `no-account: ${summary} is on call, and Teleport has neither a user record nor a login state for ${id}@x.y, all week`,
    ),
  ],
  'no readable time': [
    'nobody-on-call: nobody is on call for service Payments API up to level 1 all week',
    'nobody-may-answer: a page to service Access requests reaches people, and no answer of theirs on it would count, all week',
  ],
};

it.each(foreseen)('%s: it is told when, and of whom', (what, ahead) => {
  const all = 'from 2026-03-02 00:00 to 2026-03-09 00:00 (168 h)';

  expect(told(ahead).map(([code, text]) => `${code}: ${text.replace(all, 'all week')}`)).toEqual(TOLD[what]);
});

it('says what to do about each', () => {
  const remedies = foreseen.flatMap(([, ahead]) => told(ahead)).map(([code, , remedy]) => [code, remedy]);

  expect(Object.fromEntries(remedies)).toEqual({
    'nobody-on-call': 'fill the gap in PagerDuty, or let the rule name one more target',
    'nobody-may-answer': 'let `approvers.on_call` name those who are paged, or page those who may answer',
    'all-refused': 'mend what stands against them, or let the rule name one more target',
    locked: 'look at the lock with `tctl get locks`, and remove it once it is not needed',
    'too-young': 'let shifts overlap, or give the rule a `grace_after_shift`',
    'young-shift': 'ask a person meanwhile, or give the rule a shorter `min_shift_age`',
    'page-reaches-nobody': 'put somebody on the last level of its escalation policy who is always there',
    'page-reaches-requester': 'put one more person on its escalation policy',
    'may-not-request': 'give them a role in Teleport with `allow.request.roles` for it',
    'service-disabled': 'enable it in PagerDuty, or page on another one',
    'in-maintenance': 'end the maintenance in PagerDuty, or page on another service meanwhile',
    'not-known': '`check` says what the service lacks; `explain` tells of a single request',
    'no-account':
      'have them log in to Teleport once, or name their Teleport user in `identities`, in a `map`',
    'local-account': 'name them in `identities`, in a `map`',
    'ambiguous-account': 'say in `identities`, in a `map`, who it is',
    'several-accounts': 'say in `identities`, in a `map`, who is who, or remove those that nobody uses',
    'not-covered': 'give them what the rule asks for in Teleport, or ask for less in `when`',
  });
});
