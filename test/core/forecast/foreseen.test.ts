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

/** Looked at when the test runs: what is made while its file is loaded no mutant changes. */
const foreseen = (): readonly (readonly [string, Ahead])[] => [
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

it('is told when, of whom, and what to do about it', async () => {
  const week168 = 'from 2026-03-02 00:00 to 2026-03-09 00:00 (168 h)';
  const all = foreseen();
  const parts = all.map(([what, ahead]) => [
    what,
    ...told(ahead).map(([code, text]) => `  ${code}: ${text.replace(week168, 'all week')}`),
  ]);
  const remedies = all.flatMap(([, ahead]) => told(ahead)).map(([code, , remedy]) => `  ${code}: ${remedy}`);
  const lines = [...parts, ['what to do', ...new Set(remedies)]].map((part) => part.join('\n'));

  await expect(`${lines.join('\n\n')}\n`).toMatchFileSnapshot('foreseen.approved.txt');
});
