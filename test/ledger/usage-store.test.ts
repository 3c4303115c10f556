import { expect, it } from 'vitest';
import { usageStore, type UsageRow } from '../../src/ledger/usage-store.ts';
import { openKeys } from '../../src/ledger/open-keys.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { nothingCollected } from '../../src/core/usage/evidence.ts';
import type { Tracked } from '../../src/core/usage/tracked.ts';
import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import { aConfigFolder } from '../config/a-config.ts';
import { NOW } from '../support/builders.ts';

const tracked: Tracked = {
  ...{ requestId: "r1'; --", cluster: null, from: NOW, accessExpires: plusMs(NOW, HOUR), through: NOW },
  ...{ collected: nothingCollected, number: 0, stage: null, changed: false },
};
const marks = { through: NOW, lateThrough: null, ledgerSeq: 7 };

it('keeps beside the ledger how far it was read, and what is followed', async () => {
  await using folder = await aConfigFolder();
  const settings = { sqlite: `${folder.path}/ledger.sqlite` };
  const { signal } = new AbortController();
  {
    await using open = await openLedger(settings, signal);
    expect([await open.usage.marks(), await open.usage.tracked()]).toEqual([null, []]);
    await open.usage.keepMarks(marks);
    await open.usage.keep({ ...tracked, changed: true });
    await open.usage.keep(tracked);
    await open.usage.keep({ ...tracked, requestId: 'r2' });
    await open.usage.forget('r2');
  }
  await using open = await openLedger(settings, signal);
  expect([await open.usage.marks(), await open.usage.tracked()]).toEqual([marks, [tracked]]);
});

it('does not believe what others wrote, with a key', async () => {
  const rows = new Map<string, UsageRow>();
  const table = {
    all: () => Promise.resolve([...rows.values()]),
    put: (row: UsageRow) => Promise.resolve(void rows.set(row.name, row)),
    remove: (name: string) => Promise.resolve(void rows.delete(name)),
  };
  const own = usageStore(table, openKeys({ reveal: () => `current ${'0a'.repeat(32)}` }));
  await own.keepMarks(marks);
  await own.keep(tracked);
  expect([await own.marks(), await own.tracked()]).toEqual([marks, [tracked]]);

  const [first] = rows.values();
  if (first !== undefined) rows.set('marks', { ...first, state: first.state.replace('7', '9') });
  await usageStore(table, null).keep(tracked);
  expect([await own.marks(), await own.tracked()]).toEqual([null, []]);
});
