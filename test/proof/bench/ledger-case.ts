import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOUR, instantOf } from '../../../src/core/values/instant.ts';
import { aPolicy } from '../../support/builders.ts';
import { SAM, TAYLOR, WrittenLedger } from '../../traceability/written-ledger.ts';
import { rounded, spreadOf } from './measure.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
/** As many requests as the service handles at once; beyond the sample that is measured, the file is filled faster. */
const AT_ONCE = 32;
const AT_ONCE_FILLING = 512;
const SAMPLE = 20_000;
const LOOK_UPS = 1_000;

/** (e) A ledger of so many entries: written as the service writes it, every commit on disk; looked up in; verified by the command. */
export async function ledgerOf(entries: number) {
  const folder = await mkdtemp(join(tmpdir(), 'oncall-approver-bench-'));
  try {
    const file = join(folder, 'ledger.sqlite');
    const start = instantOf(Date.now() - 24 * HOUR);
    await using written = await WrittenLedger.create(file, aPolicy(), start);
    const writing = performance.now();
    const first = await fill(written, { entries: SAMPLE, atOnce: AT_ONCE, from: 0 });
    const { entries: sample } = await written.ledger.size();
    const perSecond = Math.round((sample * 1000) / (performance.now() - writing));
    const stories = await fill(written, { entries, atOnce: AT_ONCE_FILLING, from: first });
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
      appended_per_second: perSecond,
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

interface Filling {
  readonly entries: number;
  readonly atOnce: number;
  /** The number of the first new request. */
  readonly from: number;
}

/** Gives how many requests are in it. */
async function fill(written: WrittenLedger, { entries, atOnce, from }: Filling): Promise<number> {
  const start = Date.now() - 24 * HOUR;
  let stories = from;
  let isFull = (await written.ledger.size()).entries >= entries;
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
  await Promise.all(Array.from({ length: atOnce }, write));
  return stories;
}

function storyId(number: number): string {
  return `01985f2c-0000-7000-8000-${String(number).padStart(12, '0')}`;
}
