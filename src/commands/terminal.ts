/** What a command sees of the process it runs in. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Characters in a line; undefined when the output is no terminal. */
  readonly columns?: number | undefined;
  /** A line on standard output. */
  print(line: string): void;
}
