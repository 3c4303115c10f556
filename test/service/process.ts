import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface ServiceProcessOptions {
  /** Modules that are loaded before the service. */
  readonly imports?: readonly string[];
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What Node runs instead of the service from its sources. */
  readonly program?: readonly string[];
  /** How many of its last lines are kept; all unless told. */
  readonly keeps?: number;
  readonly onLine?: (line: string) => void;
}

/** The service as a process of its own, as an operator runs it. */
export class ServiceProcess {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly exited: Promise<unknown>;
  hasWatched = false;
  readonly #began = Promise.withResolvers<boolean>();

  constructor(configFile: string, options: ServiceProcessOptions = {}) {
    const { imports = [], env = {}, keeps = Infinity, onLine = () => undefined } = options;
    const { program = [MAIN, 'run', '--config', configFile] } = options;
    const before = imports.flatMap((module) => ['--import', module]);
    this.child = spawn(process.execPath, [...before, ...program], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.exited = once(this.child, 'exit').then(() => this.#began.resolve(false));
    const stderr = this.child.stderr;
    if (stderr === null) throw new Error('no stderr');
    createInterface({ input: stderr }).on('line', (line) => {
      this.lines.push(line);
      if (this.lines.length > keeps) this.lines.shift();
      if (line.includes('watching access requests')) {
        this.hasWatched = true;
        this.#began.resolve(true);
      }
      onLine(line);
    });
  }

  /** True once it watches, false when it has ended before. */
  began(): Promise<boolean> {
    return this.#began.promise;
  }

  /** Resolves when the service watches; rejects when it ended before. */
  async watching(): Promise<void> {
    if (!(await this.began())) throw new Error(`the service ended:\n${this.lines.join('\n')}`);
  }

  /** Ends the process by the signal and gives its exit code, null when the signal killed it. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    await this.exited;
    return this.child.exitCode;
  }
}
