import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const KILL_POINTS = new URL('./kill-points.ts', import.meta.url).href;
/** By so much a process's clock can be moved: within what is taken for the same time, and beyond it. */
export const CLOCK_STEPS_MS = [-300_000, -30_000, 30_000, 300_000] as const;
/** Of a process that is gone only its last words matter. */
const LINES_KEPT = 200;
const PAGE_BYTES = 4_096;
/** Hundreds of starts of the same program: what Node has compiled once need not be compiled again. */
const COMPILED = join(tmpdir(), 'chaos-compiled');

export interface ChaosProcessOptions {
  readonly configFile: string;
  /** `before …` or `after …` one of LEDGER_POINTS; null to live on. */
  readonly killPoint: string | null;
  /** Whether it is frozen at that point instead of killed, once. */
  readonly freezes?: boolean;
  readonly clockStepMs: number;
  readonly onLine: (line: string) => void;
}

/** The service as a process of its own, as an operator runs it, with a trap laid for it. */
export class ChaosProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #watching = Promise.withResolvers<boolean>();
  readonly #exited: Promise<unknown>;
  hasWatched = false;
  #killed = false;

  constructor({ configFile, killPoint, freezes = false, clockStepMs, onLine }: ChaosProcessOptions) {
    this.#child = spawn(process.execPath, ['--import', KILL_POINTS, MAIN, 'run', '--config', configFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        CHAOS_KILL_POINT: killPoint ?? '',
        CHAOS_KILL_SIGNAL: freezes ? 'SIGSTOP' : 'SIGKILL',
        NODE_COMPILE_CACHE: COMPILED,
        CHAOS_CLOCK_STEP_MS: String(clockStepMs),
      },
    });
    const killWithUs = () => this.#child.kill('SIGKILL');
    process.once('exit', killWithUs);
    this.#exited = once(this.#child, 'exit').then(() => {
      process.off('exit', killWithUs);
      this.#watching.resolve(false);
    });
    const { stderr } = this.#child;
    if (stderr === null) throw new Error('no stderr');
    createInterface({ input: stderr }).on('line', (line) => {
      this.#lines.push(line);
      if (this.#lines.length > LINES_KEPT) this.#lines.shift();
      if (line.includes('watching access requests')) {
        this.hasWatched = true;
        this.#watching.resolve(true);
      }
      onLine(line);
    });
  }

  /** True once it watches, false when it has ended before. */
  watching(): Promise<boolean> {
    return this.#watching.promise;
  }

  exited(): Promise<unknown> {
    return this.#exited;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ended by SIGKILL, whoever sent it. An exit of its own is a defect, and said with its last words. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Null, or what it said before it ended although nobody killed it. */
  lastWords(): string | null {
    const { exitCode } = this.#child;
    return exitCode === null
      ? null
      : `the service ended with exit code ${exitCode}:\n${this.#lines.join('\n')}`;
  }

  /** Whether it ran into the trap by itself. */
  get diedAtItsPoint(): boolean {
    return !this.#killed && this.#child.signalCode === 'SIGKILL';
  }

  /** Ends it in order, and gives its exit code. */
  async end(): Promise<number | null> {
    this.#killed = true;
    this.#child.kill('SIGTERM');
    await this.#exited;
    return this.#child.exitCode;
  }

  /** Moves its clock, or moves it back; whether it runs. Before it listens for that it would die of it. */
  stepClock(): boolean {
    return this.hasWatched && this.isRunning && this.#child.kill('SIGUSR2');
  }

  freeze(): void {
    if (this.isRunning) this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    if (this.isRunning) this.#child.kill('SIGCONT');
  }

  /** Whether it is stopped, by itself at its point for instance. */
  get isFrozen(): boolean {
    if (!this.isRunning) return false;
    try {
      return /^\d+ \(.*\) T/u.test(readFileSync(`/proc/${this.#child.pid ?? 0}/stat`, 'utf8'));
    } catch {
      return false;
    }
  }

  /** Lets no file grow beyond its first page, as a full disk would, or lifts that. */
  async refuseFileWrites(refused: boolean): Promise<void> {
    if (!this.isRunning) return;
    const bytes = refused ? String(PAGE_BYTES) : 'unlimited';
    const { promise, resolve } = Promise.withResolvers<undefined>();
    // The soft limit only: what an ordinary user has lowered so can be raised again.
    execFile('prlimit', ['--pid', String(this.#child.pid), `--fsize=${bytes}:`], () => resolve(undefined));
    await promise;
  }
}
