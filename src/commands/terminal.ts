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

/** What the ledger commands end with; 2, for the configuration, is the same for all commands. */
export const EXIT_OK = 0;
/** The ledger is not what was written, or the request that was asked for does not exist. */
export const EXIT_FAULT = 1;
/** Nothing is wrong with the record, but a person should look at something. */
export const EXIT_WARNING = 3;
/** The ledger cannot be read at all: nothing can be said of it. */
export const EXIT_UNREADABLE = 4;

/** Rows of cells as lines, each column as wide as its widest cell. */
export function tableLines(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export interface Progress extends Disposable {
  readonly at: (done: number) => void;
}

/** So much changes between two writes that it is worth one; nobody reads faster. */
const EVERY_MS = 200;
const WHOLE_LINE = '\r\u001b[K';

/** How far it is, `null` for nobody knows of how much, as one line on standard error, where that is a terminal and there is enough to wait for; nothing otherwise. */
export function progressLine(total: number | null, unit: string): Progress {
  const isShown = process.stderr.isTTY && (total ?? 10_000) >= 10_000;
  let written = performance.now();
  return {
    at(done) {
      if (!isShown || performance.now() - written < EVERY_MS) return;
      written = performance.now();
      const percent = Math.min(100, Math.floor((100 * done) / (total ?? done)));
      const whole = total === null ? `${done}` : `${percent} %  ${done} of ${total}`;
      process.stderr.write(`${WHOLE_LINE}${whole} ${unit}`);
    },
    [Symbol.dispose]() {
      if (isShown) process.stderr.write(WHOLE_LINE);
    },
  };
}
