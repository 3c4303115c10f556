/** Fails when an import breaks the walls of `.dependency-cruiser.mjs`; says how many files and imports it looked at. */
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

/** The project has many more: a compiler that dependency-cruiser cannot load has it see none, and call that well. */
const FEWEST_FILES = 500;

const ROOT = join(import.meta.dirname, '..');
const options = await extractOptions(join(ROOT, '.dependency-cruiser.mjs'));
const { output } = await cruise(['src', 'test', 'scripts'], { ...options, baseDir: ROOT, validate: true });
if (typeof output === 'string') throw new TypeError('dependency-cruiser gave a report instead of a graph');
const { violations, totalCruised, totalDependenciesCruised = 0 } = output.summary;
for (const { from, to, rule, comment } of violations) {
  process.stderr.write(`${from} may not import ${to}: ${comment ?? rule.name}\n`);
}
process.stdout.write(
  `${totalCruised} modules, ${totalDependenciesCruised} imports, ${violations.length} violations of the layers\n`,
);
process.exitCode = violations.length > 0 || totalCruised < FEWEST_FILES ? 1 : 0;
