import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { atRest, backlog, burst, flood, longLedger, oneByOne, stream, wide, wordy } from './cases.ts';
import { proven } from './command-case.ts';
import type { Contest } from './contender.ts';
import { ledgerOf } from './ledger-case.ts';
import { machine } from './measure.ts';
import { owned, surveyed } from './owned-case.ts';
import { usageOf } from './usage-case.ts';
import { warmUp } from './warm-up.ts';

/*
 * Measures the service between both simulators, and beside it a reference worker that makes the calls of Teleport's plugin:
 *   npm run bench [-- --short --json --only a,b --dist --without-reference --profile FOLDER]
 * Every case starts a service of its own with an empty ledger. `--dist` measures the built program instead of the source. The
 * whole run measures both under the same load; with `--only` the reference worker, which PagerDuty's limit stops for a minute at
 * a time, gets a smaller one, as its own number of requests says. `--profile` leaves CPU profiles of the service.
 */
const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    dist: { type: 'boolean', default: false },
    only: { type: 'string' },
    'without-reference': { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const { short } = values;
const shortReference = short || values.only !== undefined;
const ours: Contest = {
  program: values.dist ? 'dist' : 'src',
  ...(values.profile === undefined ? {} : { profileFolder: values.profile }),
};
if (values.dist && !existsSync(fileURLToPath(new URL('../../../dist/main.js', import.meta.url)))) {
  throw new Error('there is no build: run `npm run build` first');
}

/** Case f: the reference worker as many run it, with a service that is notified of each request. */
const notifying: Contest = { program: 'notifying' };

/** What PagerDuty takes for a call, seen from Europe. */
const LATENCY_MS = 80;

const cases: Readonly<Record<string, () => Promise<unknown>>> = {
  a: async () => ({
    ...(await both((contest, less) => oneByOne(contest, less ? 20 : 200, LATENCY_MS))),
    stale: await oneByOne(ours, short ? 20 : 200, LATENCY_MS, { freshness: '0s' }),
  }),
  b: () => both((contest, less) => burst(contest, less ? 300 : 1000, LATENCY_MS)),
  c: async () => {
    const count = short ? 1000 : 10_000;
    const { service, reference } = await both((contest) => backlog(contest, count, { onlyOnCall: true }));
    return { service, service_with_pages: await backlog(ours, count, { onlyOnCall: false }), reference };
  },
  d: () => both((contest, less) => stream(contest, 50, less ? 5 : 60, LATENCY_MS)),
  u: () => usageOf(short ? 50_000 : 1_000_000),
  e: () => ledgerOf(short ? 20_000 : 1_000_000),
  f: async () => ({
    one_by_one: await oneByOne(notifying, shortReference ? 20 : 200, LATENCY_MS),
    burst: await burst(notifying, shortReference ? 300 : 1000, LATENCY_MS),
  }),
  g: () => flood(ours, short ? 500 : 3000, LATENCY_MS),
  h: () => {
    const asked = { count: short ? 300 : 1000, restMs: short ? 20_000 : 120_000, latencyMs: LATENCY_MS };
    return wide(ours, asked, { users: 2000, services: 500 });
  },
  o: () =>
    owned(ours, short ? 50 : 100, LATENCY_MS, {
      ...{ users: 400, services: 1_000, policies: 400, databases: 10_000 },
    }),
  t: () =>
    owned(ours, short ? 50 : 100, LATENCY_MS, {
      ...{ users: 400, services: 1_000, policies: 150, databases: 10_000, byTeams: true },
    }),
  q: async () => {
    const size = { users: 400, services: 1_000, policies: 400 };
    const [few, many] = short ? [2_000, 20_000] : [20_000, 80_000];
    return { few: await surveyed(few, LATENCY_MS, size), many: await surveyed(many, LATENCY_MS, size) };
  },
  p: () => proven(),
  i: () => atRest(ours, short ? 20_000 : 180_000, LATENCY_MS),
  j: () => wordy(ours, short ? 1000 : 15_000),
  k: () => longLedger(ours, short ? 20_000 : 1_000_000, 200),
};

const measured: Record<string, unknown> = {
  program: ours.program,
  short,
  reference_load: shortReference === short ? 'the same' : 'less',
  machine: machine(),
};
await warmUp();
for (const name of (values.only ?? Object.keys(cases).join(',')).split(',')) {
  const run = cases[name];
  if (run === undefined) throw new Error(`there is no case \`${name}\`: ${Object.keys(cases).join(', ')}`);
  const result = await run();
  measured[name] = result;
  process.stderr.write(`${name}: ${JSON.stringify(result, null, 2)}\n`);
}
if (values.json) process.stdout.write(`${JSON.stringify(measured)}\n`);

/** The service under the whole load, the reference worker under less of it where its own figures are not the question. */
async function both<T>(
  measure: (contest: Contest, less: boolean) => Promise<T>,
): Promise<{ service: T; reference: T | null }> {
  const service = await measure(ours, short);
  if (values['without-reference']) return { service, reference: null };
  return { service, reference: await measure({ program: 'reference' }, shortReference) };
}
