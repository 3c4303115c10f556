import { spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SCRIPT = join(import.meta.dirname, 'appending-process.ts');

export interface Appender extends AsyncDisposable {
  readonly pid: number;
  /** The next line that it says; fails when it has ended. */
  next(): Promise<string>;
  /** Lines up to and including the first that matches. */
  until(matches: (line: string) => boolean): Promise<readonly string[]>;
  /** Lets it go on. */
  tell(): void;
  /** Ends it without warning; gives everything that it had said and that was not read yet. */
  kill(): Promise<readonly string[]>;
}

export interface AppenderOptions {
  readonly file: string;
  readonly name?: string;
  /** A shell command that runs the process, given as `"$@"`; for limits that are set from outside. */
  readonly through?: string;
  readonly uid?: number;
}

/** Starts `appending-process.ts` on the file and waits until it is ready. */
export async function spawnAppender(options: AppenderOptions): Promise<Appender> {
  const command = [process.execPath, SCRIPT, options.file, options.name ?? 'request'];
  const spawning: SpawnOptions = {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  };
  const child =
    options.through === undefined
      ? spawn(command[0] ?? '', command.slice(1), spawning)
      : spawn('/bin/sh', ['-c', options.through, 'sh', ...command], spawning);
  const { stdin, stdout, pid } = child;
  if (stdin === null || stdout === null || pid === undefined) throw new Error('the process did not start');
  const exited = once(child, 'exit');
  const lines = createInterface(stdout)[Symbol.asyncIterator]();

  async function next(): Promise<string> {
    const line = await lines.next();
    if (line.done === true) throw new Error('the process has ended');
    return line.value;
  }

  async function kill(): Promise<readonly string[]> {
    child.kill('SIGKILL');
    await exited;
    const unread: string[] = [];
    for await (const line of { [Symbol.asyncIterator]: () => lines }) unread.push(line);
    return unread;
  }

  if ((await next()) !== 'ready') throw new Error('the process does not say that it is ready');
  return {
    pid,
    next,
    async until(matches) {
      const said: string[] = [];
      for (;;) {
        said.push(await next());
        if (matches(said.at(-1) ?? '')) return said;
      }
    },
    tell: () => void stdin.write('\n'),
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
    },
  };
}
