import type { Terminal } from '../../src/commands/terminal.ts';

/** A terminal that keeps what is printed. */
export class CapturedTerminal implements Terminal {
  readonly environment: Terminal['environment'];
  readonly lines: string[] = [];

  constructor(environment: Terminal['environment'] = {}) {
    this.environment = environment;
  }

  print(line: string): void {
    this.lines.push(line);
  }

  get text(): string {
    return this.lines.join('\n');
  }
}
