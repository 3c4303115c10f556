import { spawnSync } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOUR, instantOf } from '../../../src/core/values/instant.ts';
import type { LedgerSettings } from '../../../src/ledger/ledger-settings.ts';
import { openKeys } from '../../../src/ledger/open-keys.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { openMarking } from '../../../src/ledger/open-marking.ts';
import { aConfigFolder, LEAST, type ConfigFolder } from '../../config/a-config.ts';
import { aPolicy } from '../../support/builders.ts';
import { SAM, TAYLOR, WrittenLedger } from '../../traceability/written-ledger.ts';
import { rounded, spreadOf } from './measure.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
/** As many requests as the service handles at once; beyond the samples that are measured, the file is filled faster. */
const AT_ONCE = 32;
const AT_ONCE_FILLING = 512;
const SAMPLE = 5_000;
const LOOK_UPS = 1_000;
/** Each figure is the best of so many, taken in turn with and without a key: other work on the machine only makes it worse. */
const TURNS = 4;
export const KEY = `current ${'0a'.repeat(32)}`;
const { signal } = new AbortController();
const PEAK = /^peak (?<kilobytes>\d+)$/gmu;
/** Has the command say how much memory it took. */
const SAY_PEAK =
  'data:text/javascript,process.on("exit",()=>process.stderr.write(`peak ${process.resourceUsage().maxRSS}\\n`))';

/**
 * (e) A ledger of so many entries, with a key and without: written as the service writes it, every commit on disk; opened; looked
 * up in; verified by the command. `costs_percent` is how much longer it takes with the key.
 */
export async function ledgerOf(entries: number) {
  await using folder = await aConfigFolder();
  await using plain = await Measured.create(folder, 'plain', entries);
  await using sealed = await Measured.create(folder, 'sealed', entries);
  const both = [plain, sealed];
  for (let turn = 0; turn < TURNS; turn += 1) for (const each of both) await each.appendSample();
  for (const each of both) each.verify();
  const small = both.map((each) => each.takePeak());
  for (const each of both) await each.fill();
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const each of both) await each.start();
    for (const each of both) each.verify();
  }
  const [without, with_key] = [
    { ...(await plain.figures()), verify_peak_mb_of_small: small[0] },
    { ...(await sealed.figures()), verify_peak_mb_of_small: small[1] },
  ];
  const more = (one: number, other: number) => rounded((other / one - 1) * 100);
  return {
    without,
    with_key,
    costs_percent: {
      append: more(with_key.appended_per_second, without.appended_per_second),
      start: more(without.start_ms, with_key.start_ms),
      verify: more(without.verify_seconds, with_key.verify_seconds),
    },
  };
}

interface Found {
  readonly ok: boolean;
  readonly entries: number;
  readonly decisions: number;
}

class Measured implements AsyncDisposable {
  readonly #file: string;
  readonly #config: string;
  readonly #settings: LedgerSettings;
  readonly #written: WrittenLedger;
  readonly #entries: number;
  #stories = 0;
  #appendedPerSecond = 0;
  #startMs = Infinity;
  #verifySeconds = Infinity;
  #peakMb = 0;
  #found: Found = { ok: false, entries: 0, decisions: 0 };

  private constructor(
    config: string,
    settings: LedgerSettings & { sqlite: string },
    written: WrittenLedger,
    entries: number,
  ) {
    this.#file = settings.sqlite;
    this.#config = config;
    this.#settings = settings;
    this.#written = written;
    this.#entries = entries;
  }

  static async create(folder: ConfigFolder, name: 'plain' | 'sealed', entries: number): Promise<Measured> {
    const config = join(folder.path, `${name}.yaml`);
    const keyLine = name === 'sealed' ? '  key_file: ledger-key\n' : '';
    await writeFile(join(folder.path, 'ledger-key'), KEY, { mode: 0o600 });
    await writeFile(config, `${LEAST}ledger:\n  sqlite: ${name}.sqlite\n${keyLine}`);
    const key = name === 'sealed' ? { reveal: () => KEY } : undefined;
    const settings = { sqlite: join(folder.path, `${name}.sqlite`), key };
    const keys = key === undefined ? null : openKeys(key);
    const began = instantOf(Date.now() - 24 * HOUR);
    if (keys !== null) {
      await using marking = await openMarking(settings, signal);
      await marking.setMark(keys, began, () => undefined);
    }
    const written = await WrittenLedger.create(settings.sqlite, aPolicy(), began, keys);
    return new Measured(config, settings, written, entries);
  }

