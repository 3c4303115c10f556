import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A part of the demo as a process of its own; its JSON lines are kept, and can be waited for. */
export class Part implements AsyncDisposable {
  readonly lines: Record<string, unknown>[] = [];
  readonly #child: ChildProcess;
  /** Known once the process has ended; null when a signal ended it. */
  readonly exitCode: Promise<number | null>;
  readonly #reader: Interface;
  #waiters: {
    matches: (line: Record<string, unknown>) => boolean;
    resolve: (line: Record<string, unknown>) => void;
  }[] = [];

  /** `program` is Node unless the part is something else than a script of ours. */
  constructor(
    script: string,
    args: readonly string[],
    output: 'stdout' | 'stderr',
    program: string = process.execPath,
  ) {
    this.#child = spawn(program, [script, ...args], {
      cwd: ROOT,
      stdio: ['ignore', output === 'stdout' ? 'pipe' : 'ignore', output === 'stderr' ? 'pipe' : 'inherit'],
    });
    this.exitCode = once(this.#child, 'exit').then(([code]) => code as number | null);
    const stream = this.#child[output];
    if (stream === null) throw new Error(`no ${output} of ${script}`);
    this.#reader = createInterface({ input: stream });
    this.#reader.on('line', (text) => this.#take(text));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The first line, past or to come, that matches. */
  line(
    what: string,
    matches: (line: Record<string, unknown>) => boolean,
    // An emulated processor needs half a minute to begin.
    deadlineMs = 60_000,
  ): Promise<Record<string, unknown>> {
    const past = this.lines.find(matches);
    if (past !== undefined) return Promise.resolve(past);
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    const late = setTimeout(
      () =>
        reject(
          new Error(
            `${what}: not within ${deadlineMs} ms; last lines:\n${this.lines
              .slice(-5)
              .map((line) => JSON.stringify(line))
              .join('\n')}`,
          ),
        ),
      deadlineMs,
    );
    this.#waiters.push({
      matches,
      resolve: (line) => {
        clearTimeout(late);
        resolve(line);
      },
    });
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.exitCode;
    this.#reader.close();
  }

  #take(text: string): void {
    let line: Record<string, unknown>;
    try {
      line = JSON.parse(text) as Record<string, unknown>;
    } catch {
      process.stderr.write(`${text}\n`);
      return;
    }
    this.lines.push(line);
    const woken = this.#waiters.filter(({ matches }) => matches(line));
    this.#waiters = this.#waiters.filter((waiter) => !woken.includes(waiter));
    for (const { resolve } of woken) resolve(line);
  }
}

/** One call to a simulator's control API. */
export async function control<T>(method: 'GET' | 'POST' | 'DELETE', url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const answer = (await response.json()) as T;
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
