/** Fails when an import breaks the layers of `layers.ts`; says how many files and imports it looked at. */
import { join } from 'node:path';
import { importGraphOf } from './import-graph.ts';
import { violationsOf } from './layers.ts';

const graph = await importGraphOf(join(import.meta.dirname, '..'), ['src', 'test', 'scripts']);
const violations = violationsOf(graph);
for (const violation of violations) process.stderr.write(`${violation}\n`);
process.stdout.write(
  `${graph.files.length} files, ${graph.edges.length} imports, ${violations.length} violations of the layers\n`,
);
process.exitCode = violations.length > 0 ? 1 : 0;
