import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExportHistory, entryInLine, exportLine } from '../../src/ledger/export.ts';
import type { StoredEntry } from '../../src/ports/ledger-history.ts';
import { LedgerUnavailableError } from '../../src/ports/ledger.ts';
import { NOW } from '../support/builders.ts';
import { aFolder } from './sqlite-place.ts';

const entry = (seq: number, eventText: string, seal: string | null = null): StoredEntry => ({
  ...{ seq, at: NOW, hash: `hash ${seq}`, seal, eventText, columns: null },
});
const MARK = entry(1, '{"kind":"sealed-from","ledger":"l"}', 'seal 1');
const ENTRIES = [
  MARK,
  entry(2, '{"kind":"ended","reason":"\\"event\\":{\\"kind\\":\\"checkpoint\\"} }\u{1f525}"}', 'seal 2'),
  entry(3, '{"kind":"checkpoint","through":1}'),
  entry(4, '{"kind":"sealed-from","ledger":"m"}'),
  entry(5, '{"kind":"checkpoint","through":2}'),
];

async function exported(...lines: readonly string[]) {
  const folder = await aFolder();
  const file = join(folder.path, 'ledger.jsonl');
  await writeFile(file, lines.join('\n'));
  return { file, history: new ExportHistory(file), [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
}

async function seqsIn(history: ExportHistory): Promise<readonly number[]> {
  const seqs: number[] = [];
  for await (const { seq } of history.entries()) seqs.push(seq);
  return seqs;
}

describe('an export', () => {
  it('has the entries to the letter, with its mark and its checkpoints', async () => {
    await using place = await exported(...ENTRIES.map(exportLine), '');
    await using history = place.history;
    const found: StoredEntry[] = [];
    for await (const each of history.entries()) found.push(each);

    expect(found).toEqual(ENTRIES);
    expect(await history.mark()).toEqual(MARK);
    expect((await history.checkpoints()).map(({ seq }) => seq)).toEqual([3, 5]);
    expect(await history.extent()).toBeNull();
  });

  it('without a mark has none', async () => {
    await using place = await exported(exportLine(entry(1, '{}')));

    expect([await place.history.mark(), await place.history.checkpoints()]).toEqual([null, []]);
  });

  it('says in which line it is cut off or changed, once it comes to that', async () => {
    const lines = ENTRIES.map(exportLine);
    await using place = await exported(...lines.slice(0, 2), lines[2]?.slice(0, -2) ?? '', lines[3] ?? '');

    await expect(seqsIn(place.history)).rejects.toThrow(LedgerUnavailableError);
    await expect(seqsIn(place.history)).rejects.toThrow(
      `\`${place.file}\` is no export, or was cut off or changed: line 3 is no entry`,
    );
  });

  it('that is not there is said to be none', () => {
    expect(() => new ExportHistory('/nowhere.jsonl')).toThrow('there is no export `/nowhere.jsonl`');
  });

  it.each([
    ['a blank in front', (line: string) => ` ${line}`],
    ['something behind', (line: string) => `${line},`],
    ['no number', (line: string) => line.replace('"seq":1', '"seq":""')],
    ['a number that nobody counts to', (line: string) => line.replace('"seq":1', '"seq":1000000000000000')],
    ['another order', (line: string) => line.replace(/("seq":1),("at":"[^"]*")/u, '$2,$1')],
    ['no hash', (line: string) => line.replace('"hash":"hash 1",', '')],
  ])('has no entry in a line with %s', (_what, edit) => {
    const line = edit(exportLine(MARK));

    expect(line).not.toBe(exportLine(MARK));
    expect(entryInLine(line)).toBeNull();
  });
});
