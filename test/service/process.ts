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
}

/** The service as a process of its own, as an operator runs it. */
export class ServiceProcess {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly #watching = Promise.withResolvers<undefined>();
  readonly #exited: Promise<unknown>;

  constructor(configFile: string, { imports = [], env = {} }: ServiceProcessOptions = {}) {
    const before = imports.flatMap((module) => ['--import', module]);
    this.child = spawn(process.execPath, [...before, MAIN, 'run', '--config', configFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#exited = once(this.child, 'exit');
    const stderr = this.child.stderr;
    if (stderr === null) throw new Error('no stderr');
    createInterface({ input: stderr }).on('line', (line) => {
      this.lines.push(line);
      if (line.includes('watching access requests')) this.#watching.resolve(undefined);
    });
  }

  /** Resolves when the service watches; rejects when it ended before. */
  async watching(): Promise<void> {
    const ended = this.#exited.then(() => {
      throw new Error(`the service ended:\n${this.lines.join('\n')}`);
    });
    await Promise.race([this.#watching.promise, ended]);
  }

  /** Ends the process by the signal and gives its exit code, null when the signal killed it. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    await this.#exited;
    return this.child.exitCode;
  }
}
