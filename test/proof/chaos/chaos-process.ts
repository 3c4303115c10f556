import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceProcess } from '../../service/process.ts';

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

/** The service as a process of its own, with a trap laid for it. */
export class ChaosProcess {
  readonly #service: ServiceProcess;
  #killed = false;

  constructor({ configFile, killPoint, freezes = false, clockStepMs, onLine }: ChaosProcessOptions) {
    this.#service = new ServiceProcess(configFile, {
      imports: [KILL_POINTS],
      env: {
        CHAOS_KILL_POINT: killPoint ?? '',
        CHAOS_KILL_SIGNAL: freezes ? 'SIGSTOP' : 'SIGKILL',
        NODE_COMPILE_CACHE: COMPILED,
        CHAOS_CLOCK_STEP_MS: String(clockStepMs),
      },
      keeps: LINES_KEPT,
      onLine,
    });
    const killWithUs = () => this.#child.kill('SIGKILL');
    process.once('exit', killWithUs);
    void this.exited().then(() => process.off('exit', killWithUs));
  }

  get #child() {
    return this.#service.child;
  }

  get hasWatched(): boolean {
    return this.#service.hasWatched;
  }

  /** True once it watches, false when it has ended before. */
  watching(): Promise<boolean> {
    return this.#service.began();
  }

  exited(): Promise<unknown> {
    return this.#service.exited;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ended by SIGKILL, whoever sent it. An exit of its own is a defect, and said with its last words. */
  async kill(): Promise<void> {
    this.#killed = true;
    await this.#service.end('SIGKILL');
  }

  /** Null, or what it said before it ended although nobody killed it. */
  lastWords(): string | null {
    const { exitCode } = this.#child;
    return exitCode === null
      ? null
      : `the service ended with exit code ${exitCode}:\n${this.#service.lines.join('\n')}`;
  }

  /** Whether it ran into the trap by itself. */
  get diedAtItsPoint(): boolean {
    return !this.#killed && this.#child.signalCode === 'SIGKILL';
  }

  /** Ends it in order, and gives its exit code. */
  end(): Promise<number | null> {
    this.#killed = true;
    return this.#service.end('SIGTERM');
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
