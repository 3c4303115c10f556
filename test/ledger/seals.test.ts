import { expect, it } from 'vitest';
import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import { sealedRow } from '../../src/ledger/first-addresses.ts';
import { openKeys } from '../../src/ledger/open-keys.ts';
import { sealsOf } from '../../src/ledger/seals.ts';
import { sealedSighting } from '../../src/ledger/sightings.ts';
import { NOW } from '../support/builders.ts';

const keys = openKeys({ reveal: () => `current ${'0a'.repeat(32)}` });
const seals = sealsOf(keys, 'this ledger');
const seal = { keys, ledgerId: 'this ledger' };

function first(number: number | null, id: string, ledgerId = 'this ledger') {
  const row = { user_id: id, address: `${id}@example.com`, seen_at: NOW, number, mac: null };
  return sealedRow(row, { keys, ledgerId });
}

it.each<[what: string, rows: readonly ReturnType<typeof first>[], count: number, faults: readonly string[]]>([
  ['as they were written', [first(1, 'PONE'), first(2, 'PTWO')], 2, []],
  ['more than the seals count yet', [first(1, 'PONE'), first(2, 'PTWO')], 1, []],
  ['fewer than were counted', [first(1, 'PONE')], 2, ['first address 2 is counted by the seals']],
  ['none left', [], 3, ['3 first addresses, the first of them 1, are counted by the seals']],
  [
    'one of another ledger in the place of ours: it is missing',
    [first(1, 'PONE', 'that ledger'), first(2, 'PTWO')],
    2,
    ['first address 1 is counted by the seals'],
  ],
  [
    'others put in, without a MAC, beyond those that are counted',
    [
      first(1, 'PONE'),
      { ...first(null, 'PMALLORY'), mac: null },
      first(2, 'service payments', 'that ledger'),
    ],
    1,
    [
      'the first address of PagerDuty user PMALLORY was not written by this service: they are not recognised',
      'what the name of service payments first led to was not written by this service: it is not believed',
    ],
  ],
])('first addresses are told from what others did to them: %s', (_what, rows, count, faults) => {
  expect(seals.addressFaults(rows, count)).toEqual(
    faults.map((words) => expect.stringContaining(words) as string),
  );
});

it('what was seen by watching is told from what others did to it, by target', () => {
  const watched = (target: string, horizon = NOW) =>
    sealedSighting({ target, state: JSON.stringify({ horizon }), mac: null }, seal);
  const rows = [watched('service P1'), watched('service P2'), { ...watched('service P3'), state: '{}' }];
  const until = new Map(
    ['service P1', 'service P2', 'service P3', 'service P4'].map((target, index) => [
      target,
      index === 1 ? plusMs(NOW, HOUR) : NOW,
    ]),
  );

  expect(seals.sightingFaults(rows, until)).toEqual(
    [
      'service P2 by watching it was put back there as it was before',
      'service P3 by watching it was changed there by somebody else',
      'service P4 by watching it is missing',
    ].map((words) => expect.stringContaining(words) as string),
  );
});
