import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { NOW } from '../support/builders.ts';
import { aFailure, allEntries, chained } from './some-events.ts';
import { spawnAppender } from './spawned-appender.ts';
import { aFolder, aSqliteLedger } from './sqlite-place.ts';

/** Numbers of entries among the lines that a process said. */
function numbersIn(lines: readonly string[]): readonly number[] {
  return lines.filter((line) => /^\d+$/u.test(line)).map(Number);
}

describe('a ledger file and the processes that use it', () => {
  it('loses nothing that was answered when its process is killed in the middle of appending', async () => {
    await using place = await aSqliteLedger();
    await using appender = await spawnAppender({ file: place.file });
    appender.tell();
    const said = await appender.until((line) => line === '200');

    const unread = await appender.kill();

    const entries = await allEntries(place.ledger);
    const answered = numbersIn([...said, ...unread]);
    // The one that was being written may stand there too: its answer was on the way.
    expect(entries.length - answered.length).toBeOneOf([0, 1]);
    expect(entries.slice(0, answered.length).map(({ seq }) => seq)).toEqual(answered);
    expect(entries).toEqual(chained(entries));

    const [next] = await place.ledger.append([aFailure('after the crash')], NOW);
    expect(next?.seq).toBe(entries.length + 1);
  });

  it('is created once and keeps one chain when several open it and append at the same moment', async () => {
    await using folder = await aFolder();
    await using resources = new AsyncDisposableStack();
    const file = join(folder.path, 'ledger.sqlite');
    const appenders = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => resources.use(await spawnAppender({ file, name }))),
    );

    for (const appender of appenders) appender.tell();
    const said = await Promise.all(
      appenders.map(async (appender) => {
        const first = await appender.until((line) => !/^(?:open|\d+)$/u.test(line) || Number(line) > 400);
        return [...first, ...(await appender.kill())];
      }),
    );

    const answered = said.flatMap(numbersIn).sort((one, other) => one - other);
    const ledger = new SqliteLedger(file);
    const entries = await allEntries(ledger);
    await ledger.close();
    expect(said.flat().filter((line) => line.includes('Error'))).toEqual([]);
    expect(entries.length - answered.length).toBeLessThanOrEqual(appenders.length);
    expect(new Set(answered).size).toBe(answered.length);
    expect(entries).toEqual(chained(entries));
  });
});
