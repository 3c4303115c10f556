import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hashing } from '../../src/commands/ledger/place.ts';
import type { LedgerEntry } from '../../src/core/record/ledger-entry.ts';
import { replayLedger } from '../../src/traceability/replay.ts';
import { verifyLedger, type Verification } from '../../src/traceability/verify.ts';
import { Arena } from './arena.ts';
import { audit, type Audit } from './audit.ts';
import { Campaign, type Losses } from './campaign.ts';
import { ChaosProcess } from './chaos-process.ts';
import { peopleAtWork } from './people.ts';
import { Dice } from './random.ts';
import { historyOf } from './history-of.ts';

/*
 * The service under fire:
 *   npm run chaos [-- --seed N --requests 1000 --kills 200 --replicas 1 --postgres --short --json]
 * Who asks, what people answer, what breaks and where processes die follows from the seed; how the threads of three programs
 * interleave does not, so a failing seed brings back the same circumstances rather than the same instruction. Exit code 1 when
 * anything was lost, doubled or wrongly approved.
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

/** Until everything is where it must come to: retries wait for a minute at most, and so does the sweep. */
const SETTLE_MS = 180_000;
const LOOK_EVERY_MS = 2_000;
/** For a start to look for work once more where there must be none. */
const SECOND_LOOK_MS = 5_000;

const began = performance.now();
const logFile = join(tmpdir(), `chaos-${seed}.log`);
const log = createWriteStream(logFile);
const onLine = (line: string) => void log.write(`${line}\n`);

const arena = await Arena.open({ postgres: values.postgres || replicas > 1 });
const campaign = new Campaign({
  arena,
  dice: new Dice(seed),
  requests,
  kills,
  replicas,
  onLine,
  onProgress: say,
});
let outcome: Outcome;
try {
  say(`seed ${seed}: ${requests} requests, ${kills} kills, ${replicas} at a time`);
  await campaign.run();
  say('everything is mended, waiting until all is done');
  outcome = await settle();
} finally {
  await arena[Symbol.asyncDispose]();
  log.end();
}
report(outcome, campaign.losses);

interface Outcome extends Audit {
  readonly verification: Verification;
  /** Decisions that the rules of the run would make differently: none may be. */
  readonly decidedDifferently: readonly string[];
  readonly exitCodes: readonly (number | null)[];
}

async function settle(): Promise<Outcome> {
  const stopPeople = peopleAtWork(arena);
  const first = startAll();
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    await delay(LOOK_EVERY_MS);
    const { lost } = audit(arena, await arena.entries());
    if (lost.length === 0 || performance.now() > deadline) break;
    say(`${lost.length} left, for instance ${lost[0] ?? ''}`);
  }
  stopPeople();
  const exitCodes = [...(await Promise.all(first.map((each) => each.end())))];
  const second = startAll();
  await Promise.all(second.map((each) => each.watching()));
  await delay(SECOND_LOOK_MS);
  exitCodes.push(...(await Promise.all(second.map((each) => each.end()))));
  const entries = await arena.entries();
  return {
    ...audit(arena, entries),
    verification: await verify(entries),
    decidedDifferently: await replay(entries),
    exitCodes,
  };
}

function startAll(): readonly ChaosProcess[] {
  return Array.from(
    { length: replicas },
    () => new ChaosProcess({ configFile: arena.stage.configFile, killPoint: null, clockStepMs: 0, onLine }),
  );
}

function verify(entries: readonly LedgerEntry[]): Promise<Verification> {
  return verifyLedger({ history: historyOf(entries), hashing });
}

/** Makes every decision again from its stored facts, under the rules that were in force. */
async function replay(entries: readonly LedgerEntry[]): Promise<readonly string[]> {
  const policies = entries.flatMap(({ event }) => (event.kind === 'policy' ? [event.policy] : []));
  const policy = policies.at(-1);
  if (policy === undefined) return ['no policy is recorded'];
  const different: string[] = [];
  const onDifference = ({ decisionId, was, wouldBe }: { decisionId: string; was: string; wouldBe: string }) =>
    different.push(`${decisionId}: ${was} → ${wouldBe}`);
  await replayLedger({ history: historyOf(entries), policy, since: null, onDifference });
  return different;
}

function report(found: Outcome, losses: Losses): void {
  const { lost, duplicates, wrongApprovals, verification, decidedDifferently, exitCodes } = found;
  const { deaths, faults, failedStarts, ownEnds } = losses;
  const badExits = exitCodes
    .filter((code) => code !== 0)
    .map((code) => `SIGTERM ended with exit code ${code ?? 0}`);
  const problems = [
    ...lost.map((text) => `lost: ${text}`),
    ...duplicates.map((text) => `doubled: ${text}`),
    ...wrongApprovals.map((text) => `wrongly approved: ${text}`),
    ...verification.findings
      .filter(({ severity }) => severity === 'fault')
      .map(({ text }) => `ledger: ${text}`),
    ...decidedDifferently.map((text) => `decided differently when replayed: ${text}`),
    ...badExits,
    ...ownEnds.map((text) => `ended by itself ${text}`),
  ];
  table('deaths', deaths);
  table('faults', faults);
  // A clock that was set back is told as a warning, and rightly: it was.
  for (const { severity, text } of verification.findings) if (severity === 'warning') say(`ledger: ${text}`);
  for (const problem of problems) say(problem);
  const seconds = Math.round((performance.now() - began) / 1000);
  const ok = problems.length === 0;
  say(
    `${ok ? 'all well' : 'NOT WELL'} after ${seconds} s; ${verification.entries} ledger entries; log: ${logFile}`,
  );
  if (!ok)
    say(
      `again: npm run chaos -- --seed ${seed} --requests ${requests} --kills ${kills} --replicas ${replicas}`,
    );
  const line = {
    ok,
    requests: arena.made.size,
    kills: losses.kills,
    faults: [...faults.values()].reduce((sum, each) => sum + each, 0),
    lost: lost.length,
    duplicates: duplicates.length,
    wrong_approvals: wrongApprovals.length,
    seed,
    replicas,
    ledger: values.postgres || replicas > 1 ? 'postgres' : 'sqlite',
    ledger_entries: verification.entries,
    ledger_faults: verification.faults,
    replay_differences: decidedDifferently.length,
    kill_points: deaths.size,
    on_call_left_to_people: onCallLeftToPeople(),
    failed_starts: failedStarts.length,
    own_ends: ownEnds.length,
    seconds,
  };
  if (values.json) process.stdout.write(`${JSON.stringify(line)}\n`);
  process.exitCode = ok ? 0 : 1;
}

/** Nothing is wrong with it, and yet it is what the service is there to spare: PagerDuty could not be asked when it mattered. */
function onCallLeftToPeople(): number {
  return [...arena.made.values()].filter(
    ({ fate, deeds }) => fate.requester === 'on-call' && deeds.length > 0,
  ).length;
}

function table(title: string, counts: ReadonlyMap<string, number>): void {
  say(`${title}:`);
  for (const [name, times] of [...counts].sort()) say(`  ${String(times).padStart(4)} × ${name}`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
