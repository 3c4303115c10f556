import { existsSync } from 'node:fs';
import { Stryker } from '@stryker-mutator/core';
import { AREAS } from './mutation/areas.ts';

/*
 * `npm run mutate -- AREA [FILE...]`: tries the mutants of an area, or of some of its files, prints those that no test notices, and the
 * score. Fails where it is less than the area asks for. `MUTATION_SEED` draws another sample than the usual one.
 */

const SEED = process.env['MUTATION_SEED'] ?? 'oncall-approver';

const [name = '', ...files] = process.argv.slice(2);
const area = AREAS[name];
if (area === undefined) throw new Error(`\`${name}\` is no area: ${Object.keys(AREAS).join(', ')}`);

// Ledgers of tests need no disk: to wait for it takes far longer than the tests themselves.
if (existsSync('/dev/shm')) process.env['TMPDIR'] ??= '/dev/shm';
process.env['MUTATION_TESTS'] ??= area.tests.join(',');
if (area.mostMs !== null) process.env['MUTATION_MOST_MS'] ??= String(area.mostMs);
const sample = process.env['MUTATION_SAMPLE_SIZE'] ?? area.sample;
process.env['MUTATION_SAMPLE'] = `${sample ?? ''}/${SEED}`;
const results = await new Stryker({
  mutate: files.length > 0 ? files : [...area.mutate],
  testRunner: 'in-process',
  plugins: ['./scripts/mutation/stryker-plugin.ts'],
  checkers: sample === null || files.length > 0 ? [] : ['sample'],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: Number(process.env['MUTATION_CONCURRENCY'] ?? 2),
  reporters: ['unnoticed', 'clear-text', 'html', 'progress-append-only'],
  clearTextReporter: { allowColor: false, reportTests: false, allowEmojis: false },
  htmlReporter: { fileName: `reports/mutation-${name}.html` },
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['/coverage', '/dist', '/reports', '/var'],
  // The first run of all tests takes long where others use the machine.
  dryRunTimeoutMinutes: 30,
  // What hangs is seen by the runner; this is for what never gives back.
  timeoutMS: 300_000,
}).runMutationTest();

const noticed = results.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
const unnoticed = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage').length;
const score = (100 * noticed) / (noticed + unnoticed);
process.stdout.write(`${name}: ${score.toFixed(1)} % of ${noticed + unnoticed} mutants are noticed\n`);
if (score < area.atLeast) process.exitCode = 1;
