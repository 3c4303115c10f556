import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRealLedger, type RealLedger } from './real-ledger.ts';
import { EDITS, FORGERIES, INSERTIONS, MOVES, REMOVALS } from './tamper-cases.ts';
import { rechain, tamper, type Change } from './tampering.ts';
import { ledgerCommand } from './terminal.ts';

let real: RealLedger;
let other: RealLedger;
beforeAll(async () => {
  real = await aRealLedger();
  other = await aRealLedger();
}, 60_000);
afterAll(async () => {
  await real[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

async function verifyAfter(change: Change) {
  const file = await real.copy();
  tamper(file, change);
  return ledgerCommand('verify', '--ledger', file);
}

describe('a real ledger', () => {
  it('verifies as it was written, and every decision comes out again', async () => {
    const { exitCode, text } = await ledgerCommand('verify', '--ledger', real.file);

    expect(text).toContain('6 decisions derived again, 0 faults, 0 warnings');
    expect(exitCode).toBe(0);
  });

  it('says itself what it cannot tell', async () => {
    const { text } = await ledgerCommand('verify', '--ledger', real.file);

    expect(text).toMatch(/whether entries after \d+ were cut off cannot be seen from inside/u);
  });
});

describe.each([
  ['edited', EDITS],
  ['with entries removed', REMOVALS],
  ['with entries moved', MOVES],
  ['with entries put in', INSERTIONS],
  ['forged by somebody who knows how', FORGERIES],
])('a ledger %s', (_how, cases) => {
  it.each(cases)('%s', async (_what, change, words, firstBad) => {
    const { exitCode, text } = await verifyAfter(change);

    expect(text).toMatch(words);
    expect(exitCode).toBe(1);
    if (firstBad !== undefined) expect(text).toContain(`the first bad entry is ${firstBad}`);
  });
});

describe('entries of another ledger', () => {
  it('are recognised where they were put in', async () => {
    const file = await real.copy();
    tamper(file, (db) => {
      db.exec(`ATTACH DATABASE '${other.file}' AS other`);
      db.exec('DELETE FROM entry WHERE seq = 7; INSERT INTO entry SELECT * FROM other.entry WHERE seq = 7');
    });

    const { exitCode, text } = await ledgerCommand('verify', '--ledger', file);

    expect(text).toContain('the first bad entry is 7');
    expect(exitCode).toBe(1);
  });

  it('are recognised by a summary when the whole file was replaced', async () => {
    const summary = join(real.folder, 'own.json');
    await ledgerCommand(
      'export',
      '--ledger',
      real.file,
      '--out',
      join(real.folder, 'own.jsonl'),
      '--summary',
      summary,
    );

    const { exitCode, text } = await ledgerCommand('verify', '--ledger', other.file, '--against', summary);

    expect(text).toContain('this is another ledger');
    expect(exitCode).toBe(1);
  });
});

it.each([1, 2, 5])(
  'a ledger whose end was cut off by %i entries is recognised by a summary',
  async (entries) => {
    const summary = join(real.folder, `cut-${entries}.json`);
    await ledgerCommand(
      'export',
      '--ledger',
      real.file,
      '--out',
      join(real.folder, 'cut.jsonl'),
      '--summary',
      summary,
    );
    const file = await real.copy();
    tamper(file, (db) => db.exec(`DELETE FROM entry WHERE seq > (SELECT max(seq) FROM entry) - ${entries}`));

    const { exitCode, text } = await ledgerCommand('verify', '--ledger', file, '--against', summary);

    expect(text).toContain('the end was cut off');
    expect(exitCode).toBe(1);
  },
);

it('a clock that was set back is a warning with an exit code of its own: the record holds', async () => {
  const file = await real.copy();
  tamper(file, (db) => {
    db.exec("UPDATE entry SET at = '2001-01-01T00:00:00.000Z' WHERE seq > 20");
    rechain(db, 21);
  });

  const { exitCode, text } = await ledgerCommand('verify', '--ledger', file);

  expect(text).toContain('the clock of the machine that wrote it was set back');
  expect(exitCode).toBe(3);
});

describe('a place that cannot be read', () => {
  it('is said to be none when nothing is there', async () => {
    const { exitCode, text } = await ledgerCommand('verify', '--ledger', join(real.folder, 'nothing'));

    expect(text).toContain('there is no ledger');
    expect(exitCode).toBe(4);
  });

  it('is said to be no database when it is something else', async () => {
    const file = join(real.folder, 'letter.txt');
    await writeFile(file, 'Dear auditor, '.repeat(1_000));

    const { exitCode, text } = await ledgerCommand('verify', '--ledger', file);

    expect(text).toContain(
      `the ledger \`${file}\` cannot be used: the file is no SQLite database: does \`ledger.sqlite\` name the right file`,
    );
    expect(exitCode).toBe(4);
  });

  it('is said to be damaged when the file was cut in two', async () => {
    const file = await real.copy();
    tamper(file, () => undefined);
    await truncate(file, 40_960);

    const { exitCode, text } = await ledgerCommand('verify', '--ledger', file);

    expect(text).toMatch(/damaged|holds no ledger/u);
    expect(exitCode).toBe(4);
  });

  it('is found by another way when the configuration does not parse any more', async () => {
    const config = join(real.folder, 'broken.yaml');
    await writeFile(config, 'teleport: [\n');

    const { exitCode, text } = await ledgerCommand('verify', '--config', config);

    expect(text).toContain('a bracket is not closed');
    expect(text).toContain('--ledger FILE');
    expect(exitCode).toBe(2);
  });
});

describe('an export', () => {
  it('verifies without the database, and is found out when one letter of it is changed', async () => {
    const file = join(real.folder, 'letters.jsonl');
    const summary = join(real.folder, 'letters.json');
    await ledgerCommand('export', '--ledger', real.file, '--out', file, '--summary', summary);
    expect((await ledgerCommand('verify', '--export', file, '--against', summary)).exitCode).toBe(0);

    await writeFile(file, (await readFile(file, 'utf8')).replace('checkout', 'checkoux'));

    const { exitCode, text } = await ledgerCommand('verify', '--export', file, '--against', summary);
    expect(text).toContain('the first bad entry is 3');
    expect(exitCode).toBe(1);
  });

  it.each(['ended', 'sealed-from', 'checkpoint'])(
    'cut off by its last brace is found out: %s',
    async (kind) => {
      const file = join(real.folder, 'brace.jsonl');
      const line = `{"seq":1,"at":"2026-03-03T02:14:07.000Z","hash":"","event":{"kind":"${kind}","ledger":"l"}}`;
      await writeFile(file, line.slice(0, -1));

      const { exitCode, text } = await ledgerCommand('verify', '--export', file);

      expect(text).toContain('its text cannot be read');
      expect(exitCode).toBe(1);
    },
  );
});
