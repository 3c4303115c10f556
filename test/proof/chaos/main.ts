import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Arena } from './arena.ts';
import { Campaign } from './campaign.ts';
import { Dice } from './random.ts';
import { report } from './report.ts';
import { settingInWords, settingOf } from './setting.ts';
import { settle, type Outcome } from './settle.ts';

/*
 * The service under fire:
 *   npm run chaos [-- --seed N --requests 1000 --kills 200 --replicas 1 --postgres --short --json]
 * What is set up, who asks, what people answer, what breaks and where processes die follows from the seed; how the threads of
 * three programs interleave does not, so a failing seed brings back the same circumstances rather than the same instruction.
 * Exit code 1 when anything was lost, doubled or wrongly approved, and after 200 kills also when a point was never come by.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    requests: { type: 'string' },
    kills: { type: 'string' },
    replicas: { type: 'string', default: '1' },
    postgres: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const requests = Number(values.requests ?? (values.short ? 40 : 1000));
const kills = Number(values.kills ?? (values.short ? 7 : 200));
const replicas = Number(values.replicas);
const setting = settingOf(seed);

const began = performance.now();
const logFile = join(tmpdir(), `chaos-${seed}.log`);
const log = createWriteStream(logFile);
const onLine = (line: string) => void log.write(`${line}\n`);

const arena = await Arena.open({ postgres: values.postgres || replicas > 1, setting, replicas });
const dice = new Dice(seed);
const campaign = new Campaign({ arena, dice, requests, kills, replicas, onLine, onProgress: say });
let outcome: Outcome;
try {
  say(
    `seed ${seed} (${settingInWords(setting)}): ${requests} requests, ${kills} kills, ${replicas} at a time`,
  );
  await campaign.run();
  say(`everything is mended after ${elapsed()} s, waiting until all is done`);
  outcome = await campaign.losses.timed('settling', () => settle({ arena, replicas, onLine, say }));
} finally {
  await arena[Symbol.asyncDispose]();
  log.end();
}
const { losses } = campaign;
const line = report({ arena, outcome, losses, seed, replicas, seconds: elapsed(), say });
say(`${line.ok ? 'all well' : 'NOT WELL'} after ${elapsed()} s; log: ${logFile}`);
if (!line.ok) {
  const postgres = values.postgres ? ' --postgres' : '';
  say(
    `again: npm run chaos -- --seed ${seed} --requests ${requests} --kills ${kills} --replicas ${replicas}${postgres}`,
  );
}
if (values.json) process.stdout.write(`${JSON.stringify(line)}\n`);
process.exitCode = line.ok ? 0 : 1;

function elapsed(): number {
  return Math.round((performance.now() - began) / 1_000);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
