import { Command } from '@commander-js/extra-typings';
import { registerLedgerCommands } from '../../src/commands/ledger/register.ts';
import { ConfigError } from '../../src/config/config-error.ts';

export interface Said {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly text: string;
}

/** `oncall-approver ledger …` as a person types it, with what it prints and how it ends. */
export async function ledgerCommand(...words: readonly string[]): Promise<Said> {
  const lines: string[] = [];
  let exitCode = -1;
  const program = new Command('oncall-approver').exitOverride();
  registerLedgerCommands(program, { environment: {}, print: (line) => lines.push(line) }, async (command) => {
    try {
      exitCode = await command;
    } catch (error) {
      lines.push(error instanceof Error ? error.message : String(error));
      exitCode = error instanceof ConfigError ? 2 : 1;
    }
  });
  await program.parseAsync(['ledger', ...words], { from: 'user' });
  return { exitCode, lines, text: lines.join('\n') };
}
