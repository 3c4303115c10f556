import { expect, it } from 'vitest';
import { openKeys } from '../../src/ledger/open-keys.ts';
import { createSealing, GENESIS, hashOf } from '../../src/ledger/rows.ts';
import { openSealThread } from '../../src/ledger/seal-thread.ts';
import { sealsOf } from '../../src/ledger/seals.ts';
import type { StoredEntry } from '../../src/ports/ledger-history.ts';
import { NOW } from '../support/builders.ts';

const KEY = `current ${'0a'.repeat(32)}`;
const keys = openKeys({ reveal: () => KEY });
const seals = sealsOf(keys, 'this ledger');

function entry(seq: number, ledger = 'this ledger'): StoredEntry {
  const chained = { seq, at: NOW, eventText: `{"number":${seq}}` };
  const hash = hashOf(GENESIS, chained);
  const place = { prior: 0, previousHash: GENESIS, addresses: 0 };
  return { ...chained, hash, columns: null, seal: createSealing(keys, ledger).sealOf({ seq, hash }, place) };
}

const FOREIGN = 'is not sealed for this place by a key that counts';
const [OWN, OTHERS] = [
  [entry(1), entry(2), entry(3)],
  [entry(4), { ...entry(5), seal: null }, entry(6, 'another ledger'), { ...entry(7), seq: 8 }],
];
const FAULTS = [null, 'has no seal', FOREIGN, FOREIGN];

it('a thread says of each entry what its seal tells, also where more are asked about before it has answered', async () => {
  await using thread = openSealThread(KEY, seals);

  expect(await Promise.all([thread.faultsIn(OWN), thread.faultsIn(OTHERS), thread.faultsIn([])])).toEqual([
    [null, null, null],
    FAULTS,
    [],
  ]);
});

it('leaves to the one that asks only what does not hold for the thread, whose key may be the one from before', async () => {
  const asked: number[] = [];
  await using thread = openSealThread(KEY, {
    ...seals,
    faultIn(of, known) {
      asked.push(of.seq);
      expect(known).toEqual({ hashIsRight: true });
      return null;
    },
  });

  expect(await thread.faultsIn([...OWN, ...OTHERS])).toEqual(Array(7).fill(null));
  expect(asked).toEqual([5, 6, 8]);
});

it('a thread that fails is missed by nobody: those who wait, and those who ask later, are answered without it', async () => {
  await using thread = openSealThread('no key', seals);

  expect(await Promise.all([thread.faultsIn(OWN), thread.faultsIn(OTHERS)])).toEqual([
    [null, null, null],
    FAULTS,
  ]);
  expect(await thread.faultsIn(OTHERS)).toEqual(FAULTS);
});
