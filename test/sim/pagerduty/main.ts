import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { SimulatedClock } from './clock.ts';
import { referenceWorld } from './reference-world.ts';
import { startPagerDuty } from './start-pagerduty.ts';
import { buildAccount, worldSchema } from './world.ts';
import type { World } from './world.ts';

/*
 * The simulated PagerDuty as a process of its own:
 *   node test/sim/pagerduty/main.ts [--port 0] [--control-port 0] [--world FILE] [--latency-ms 0]
 * Prints one JSON line `{url, controlUrl}` once it listens, and serves until SIGTERM or SIGINT.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    'latency-ms': { type: 'string', default: '0' },
    world: { type: 'string' },
  },
});

const clock = new SimulatedClock();
const world = values.world === undefined ? referenceWorld(clock.now()) : readWorld(values.world);
const pagerDuty = await startPagerDuty({
  account: buildAccount(world, clock),
  port: Number(values.port),
  controlPort: Number(values['control-port']),
  latencyMs: Number(values['latency-ms']),
});
process.stdout.write(`${JSON.stringify({ url: pagerDuty.url, controlUrl: pagerDuty.controlUrl })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void pagerDuty[Symbol.asyncDispose]());
}

/** YAML, of which JSON is a part. Ends the process with the list of problems when it is no world. */
function readWorld(file: string): World {
  const description: unknown = parse(readFileSync(file, 'utf8'));
  const { error } = worldSchema.safeParse(description);
  if (error !== undefined) {
    process.stderr.write(`${file} is no world:\n${z.prettifyError(error)}\n`);
    process.exit(1);
  }
  return description as World;
}
