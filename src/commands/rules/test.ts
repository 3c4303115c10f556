import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import { CaseError } from '../../rules/given-world.ts';
import { loadCases, type Case } from '../../rules/load-cases.ts';
import { runCase, type CaseResult } from '../../rules/run-case.ts';
import { outcomeLines } from '../explanation-lines.ts';
import type { Terminal } from '../terminal.ts';

export interface RulesTestOptions {
  readonly config: string;
  /** Names of the cases that pass as well. */
  readonly verbose?: boolean;
}

/**
 * `rules test`: decides the cases of the files under the rules of the configuration, without network or credentials, and
 * tells what is not as expected. Gives exit code 1 when a case fails. Throws ConfigError for files that are wrong.
 */
export async function testRules(
  files: readonly string[],
  { config, verbose = false }: RulesTestOptions,
  terminal: Terminal,
): Promise<number> {
  const { policy } = loadConfig(config, terminal.environment, { offline: true });
  const cases = files.flatMap((file) => loadCases(file));
  let failed = 0;
  for (const each of cases) {
    const result = await placed(each, () => runCase(each, policy));
    if (result.differences.length > 0) failed += 1;
    if (result.differences.length > 0 || verbose)
      for (const line of resultLines(result)) terminal.print(line);
  }
  terminal.print(`${cases.length - failed} of ${cases.length} cases pass`);
  return failed === 0 ? 0 : 1;
}

/** A case that contradicts itself is wrong input, told with its place. */
async function placed<T>({ file, line, name }: Case, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new ConfigError(`${file}: line ${line ?? 0}, case \`${name}\`: ${error.message}`);
  }
}

function resultLines({ case: { name, file, line }, differences, decision }: CaseResult): readonly string[] {
  if (differences.length === 0) return [`ok    ${name}`];
  return [
    `FAIL  ${name}  (${file}:${line ?? 0})`,
    ...differences.flatMap(({ what, expected, found }) => [
      `      ${what.padEnd(12)} expected  ${expected === '' ? 'none' : expected}`,
      `      ${' '.repeat(12)} found     ${found === '' ? 'none' : found}`,
    ]),
    ...decision.reasons.map(({ code, text }) => `      ${code}: ${text}`),
    ...decision.outcomes.flatMap(outcomeLines).map((told) => (told === '' ? '' : `      ${told}`)),
    '',
  ];
}
