import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { Stage } from './stage.ts';

it('a ledger that cannot be written has nothing done, on either side, until it can be', async () => {
  await using stage = await Stage.open({ config: { ledger: { sqlite: 'ledger.sqlite' } } });
  using db = new DatabaseSync(join(stage.folder, 'ledger.sqlite'));
  db.exec("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'disk is full'); END");

  const [onCall, offCall] = [stage.request('sre-1'), stage.request('sre-2')];
  for (const id of [onCall, offCall]) {
    await stage.reports.when('handlingFailed', ({ requestId }) => requestId === id);
  }

  expect([stage.state(onCall), stage.state(offCall)]).toEqual(['PENDING', 'PENDING']);
  expect(stage.incidents()).toEqual([]);

  db.exec('DROP TRIGGER full');
  await stage.service.sweepNow();
  await stage.done('review', onCall);

  expect(stage.state(onCall)).toBe('APPROVED');
});
