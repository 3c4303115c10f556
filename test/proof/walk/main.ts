import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATHS, Walk } from './walk.ts';

/** `npm run walk -- compose|kubernetes|machine`: from an empty folder to the first approval, as the quick start says, and how long it took. */
const asked = PATHS.filter((path) => process.argv.slice(2).includes(path));
for (const path of asked.length === 0 ? PATHS : asked) {
  await using walk = await Walk.open(
    path,
    process.env['STORAGE'] ?? join(tmpdir(), 'oncall-approver-images'),
  );
  await walk.toTheEnd(({ command, output }) => process.stdout.write(`$ ${command}\n${output}`));
  process.stdout.write(walk.table());
}
