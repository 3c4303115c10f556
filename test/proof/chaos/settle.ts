import { setTimeout as delay } from 'node:timers/promises';
import { hashing } from '../../../src/commands/ledger/place.ts';
import type { LedgerEntry } from '../../../src/core/record/ledger-entry.ts';
import { replayLedger } from '../../../src/traceability/replay.ts';
import { verifyLedger, type Verification } from '../../../src/traceability/verify.ts';
import type { Arena } from './arena.ts';
import { audit, type Audit } from './audit.ts';
import { ChaosProcess } from './chaos-process.ts';
import { historyOf } from './history-of.ts';
import { peopleAtWork } from './people.ts';
import { isByChance, LEDGER_POINTS, nameOf, POINTS_OF_KIND } from './points.ts';

/** Everything comes to where it must as fast as PagerDuty's limit of calls lets it: what stands still for so long is lost. */
const STANDSTILL_MS = 120_000;
const SETTLE_MS = 600_000;
const LOOK_EVERY_MS = 2_000;
/** For a start to look for work once more where there must be none. */
const SECOND_LOOK_MS = 5_000;
/** What an access was used for is found within so much, and a note comes after it. */
const ACCOUNT_MS = 13_000;
const LATE_MS = 60_000;

export interface Outcome extends Audit {
  readonly verification: Verification;
  /** Decisions that the rules of the run would make differently: none may be. */
  readonly decidedDifferently: readonly string[];
  readonly exitCodes: readonly (number | null)[];
  /** Entries of the ledger that no trap is laid at: somebody added an effect without its point. */
  readonly unnamedPoints: readonly string[];
}

export interface SettleOptions {
  readonly arena: Arena;
  readonly replicas: number;
  readonly onLine: (line: string) => void;
  readonly say: (text: string) => void;
}

/** Lets the service finish undisturbed, starts it once more, and looks at what has come of it all. */
export async function settle(options: SettleOptions): Promise<Outcome> {
  const { arena, say } = options;
  const stopPeople = peopleAtWork(arena);
  const first = startAll(options);
  const deadline = performance.now() + SETTLE_MS;
  let fewest = { left: Infinity, at: performance.now() };
  for (;;) {
    await delay(LOOK_EVERY_MS);
    const { lost } = audit(arena, await arena.entries());
    const now = performance.now();
    if (lost.length < fewest.left) fewest = { left: lost.length, at: now };
    if (lost.length === 0 || now > deadline || now - fewest.at > STANDSTILL_MS) break;
    say(`${lost.length} left, for instance ${lost[0] ?? ''}`);
  }
  stopPeople();
  const exitCodes = [...(await Promise.all(first.map((each) => each.end())))];
  const second = startAll(options);
  await Promise.all(second.map((each) => each.watching()));
  const late = performance.now() + LATE_MS;
  const quietMs = arena.setting.usage ? ACCOUNT_MS : SECOND_LOOK_MS;
  for (let since = performance.now(); performance.now() < Math.min(since + quietMs, late);) {
    await delay(LOOK_EVERY_MS);
    if (audit(arena, await arena.entries()).lost.length > 0) since = performance.now();
  }
  exitCodes.push(...(await Promise.all(second.map((each) => each.end()))));
  const entries = await arena.entries();
  return {
    ...audit(arena, entries),
    verification: await verifyLedger({ history: historyOf(entries), hashing }),
    decidedDifferently: await replay(entries),
    exitCodes,
    unnamedPoints: unnamed(entries),
  };
}

function startAll({ arena, replicas, onLine }: SettleOptions): readonly ChaosProcess[] {
  return Array.from(
    { length: replicas },
    (_, slot) =>
      new ChaosProcess({ configFile: arena.configFileOf(slot), killPoint: null, clockStepMs: 0, onLine }),
  );
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

function unnamed(entries: readonly LedgerEntry[]): readonly string[] {
  const told = entries.filter(({ event }) => POINTS_OF_KIND[event.kind]).map(({ event }) => nameOf(event));
  return [...new Set(told)].filter((name) => !Object.hasOwn(LEDGER_POINTS, name) && !isByChance(name)).sort();
}
