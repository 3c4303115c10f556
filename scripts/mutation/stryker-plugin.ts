import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { performance } from 'node:perf_hooks';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CheckStatus, type CheckResult, type Checker } from '@stryker-mutator/api/check';
import type { Mutant, MutantCoverage, MutantResult } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import type { Reporter } from '@stryker-mutator/api/report';
import {
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner';
import { collect, type CollectedTest as Collected } from './collected-tests.ts';

/** Each mutant comes with the ids of the tests that run through it: thousands of them, so they are short. */
interface CollectedTest extends Collected {
  readonly id: string;
}

/** What instrumented code reads and writes. */
interface Instrumentation {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: MutantCoverage;
}

/** In the sandbox, for the processes that run no test without a mutant. */
const PROSPECTS = 'prospects.json';

/** A mutant that tests of so many milliseconds do not notice counts as unnoticed. */
const MOST_MS = Number(process.env['MUTATION_MOST_MS'] ?? Infinity);

const HUNG = 'it hangs';
/** What waits for so long, or works for so long: a process that others keep from working does neither. */
const HANGS = { waitingMs: 10_000, workingMs: 30_000 };
const LOOK_EVERY_MS = 500;
/** Whatever tests do to time. */
const real = {
  repeat: setInterval,
  stop: clearInterval,
  now: performance.now.bind(performance),
  loop: performance.eventLoopUtilization.bind(performance),
};

const shared = ((globalThis as { __stryker__?: Instrumentation }).__stryker__ ??= {});

/** What a test takes of the processor, and how many mutants it runs through: what is quick and sees much is asked first. */
interface Prospect {
  readonly ms: number;
  readonly mutants: number;
}

/** Runs the tests of `MUTATION_TESTS` (globs) in its own process, which loads them once for all mutants. */
class InProcessRunner implements TestRunner {
  #tests: readonly CollectedTest[] = [];
  #isStuck = false;
  /** The tests that killed mutants of a file last, the last one first: they are asked first the next time. */
  readonly #killers = new Map<string, readonly string[]>();
  #prospects: Readonly<Record<string, Prospect>> = {};

  capabilities() {
    return { reloadEnvironment: false };
  }

  init(): Promise<void> {
    process.env['PROPERTY_RUNS'] ??= '10';
    // Fake timers are all that vitest keeps here; a rejection that nobody awaited is for the test to see.
    Object.assign(globalThis, { __vitest_worker__: { config: { fakeTimers: {} }, providedContext: {} } });
    process.on('unhandledRejection', () => undefined);
    const collected = new URL('./collected-tests.ts', import.meta.url).href;
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === 'vitest' &&
        context.parentURL?.startsWith(pathToFileURL(`${resolve('test')}/`).href) === true
          ? { url: collected, shortCircuit: true }
          : next(specifier, context),
    });
    return Promise.resolve();
  }

  async dryRun(): Promise<DryRunResult> {
    await this.#load();
    const results: TestResult[] = [];
    const takenMs = new Map<string, number>();
    for (const test of this.#tests) {
      shared.currentTestId = test.id;
      const [began, cpu] = [real.now(), process.cpuUsage()];
      // Where others use the machine, what waits for sockets may come too late once.
      const failure = (await failureOf(test)) === null ? null : await failureOf(test);
      const about = {
        id: test.id,
        name: test.name,
        fileName: test.file,
        timeSpentMs: real.now() - began,
      };
      takenMs.set(test.id, workedMs(cpu));
      results.push(
        failure === null
          ? { ...about, status: TestStatus.Success }
          : { ...about, status: TestStatus.Failed, failureMessage: failure },
      );
    }
    shared.currentTestId = undefined;
    const { static: atLoading = {}, perTest = {} } = shared.mutantCoverage ?? {};
    // What ran while the files were loaded needs no new process where a test runs it again.
    const again = new Set(Object.values(perTest).flatMap((hits) => Object.keys(hits)));
    const alone = Object.entries(atLoading).filter(([id]) => !again.has(id));
    const prospects = [...takenMs].map(([id, ms]): [string, Prospect] => [
      id,
      { ms, mutants: Object.keys(perTest[id] ?? {}).length },
    ]);
    this.#prospects = Object.fromEntries(prospects);
    writeFileSync(PROSPECTS, JSON.stringify(this.#prospects));
    const mutantCoverage: MutantCoverage = { static: Object.fromEntries(alone), perTest };
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage };
  }

  async mutantRun({
    activeMutant,
    testFilter,
    hitLimit,
    mutantActivation,
  }: MutantRunOptions): Promise<MutantRunResult> {
    if (this.#isStuck) process.exit(1);
    if (mutantActivation === 'static') shared.activeMutant = activeMutant.id;
    await this.#load();
    Object.assign(shared, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    const wanted = testFilter && new Set(testFilter);
    const tests = this.#tests.filter(({ id }) => wanted?.has(id) ?? true);
    const { fileName } = activeMutant;
    const killers = this.#killers.get(fileName) ?? [];
    const first = new Map(killers.map((id, index) => [id, index - killers.length]));
    const mirror = `${basename(fileName, '.ts')}.`;
    const rank = ({ id, file }: CollectedTest): number =>
      first.get(id) ??
      (basename(file).startsWith(mirror) ? 0 : this.#prospect(id).ms / this.#prospect(id).mutants);
    const inOrder = tests.toSorted((one, other) => rank(one) - rank(other));
    let nrOfTests = 0;
    let spentMs = 0;
    for (const test of inOrder) {
      const { ms } = this.#prospect(test.id);
      if (spentMs + ms > MOST_MS) continue;
      spentMs += ms;
      nrOfTests += 1;
      const failureMessage = await unlessItHangs(failureOf(test));
      if (failureMessage === null) continue;
      if (failureMessage === HUNG) {
        // What hangs may go on beside the next tests: the next mutant finds no process, and is given a new one.
        this.#isStuck = true;
        return { status: MutantRunStatus.Timeout };
      }
      this.#killers.set(fileName, [test.id, ...killers.filter((id) => id !== test.id)]);
      if (hitLimit !== undefined && (shared.hitCount ?? 0) > hitLimit)
        return { status: MutantRunStatus.Timeout };
      return { status: MutantRunStatus.Killed, killedBy: [test.id], failureMessage, nrOfTests };
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }

  #prospect(id: string): Prospect {
    return this.#prospects[id] ?? { ms: 1, mutants: 1 };
  }

  async #load(): Promise<void> {
    if (this.#tests.length > 0) return;
    const loaded: Collected[] = [];
    for (const path of globSync((process.env['MUTATION_TESTS'] ?? '').split(',')).sort()) {
      loaded.push(...(await collect(path, () => import(pathToFileURL(resolve(path)).href))));
    }
    this.#tests = loaded.map((test, index) => Object.assign(test, { id: String(index) }));
    if (existsSync(PROSPECTS))
      this.#prospects = JSON.parse(readFileSync(PROSPECTS, 'utf8')) as Record<string, Prospect>;
  }
}

async function unlessItHangs(test: Promise<string | null>): Promise<string | null> {
  const { promise: hung, resolve: giveUp } = Promise.withResolvers<string>();
  const begun = { loop: real.loop(), cpu: process.cpuUsage() };
  const looking = real.repeat(() => {
    const waitedMs = real.loop(begun.loop).idle;
    if (waitedMs > HANGS.waitingMs || workedMs(begun.cpu) > HANGS.workingMs) giveUp(HUNG);
  }, LOOK_EVERY_MS);
  try {
    return await Promise.race([test, hung]);
  } finally {
    real.stop(looking);
  }
}

function workedMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

async function failureOf(test: CollectedTest): Promise<string | null> {
  try {
    await test.run();
    return null;
  } catch (error) {
    return String(error);
  }
}

/** Lets `MUTATION_SAMPLE` mutants pass, the same ones as long as the seed and the code are the same; the others do not count. */
class Sample implements Checker {
  init(): Promise<void> {
    return Promise.resolve();
  }

  group(mutants: Mutant[]): Promise<string[][]> {
    return Promise.resolve([mutants.map(({ id }) => id)]);
  }

  check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    const [size = '', seed = ''] = (process.env['MUTATION_SAMPLE'] ?? '').split('/');
    const lot = ({ fileName, location, mutatorName, replacement }: Mutant): string =>
      createHash('sha256')
        .update(
          JSON.stringify([seed, resolve(fileName).split('/src/').at(-1), location, mutatorName, replacement]),
        )
        .digest('hex');
    const drawn = mutants.map((mutant) => ({ id: mutant.id, lot: lot(mutant) }));
    drawn.sort((one, other) => (one.lot < other.lot ? -1 : 1));
    const result = (index: number): CheckResult =>
      index < Number(size)
        ? { status: CheckStatus.Passed }
        : { status: CheckStatus.CompileError, reason: 'not in the sample' };
    return Promise.resolve(Object.fromEntries(drawn.map(({ id }, index) => [id, result(index)])));
  }
}

/** Tells of what no test notices as soon as that is known: a run takes long. */
class Unnoticed implements Reporter {
  onMutantTested({ status, fileName, location: { start }, replacement }: MutantResult): void {
    if (status !== 'Survived' && status !== 'NoCoverage') return;
    const where = `${fileName}:${start.line}:${start.column}`;
    process.stdout.write(`${status} ${where} ${replacement.replaceAll(/\s+/gu, ' ').slice(0, 100)}\n`);
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner),
  declareClassPlugin(PluginKind.Checker, 'sample', Sample),
  declareClassPlugin(PluginKind.Reporter, 'unnoticed', Unnoticed),
];
