import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { memoryOf, type Memory } from './measure.ts';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export type Program = 'src' | 'dist' | 'reference';

const ARGUMENTS: Readonly<Record<Program, (configFile: string) => readonly string[]>> = {
  src: (configFile) => [pathOf('../../src/main.ts'), 'run', '--config', configFile],
  dist: (configFile) => [pathOf('../../dist/main.js'), 'run', '--config', configFile],
  reference: (configFile) => [pathOf('./reference-worker.ts'), configFile],
};

/** The service, or the reference worker, as a process of its own. */
export class Contender implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #spawnedAt = performance.now();
  readonly #watching = Promise.withResolvers<number>();
  readonly #exited: Promise<unknown>;
  readonly #lastLines: string[] = [];

  constructor(program: Program, configFile: string) {
    this.#child = spawn(process.execPath, [...ARGUMENTS[program](configFile)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#exited = once(this.#child, 'exit').then(() => {
      this.#watching.reject(new Error(`${program} ended:\n${this.#lastLines.join('\n')}`));
    });
    this.#watching.promise.catch(() => undefined);
    if (this.#child.stderr === null) throw new Error('no stderr');
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      this.#lastLines.push(line);
      if (this.#lastLines.length > 20) this.#lastLines.shift();
      if (line.includes('watching access requests'))
        this.#watching.resolve(performance.now() - this.#spawnedAt);
    });
  }

  /** Resolves once it watches, with the milliseconds from its start; rejects when it ended before. */
  watching(): Promise<number> {
    return this.#watching.promise;
  }

  memory(): Memory {
    return memoryOf(this.#child.pid ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#exited;
  }
}
