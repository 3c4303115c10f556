/**
 * Builds `dist/`: the compiled source, the .proto and .css files beside it, and an executable `main.js`. The compiler's own messages
 * and exit code are passed on.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'src');
const OUTPUT = join(ROOT, 'dist');
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc');

rmSync(OUTPUT, { recursive: true, force: true });
const compiler = spawnSync(process.execPath, [COMPILER, '-p', 'tsconfig.build.json'], {
  cwd: ROOT,
  stdio: 'inherit',
});
if (compiler.status !== 0) process.exit(compiler.status ?? 1);

for (const file of globSync('**/*.{proto,css}', { cwd: SOURCE })) {
  cpSync(join(SOURCE, file), join(OUTPUT, file));
}
chmodSync(join(OUTPUT, 'main.js'), 0o755);
