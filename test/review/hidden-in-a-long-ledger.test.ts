import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { DAY, HOUR, plusMs } from '../../src/core/values/instant.ts';
import { openHistory, openLedger, openSeals } from '../../src/ledger/open-ledger.ts';
import type { SearchableHistory } from '../../src/ports/ledger-history.ts';
import { createHiddenCheck } from '../../src/review/find-hidden.ts';
import { key, mark, signal } from '../ledger/forgers-stage.ts';
import { aFailure, someEvents } from '../ledger/some-events.ts';
import { aFolder } from '../ledger/sqlite-place.ts';
import { aPolicy, aRecordedDecision, aRequest, NOW } from '../support/builders.ts';

const decided = (id: string) =>
  aRecordedDecision({ request: aRequest({ id, accessExpires: plusMs(NOW, -DAY) }) });

it('the look for what was hidden reads the last month, then what came since; puts back what is not over, and forgets what is', async () => {
  await using folder = await aFolder();
  const settings = { sqlite: join(folder.path, 'ledger.sqlite'), key };
  await mark(settings);
  await using open = await openLedger(settings, signal);
  const { ledger } = open;
  const told: string[] = [];
  const old = Array.from({ length: 9_000 }, () => someEvents('')['cut-off']);
  await ledger.append([decided('older'), ...old], plusMs(NOW, -60 * DAY));
  const recent = Array.from<unknown, LedgerEvent>({ length: 12_000 }, (_, index) => {
    const id = `over-${Math.floor(index / 30)}`;
    if (index % 30 === 0) return decided(id);
    return index % 30 === 29 ? someEvents(id).ended : aFailure(id);
  });
  await ledger.append([decided('hidden'), ...recent], plusMs(NOW, -HOUR));
  await Promise.all((await ledger.open()).map((id) => ledger.settle(id, 1_000)));
  let read = 0;
  const looked: string[] = [];
  const look = createHiddenCheck({
    ledger: Object.assign(Object.create(ledger) as typeof ledger, {
      entriesOf: (id: string) => {
        looked.push(id);
        return ledger.entriesOf(id);
      },
      open: () => ledger.open(),
      reopen: (id: string) => ledger.reopen(id),
    }),
    reporter: { recordForged: ({ cause }: { cause: string }) => told.push(cause) },
    policyInForce: () => ({ policy: aPolicy(), policyDigest: '' }),
    setting: { proxyPublicAddr: '', resolveWith: 'reviews', keyMac: (text: string) => text },
    clock: { now: () => NOW },
    async openHistory() {
      const history = await openHistory(settings);
      const seals = await openSeals(settings, history);
      async function* entries(after?: number) {
        for await (const entry of history.entries(after)) {
          read += 1;
          yield entry;
        }
      }
      const counted = Object.assign(Object.create(history) as SearchableHistory, {
        entries,
        backwards: (before: number) => history.backwards(before),
        checkpoints: () => history.checkpoints(),
        close: () => history.close(),
      });
      return seals === undefined ? null : { history: counted, seals };
    },
  } as never);

  await look(signal);
  const first = { read, open: await ledger.open(), told: told.length };
  const lookedAt = new Set(looked).size;
  read = 0;
  await ledger.append([aFailure('hidden')], NOW);
  await look(signal);

  expect(first.read).toBeGreaterThanOrEqual(12_001);
  expect(first.read).toBeLessThan(12_001 + 2 * 4_096);
  expect(first).toMatchObject({ open: ['hidden'], told: 1 });
  expect(lookedAt).toBeLessThan(250);
  expect([read, await ledger.open(), told.length]).toEqual([1, ['hidden'], 1]);
});