  async appendSample(): Promise<void> {
    const { entries: before } = await this.#written.ledger.size();
    const began = performance.now();
    await this.#write(AT_ONCE, before + SAMPLE);
    const seconds = (performance.now() - began) / 1000;
    const { entries: after } = await this.#written.ledger.size();
    this.#appendedPerSecond = Math.max(this.#appendedPerSecond, Math.round((after - before) / seconds));
  }

  fill(): Promise<void> {
    return this.#write(AT_ONCE_FILLING, this.#entries);
  }

  /** What a start asks of the ledger. */
  async start(): Promise<void> {
    const began = performance.now();
    await using open = await openLedger(this.#settings, signal);
    await open.ledger.open();
    await open.ledger.size();
    this.#startMs = Math.min(this.#startMs, performance.now() - began);
  }

  verify(): void {
    const began = performance.now();
    const command = ['--import', SAY_PEAK, MAIN, 'ledger', 'verify', '--config', this.#config, '--json'];
    const run = spawnSync(process.execPath, command, { encoding: 'utf8' });
    for (const { groups } of run.stderr.matchAll(PEAK))
      this.#peakMb = Math.max(this.#peakMb, Math.round(Number(groups?.['kilobytes']) / 1024));
    this.#verifySeconds = Math.min(this.#verifySeconds, (performance.now() - began) / 1000);
    this.#found = JSON.parse(run.stdout) as Found;
  }

  /** The most memory that the command took since this was asked before, in megabytes; its times count anew. */
  takePeak(): number {
    const peak = this.#peakMb;
    this.#peakMb = 0;
    this.#verifySeconds = Infinity;
    return peak;
  }

  async figures() {
    const lookUps: number[] = [];
    for (let each = 0; each < LOOK_UPS; each += 1) {
      const began = performance.now();
      await this.#written.ledger.entriesOf(storyId((each * 7919) % this.#stories));
      lookUps.push(performance.now() - began);
    }
    const { entries } = await this.#written.ledger.size();
    const { p50, p99 } = spreadOf(lookUps);
    return {
      entries,
      appended_per_second: this.#appendedPerSecond,
      start_ms: rounded(this.#startMs),
      look_up_p50_ms: p50,
      look_up_p99_ms: p99,
      verify_seconds: rounded(this.#verifySeconds, 2),
      verify_peak_mb: this.#peakMb,
      verified: this.#found.ok && this.#found.entries === entries,
      decisions_derived_again: this.#found.decisions,
      megabytes: Math.round((await stat(this.#file)).size / 2 ** 20),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#written[Symbol.asyncDispose]();
  }

  async #write(atOnce: number, entries: number): Promise<void> {
    this.#stories = await tellStories(this.#written, { atOnce, entries, from: this.#stories });
  }
}

/** Tells stories until the ledger has so many entries; gives how many it tells of then. */
async function tellStories(
  written: WrittenLedger,
  { atOnce, entries, from }: { readonly atOnce: number; readonly entries: number; readonly from: number },
): Promise<number> {
  const start = Date.now() - 24 * HOUR;
  let stories = from;
  let isFull = (await written.ledger.size()).entries >= entries;
  const write = async () => {
    while (!isFull) {
      const number = stories;
      stories += 1;
      const onCall = number % 3 === 2 ? 'no' : 'yes';
      const person = onCall === 'yes' ? SAM : TAYLOR;
      await written.tell({ id: storyId(number), at: instantOf(start + number * 100), person, onCall });
      if (number % 100 === 0) isFull = (await written.ledger.size()).entries >= entries;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, write));
  return stories;
}

/** A sealed ledger of so many entries, where a service is to be started. */
export async function fillSealed(sqlite: string, entries: number): Promise<void> {
  const key = { reveal: () => KEY };
  const keys = openKeys(key);
  const began = instantOf(Date.now() - 24 * HOUR);
  {
    await using marking = await openMarking({ sqlite, key }, signal);
    await marking.setMark(keys, began, () => undefined);
  }
  await using written = await WrittenLedger.create(sqlite, aPolicy(), began, keys);
  await tellStories(written, { atOnce: AT_ONCE_FILLING, entries, from: 0 });
}

function storyId(number: number): string {
  return `01985f2c-0000-7000-8000-${String(number).padStart(12, '0')}`;
}
