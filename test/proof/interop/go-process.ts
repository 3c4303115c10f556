import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import type { Results } from './results.ts';

/** A Go command that answers each line of JSON with one. */
export class GoProcess implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args);
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line it prints by itself. Throws an Error when it has ended, or says why it could not. */
  async read(): Promise<unknown> {
    const line: IteratorResult<string, unknown> = await this.#lines.next();
    if (line.done === true) throw new Error('the go process has ended');
    const answer: unknown = JSON.parse(line.value);
    if (isFailure(answer)) throw new Error(answer.error);
    return answer;
  }

  /** One command, one answer; commands wait for each other. */
  ask(command: object): Promise<unknown> {
    const answer = this.#turn.then(() => {
      this.#child.stdin.write(`${JSON.stringify(command)}\n`);
      return this.read();
    });
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}

/** Runs a Go command that prints checks, one `{check, error}` a line, and counts them. */
export async function runChecks(command: string, args: readonly string[], results: Results): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let messages = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (messages += text));
  const closed = once(child, 'close') as Promise<[number | null]>;
  for await (const line of createInterface({ input: child.stdout })) {
    const { check, error } = JSON.parse(line) as { check: string; error: string };
    if (error === '') results.pass(check);
    else results.fail(check, error);
  }
  const [code] = await closed;
  if (code !== 0) results.fail('the go command ends well', messages);
}

function isFailure(answer: unknown): answer is { readonly error: string } {
  return (
    typeof answer === 'object' && answer !== null && 'error' in answer && typeof answer.error === 'string'
  );
}
