import { styleText } from 'node:util';
import { spelledOut } from '../core/values/words.ts';

export { spelledOut };

/** What a command sees of the process it runs in. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Characters in a line; undefined when the output is no terminal. */
  readonly columns?: number | undefined;
  /** A line on standard output. */
  print(line: string): void;
}

/** What a line begins with that says how something went, and its colour on a terminal. */
const MARK = /^(?:ok|warn|FAIL)(?= {2})/u;
const COLOURS = { ok: 'green', warn: 'yellow', FAIL: 'red' } as const;

interface Output {
  readonly columns?: number;
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * The one owner of what is written to a person's terminal, or to a pipe that ends in one: whatever the command, and whoever chose
 * the words, nothing in it acts upon the terminal or hides. `NO_COLOR` (no-color.org) leaves the colours out.
 */
export function createTerminal(output: Output, environment: Terminal['environment']): Terminal {
  const isColoured =
    output.isTTY === true && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  const coloured = (line: string): string =>
    line.replace(MARK, (mark) =>
      styleText(COLOURS[mark as keyof typeof COLOURS], mark, { validateStream: false }),
    );
  const print = (line: string): void => {
    const harmless = spelledOut(line);
    output.write(`${isColoured ? coloured(harmless) : harmless}\n`);
  };
  return { environment, columns: output.columns, print };
}
