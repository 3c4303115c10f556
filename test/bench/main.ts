import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { backlog, burst, oneByOne, stream } from './cases.ts';
import type { Program } from './contender.ts';
import { ledgerOf } from './ledger-case.ts';
import { machine } from './measure.ts';

/*
 * Measures the service between both simulators, and beside it a reference worker that makes the calls of Teleport's plugin:
 *   npm run bench [-- --short --json --only a,b --dist]
 * Every case starts a service of its own with an empty ledger. `--dist` measures the built program instead of the source.
 */
const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    dist: { type: 'boolean', default: false },
    only: { type: 'string', default: 'a,b,c,d,e' },
  },
});
const { short } = values;
const ours: Program = values.dist ? 'dist' : 'src';
if (values.dist && !existsSync(fileURLToPath(new URL('../../dist/main.js', import.meta.url)))) {
  throw new Error('there is no build: run `npm run build` first');
}

/** What PagerDuty takes for a call, seen from Europe. */
const LATENCY_MS = 80;

const cases: Readonly<Record<string, () => Promise<unknown>>> = {
  a: () => both((program) => oneByOne(program, short ? 20 : 200, LATENCY_MS)),
  b: () => both((program) => burst(program, short ? 300 : 1000, LATENCY_MS)),
  c: async () => {
    const count = short ? 1000 : 10_000;
    const { service, reference } = await both((program) => backlog(program, count, { onlyOnCall: true }));
    return { service, service_with_pages: await backlog(ours, count, { onlyOnCall: false }), reference };
  },
  d: () => both((program) => stream(program, 50, short ? 5 : 60, LATENCY_MS)),
  e: () => ledgerOf(short ? 20_000 : 1_000_000),
};

const measured: Record<string, unknown> = { program: ours, short, machine: machine() };
for (const name of values.only.split(',')) {
  const run = cases[name];
  if (run === undefined) throw new Error(`there is no case \`${name}\`: a, b, c, d, e`);
  const result = await run();
  measured[name] = result;
  process.stderr.write(`${name}: ${JSON.stringify(result, null, 2)}\n`);
}
if (values.json) process.stdout.write(`${JSON.stringify(measured)}\n`);

async function both<T>(measure: (program: Program) => Promise<T>): Promise<{ service: T; reference: T }> {
  return { service: await measure(ours), reference: await measure('reference') };
}
