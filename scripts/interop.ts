/**
 * Proves the service and the simulators against the vendors' published Go code: compiles it and runs every check of
 * `test/proof/interop`. Needs Go; `npm test` does not. The checks' own exit code is passed on. Versions of Teleport that are named
 * (`npm run test:interop -- 16.0.0-dev`) are proven alone.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const CHECKS = join(import.meta.dirname, '..', 'test', 'proof', 'interop', 'main.ts');

const { status } = spawnSync(process.execPath, [CHECKS, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
