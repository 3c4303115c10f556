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

/**
 * The one owner of what is written to a person's terminal, or to a pipe that ends in one: whatever the command, and whoever chose
 * the words, nothing in it acts upon the terminal or hides.
 */
export function createTerminal(
  output: { readonly columns?: number; write(text: string): unknown },
  environment: Terminal['environment'],
): Terminal {
  const print = (line: string): void => void output.write(`${spelledOut(line)}\n`);
  return { environment, columns: output.columns, print };
}
