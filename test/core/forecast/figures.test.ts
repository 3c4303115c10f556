import { expect, it } from 'vitest';
import { gapsIn, onDutyAt, problemsIn, unmappedIn } from '../../../src/core/forecast/figures.ts';
import type { RuleAhead } from '../../../src/core/forecast/forecast.ts';
import type { ForeseenCode } from '../../../src/core/forecast/foreseen.ts';
import { HOUR, plusMs } from '../../../src/core/values/instant.ts';
import { SAM, TAYLOR } from '../../support/builders.ts';
import { dayOf, ROBIN } from './aheads.ts';

function foreseen(code: ForeseenCode, hour: number, user = SAM): RuleAhead['foreseen'][number] {
  const from = plusMs(dayOf(0), hour * HOUR);
  return {
    code,
    rule: 'r',
    people: [user],
    stretches: [{ from, until: plusMs(from, HOUR) }],
    text: '',
    remedy: '',
  };
}

const rules: readonly RuleAhead[] = [
  {
    rule: 'r',
    mode: 'enforce',
    present: [],
    approvable: [],
    foreseen: [
      foreseen('nobody-on-call', 0),
      foreseen('all-refused', 1),
      foreseen('too-young', 2),
      ...(
        ['page-reaches-nobody', 'page-reaches-requester', 'nobody-may-answer', 'service-disabled'] as const
      ).map((code, index) => foreseen(code, index)),
      foreseen('in-maintenance', 3),
      foreseen('no-account', 0),
      foreseen('no-account', 5),
      foreseen('local-account', 0, TAYLOR),
      foreseen('ambiguous-account', 0, ROBIN),
      foreseen('locked', 0, { id: 'PLOCKED', summary: 'Locked' }),
      foreseen('young-shift', 0),
      foreseen('not-known', 0),
    ],
  },
  {
    rule: 'tried',
    mode: 'shadow',
    present: [],
    approvable: [],
    foreseen: [foreseen('no-account', 0, { id: 'PX', summary: 'X' })],
  },
  { rule: 'whole', mode: 'enforce', present: [], approvable: [], foreseen: [] },
];

it('each rule in force has its hours of each kind, none twice', () => {
  expect(gapsIn(rules).map(({ rule, kind, ms }) => [rule, kind, ms / HOUR])).toEqual([
    ['r', 'approval', 2],
    ['r', 'young', 1],
    ['r', 'page', 4],
    ['whole', 'approval', 0],
    ['whole', 'young', 0],
    ['whole', 'page', 0],
  ]);
});

it('whom nobody would recognise is counted once', () => {
  expect(unmappedIn(rules)).toEqual([SAM.id, TAYLOR.id, ROBIN.id]);
});

it('what cannot be foretold, and rules in shadow, are no problem', () => {
  const codes = problemsIn(rules).map(({ code }) => code);

  expect(codes).toHaveLength(14);
  expect(codes).not.toContain('not-known');
});

it('tells who is on call at a time, until when, and whether they could be approved', () => {
  const today = [{ from: dayOf(0), until: dayOf(1) }];
  const present = [
    { user: SAM, stretches: [...today, { from: dayOf(2), until: dayOf(3) }] },
    { user: TAYLOR, stretches: today },
  ];
  const rule: RuleAhead = {
    rule: 'r',
    mode: 'enforce',
    present,
    approvable: [{ user: SAM, stretches: [...today, { from: dayOf(4), until: dayOf(5) }] }],
    foreseen: [],
  };

  expect(onDutyAt(rule, dayOf(0))).toEqual([
    { user: SAM, until: dayOf(1), approvable: true },
    { user: TAYLOR, until: dayOf(1), approvable: false },
  ]);
  expect(onDutyAt(rule, dayOf(1))).toEqual([]);
  expect(onDutyAt(rule, dayOf(2))).toEqual([{ user: SAM, until: dayOf(3), approvable: false }]);
});
