/**
 * `node scripts/trim-dependencies.ts FOLDER`: removes from installed packages what Node can never load from there, for a smaller
 * image: TypeScript (Node strips no types below node_modules), source maps, and documentation. Licence texts stay.
 */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

const NEVER_LOADED = /\.(?:[cm]?ts|tsx|map|md|markdown|flow)$/u;
const LICENCE = /^(?:licen[cs]e|notice|copying|copyright)/iu;

const [folder] = process.argv.slice(2);
if (folder === undefined || basename(folder) !== 'node_modules') {
  process.stderr.write('usage: node scripts/trim-dependencies.ts …/node_modules\n');
  process.exit(2);
}
let files = 0;
let bytes = 0;
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !NEVER_LOADED.test(entry.name) || LICENCE.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  bytes += lstatSync(path).size;
  files += 1;
  rmSync(path);
}
process.stdout.write(`${files} files removed, ${(bytes / 1e6).toFixed(1)} MB\n`);
