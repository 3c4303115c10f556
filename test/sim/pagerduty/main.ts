import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { SimulatedClock } from './clock.ts';
import { FULL_ACCESS_KEY, READ_ONLY_KEY, referenceWorld } from './reference-world.ts';
import { startPagerDuty } from './start-pagerduty.ts';
import { buildAccount, worldSchema, type World } from './world.ts';

const HELP = `The simulated PagerDuty, a process of its own; serves until SIGTERM or SIGINT.
  npm run sim:pagerduty -- [options]

  --port N           of the REST API (default: any that is free)
  --control-port N   of the control API, by which a test changes the account (default: any that is free)
  --world FILE       the account, as YAML (default: the one of the demo)
  --latency-ms N     added to every call (default: 0)
  --record FILE      appends every exchange as a line of JSON, without secrets; also by the environment: PAGERDUTY_RECORD=FILE
  --help             this

Once it listens it prints one line of JSON: {"url": …, "controlUrl": …}. Of the service's configuration, set for it:
  pagerduty:
    api_url: http://127.0.0.1:PORT      # the url that was printed
    api_key_file: pagerduty-key         # a file that holds ${FULL_ACCESS_KEY} (may read and write),
                                        # or ${READ_ONLY_KEY} (may read only) beside write_key_file
    from: oncall-approver@example.com
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    'latency-ms': { type: 'string', default: '0' },
    world: { type: 'string' },
    record: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const clock = new SimulatedClock();
const world = values.world === undefined ? referenceWorld(clock.now()) : readWorld(values.world);
const pagerDuty = await startPagerDuty({
  account: buildAccount(world, clock),
  port: Number(values.port),
  controlPort: Number(values['control-port']),
  latencyMs: Number(values['latency-ms']),
  record: values.record ?? process.env['PAGERDUTY_RECORD'],
});
process.stdout.write(`${JSON.stringify({ url: pagerDuty.url, controlUrl: pagerDuty.controlUrl })}\n`);
if (process.stderr.isTTY) process.stderr.write('what to set for it: --help\n');

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
