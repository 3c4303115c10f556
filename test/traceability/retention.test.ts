import { join } from 'node:path';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { HOUR, plusMs, type Instant } from '../../src/core/values/instant.ts';
import { openHistory, openPruning } from '../../src/ledger/open-ledger.ts';
import type { SearchableHistory } from '../../src/ports/ledger-history.ts';
import { hashing } from '../../src/commands/ledger/place.ts';
import { verifyLedger } from '../../src/traceability/verify.ts';
import { planPruning, pruneLedger } from '../../src/traceability/retention.ts';
import { aConfigFolder, LEAST } from '../config/a-config.ts';
import { ledgerCommand } from './terminal.ts';
import { tamper } from './tampering.ts';
import { at } from '../support/builders.ts';
import { SAM, TAYLOR, WrittenLedger } from './written-ledger.ts';

const BEGAN = at('2026-03-01T00:00:00Z');
const DAY = 24 * HOUR;

/** Ten days with one approval and one page a day. */
async function tenDays(): Promise<
  AsyncDisposable & { written: WrittenLedger; file: string; history: SearchableHistory }
> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await aConfigFolder());
  const { policy } = await folder.load(LEAST);
  const file = join(folder.path, 'ledger.sqlite');
  const written = resources.use(await WrittenLedger.create(file, policy, BEGAN));
  for (let day = 0; day < 10; day += 1) {
    const when = plusMs(BEGAN, day * DAY + HOUR);
    await written.tell({ id: `approved-${day}`, at: when, person: SAM, onCall: 'yes' });
    await written.tell({ id: `paged-${day}`, at: plusMs(when, HOUR), person: TAYLOR, onCall: 'no' });
  }
  const history = await openHistory({ sqlite: file });
  resources.defer(() => history.close());
  const owned = resources.move();
  return { written, file, history, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Place = Awaited<ReturnType<typeof tenDays>>;

function prune({ written, file, history }: Place, before: Instant) {
  const pruning = openPruning({ sqlite: file }, written.ledger);
  return pruneLedger({ history, pruning, before, now: plusMs(BEGAN, 10 * DAY), dryRun: false });
}

async function entriesIn({ history }: Place): Promise<number> {
  return (await history.extent())?.entries ?? 0;
}

describe('removing old entries', () => {
  it('leaves a ledger that verifies, with a checkpoint for what is gone', async () => {
    await using place = await tenDays();
    const before = await entriesIn(place);

    const plan = await prune(place, plusMs(BEGAN, 5 * DAY));
    const { exitCode, text } = await ledgerCommand('verify', '--ledger', place.file);

    expect(plan).toMatchObject({
      kind: 'remove',
      stopsBecause: null,
      checkpoint: { removed: { from: 1, decisions: 10 } },
    });
    const removed = plan.kind === 'remove' ? plan.checkpoint.removed.entries : 0;
    expect(await entriesIn(place)).toBe(before - removed + 1);
    expect(text).toContain(`entries 1 to ${removed} were removed before`);
    expect(text).toContain('10 decisions derived again, 0 faults, 0 warnings');
    expect(exitCode).toBe(0);
  });

  it('again and again leaves one chain', async () => {
    await using place = await tenDays();

    for (const day of [2, 4, 4, 7]) await prune(place, plusMs(BEGAN, day * DAY));

    expect((await place.history.checkpoints()).length).toBe(3);
    expect((await ledgerCommand('verify', '--ledger', place.file)).exitCode).toBe(0);
  });

  it('stops at a request that is not over', async () => {
    await using place = await tenDays();
    await place.written.ledger.reopen('paged-2');

    const plan = await prune(place, plusMs(BEGAN, 9 * DAY));

    expect(plan).toMatchObject({ stopsBecause: 'request paged-2 is not over' });
    expect(await place.history.entriesOf('approved-2')).toHaveLength(0);
    expect((await place.history.entriesOf('paged-2')).length).toBeGreaterThan(0);
  });

  it('stops at a request that is not over by its entries, whatever the list of open ones says', async () => {
    await using place = await tenDays();
    const waiting = place.written.decided({ id: 'waiting', at: BEGAN, person: TAYLOR, onCall: 'no' });
    await place.written.append([waiting], plusMs(BEGAN, DAY / 2));
    await place.written.ledger.settle('waiting', 1_000);
    const later = plusMs(BEGAN, 30 * DAY);

    expect(await planPruning(place.history, later)).toMatchObject({
      stopsBecause: 'request waiting is not over by its entries',
    });
    const { requestId } = waiting;
    const ending = { state: 'denied', by: 'mallory', reason: '' } as const;
    await place.written.append([{ kind: 'ended', requestId, ending }], plusMs(BEGAN, DAY));
    await place.written.ledger.settle('waiting', 1_000);
    const forged = (await place.history.entriesOf(requestId)).at(-1)?.seq;
    const seals = {
      ledgerId: '',
      faultIn: ({ seq }: { readonly seq: number }) => (seq === forged ? 'has no seal' : null),
      read: () => ({ prior: 0, addresses: 0 }),
      addressFaults: () => [],
      sightingFaults: () => [],
    };

    expect(await planPruning(place.history, later)).toMatchObject({ stopsBecause: null });
    expect(await planPruning(place.history, later, seals)).toMatchObject({
      stopsBecause: `request waiting has an entry that others wrote, ${forged ?? 0}`,
    });
  });

  it('removes nothing that is young enough', async () => {
    await using place = await tenDays();

    expect(await planPruning(place.history, BEGAN)).toEqual({
      kind: 'nothing',
      why: `no entry is earlier than ${BEGAN}`,
    });
  });

  it('that was broken off is finished the next time, and verifies in between', async () => {
    await using place = await tenDays();
    const plan = await planPruning(place.history, plusMs(BEGAN, 5 * DAY));
    if (plan.kind !== 'remove') throw new Error('there is something to remove');
    await place.written.append([plan.checkpoint], plusMs(BEGAN, 10 * DAY));
    using db = new DatabaseSync(place.file);
    db.exec('DELETE FROM entry WHERE seq <= 20');
    expect((await ledgerCommand('verify', '--ledger', place.file)).exitCode).toBe(0);

    await prune(place, plusMs(BEGAN, 5 * DAY));

    expect((await place.history.extent())?.firstSeq).toBe(plan.checkpoint.through.seq + 1);
    expect((await ledgerCommand('verify', '--ledger', place.file)).exitCode).toBe(0);
  });

  it('is refused by the file itself where no checkpoint stands for the entries', async () => {
    await using place = await tenDays();
    await prune(place, plusMs(BEGAN, 5 * DAY));

    using db = new DatabaseSync(place.file);

    expect(() => db.exec('DELETE FROM entry')).toThrow('entries go behind a checkpoint only');
    expect(() => db.exec("DELETE FROM entry WHERE kind = 'checkpoint'")).toThrow('append-only');
  });

  it('is found out when more went than the checkpoint says', async () => {
    await using place = await tenDays();
    await prune(place, plusMs(BEGAN, 5 * DAY));
    const first = (await place.history.extent())?.firstSeq ?? 0;
    tamper(place.file, (db) => db.exec(`DELETE FROM entry WHERE seq <= ${first + 2}`));

    const { exitCode, text } = await ledgerCommand('verify', '--ledger', place.file);

    expect(text).toContain('are missing, and no checkpoint stands for them');
    expect(exitCode).toBe(1);
  });

  it.each([
    ['younger than a day', 9.5, null, [['fault', 'which were only 78839 s old: no command removes such']]],
    ['younger than kept', 5, 30 * DAY, [['warning', 'which were only 5 d old: they were removed by hand']]],
    ['as old as is kept', 5, 5 * DAY, []],
  ] as const)('is a finding where what went was %s', async (_what, days, keepMs, expected) => {
    await using place = await tenDays();
    await prune(place, plusMs(BEGAN, days * DAY));

    const { findings } = await verifyLedger({ history: place.history, hashing, keepMs });

    expect(findings.map(({ severity, code, text }) => `${severity} ${code} ${text}`)).toEqual(
      expected.map(
        ([severity, text]) => expect.stringMatching(`^${severity} checkpoint .*${text}`) as string,
      ),
    );
  });

  it('keeps a summary from before comparable', async () => {
    await using place = await tenDays();
    const summary = `${place.file}.json`;
    await ledgerCommand('export', '--ledger', place.file, '--out', `${place.file}l`, '--summary', summary);
    await prune(place, plusMs(BEGAN, 5 * DAY));

    expect(statSync(`${place.file}l`).mode & 0o777).toBe(0o600);
    expect((await ledgerCommand('verify', '--ledger', place.file, '--against', summary)).exitCode).toBe(0);
  });
});
