import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOUR, instantOf } from '../../src/core/instant.ts';
import { aPolicy } from '../builders.ts';
import { SAM, TAYLOR, WrittenLedger } from '../traceability/written-ledger.ts';
import { rounded, spreadOf } from './measure.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** As many requests as the service handles at once. */
const AT_ONCE = 32;
const LOOK_UPS = 1_000;

/** (e) A ledger of so many entries: written as the service writes it, every commit on disk; looked up in; verified by the command. */
export async function ledgerOf(entries: number) {
  const folder = await mkdtemp(join(tmpdir(), 'oncall-approver-bench-'));
  try {
    const file = join(folder, 'ledger.sqlite');
    const start = instantOf(Date.now() - 24 * HOUR);
    await using written = await WrittenLedger.create(file, aPolicy(), start);
    const writing = performance.now();
    const stories = await fill(written, entries);
    const writingSeconds = (performance.now() - writing) / 1000;
    const { entries: count } = await written.ledger.size();

    const lookUps: number[] = [];
    for (let each = 0; each < LOOK_UPS; each += 1) {
      const began = performance.now();
      await written.ledger.entriesOf(storyId((each * 7919) % stories));
      lookUps.push(performance.now() - began);
    }

    const verifying = performance.now();
    const verified = spawnSync(process.execPath, [MAIN, 'ledger', 'verify', '--ledger', file, '--json'], {
      encoding: 'utf8',
    });
    const verifySeconds = (performance.now() - verifying) / 1000;
    const found = JSON.parse(verified.stdout) as { ok: boolean; entries: number; decisions: number };
    const { p50, p99 } = spreadOf(lookUps);
    return {
      entries: count,
      appended_per_second: Math.round(count / writingSeconds),
      look_up_p50_ms: p50,
      look_up_p99_ms: p99,
      verify_seconds: rounded(verifySeconds),
      verified: found.ok && found.entries === count,
      decisions_derived_again: found.decisions,
      megabytes: Math.round((await stat(file)).size / 2 ** 20),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Gives how many requests it took. */
async function fill(written: WrittenLedger, entries: number): Promise<number> {
  const start = Date.now() - 24 * HOUR;
  let stories = 0;
  let isFull = false;
  async function write(): Promise<void> {
    while (!isFull) {
      const number = stories;
      stories += 1;
      const onCall = number % 3 === 2 ? 'no' : 'yes';
      const person = onCall === 'yes' ? SAM : TAYLOR;
      await written.tell({ id: storyId(number), at: instantOf(start + number * 100), person, onCall });
      if (number % 100 === 0) isFull = (await written.ledger.size()).entries >= entries;
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, write));
  return stories;
}

function storyId(number: number): string {
  return `01985f2c-0000-7000-8000-${String(number).padStart(12, '0')}`;
}
