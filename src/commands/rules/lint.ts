import { loadConfig } from '../../config/load.ts';
import { lint } from '../../rules/lint.ts';
import type { Terminal } from '../terminal.ts';

export interface RulesLintOptions {
  readonly config: string;
  /** A warning is a failure. */
  readonly strict?: boolean;
}

/**
 * `rules lint`: warns of rules that do less, or more, than they seem to; without network or credentials. Gives exit code 0,
 * with `strict` 1 when there is a warning. Throws ConfigError. Not asynchronous, but awaited as commands are.
 */
export async function lintRules(
  { config, strict = false }: RulesLintOptions,
  terminal: Terminal,
): Promise<number> {
  const { policy } = loadConfig(config, terminal.environment, { offline: true });
  const warnings = lint(policy);
  for (const { subject, code, text, remedy } of warnings) {
    terminal.print(`warn  ${subject}: ${text} [${code}]`);
    terminal.print(`      ${remedy}`);
  }
  terminal.print(`${counted(policy.rules.length, 'rule')}, ${counted(warnings.length, 'warning')}`);
  return await Promise.resolve(strict && warnings.length > 0 ? 1 : 0);
}

function counted(count: number, noun: string): string {
  return `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;
}
