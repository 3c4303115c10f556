import type { Terminal } from '../../src/commands/terminal.ts';

/** A terminal that keeps what is printed. */
export class CapturedTerminal implements Terminal {
  readonly environment: Readonly<Record<string, string | undefined>> = {};
  readonly lines: string[] = [];

  print(line: string): void {
    this.lines.push(line);
  }

  get text(): string {
    return this.lines.join('\n');
  }
}
