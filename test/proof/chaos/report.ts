import type { Arena } from './arena.ts';
import type { Losses } from './losses.ts';
import { settingInWords } from './setting.ts';
import type { Outcome } from './settle.ts';
import { EVERY_POINT_KILLS } from './trap-choice.ts';

export interface ReportOptions {
  readonly arena: Arena;
  readonly outcome: Outcome;
  readonly losses: Losses;
  readonly seed: number;
  readonly replicas: number;
  readonly seconds: number;
  readonly say: (text: string) => void;
}

/** What the last line of `--json` holds; `ok` is the run's verdict. */
export type Line = Readonly<Record<string, unknown>> & { readonly ok: boolean };

/** Says what happened and what is wrong, in sentences and tables, and gives the line for programs. */
export function report(options: ReportOptions): Line {
  const { arena, outcome, losses, seed, replicas, seconds, say } = options;
  const { verification } = outcome;
  table(say, 'deaths', [...losses.deaths]);
  say('faults (brought about, hits):');
  for (const [name, { struck, hits }] of [...losses.faults].sort()) {
    const remark = struck > 0 && hits === 0 ? '   brought about, and hit nothing' : '';
    say(`  ${String(struck).padStart(4)} × ${String(hits).padStart(5)} hits  ${name}${remark}`);
  }
  table(say, 'calls to PagerDuty', callsByRoute(arena));
  // A clock that was set back is told as a warning, and rightly: it was.
  for (const { severity, text } of verification.findings) if (severity === 'warning') say(`ledger: ${text}`);
  const unmet = unmetPoints(losses);
  const problems = problemsIn(options, unmet);
  for (const problem of problems) say(problem);
  const counts = [...losses.faults.values()];
  return {
    ok: problems.length === 0,
    requests: arena.made.size,
    kills: losses.kills,
    faults: counts.reduce((sum, { struck }) => sum + struck, 0),
    lost: outcome.lost.length,
    duplicates: outcome.duplicates.length,
    wrong_approvals: outcome.wrongApprovals.length,
    seed,
    replicas,
    ledger: arena.postgres === null ? 'sqlite' : 'postgres',
    setting: settingInWords(arena.setting),
    ledger_entries: verification.entries,
    ledger_faults: verification.faults,
    replay_differences: outcome.decidedDifferently.length,
    shutdowns: losses.exitCodes.length,
    kill_points: losses.deaths.size,
    kill_points_unmet: unmet,
    fault_classes: counts.length,
    fault_classes_hit: counts.filter(({ hits }) => hits > 0).length,
    fault_classes_without_a_hit: [...losses.faults].flatMap(([name, { struck, hits }]) =>
      hits === 0 ? [`${name} (${struck} × brought about)`] : [],
    ),
    on_call_left_to_people: onCallLeftToPeople(arena),
    failed_starts: losses.failedStarts.length,
    own_ends: losses.ownEnds.length,
    seconds,
    seconds_spent: Object.fromEntries(
      [...losses.spentMs].map(([what, ms]) => [what, Math.round(ms / 1_000)]),
    ),
  };
}

/** Everything that must not be, as sentences. */
function problemsIn({ outcome, losses }: ReportOptions, unmet: readonly string[]): readonly string[] {
  const { lost, duplicates, wrongApprovals, verification, decidedDifferently } = outcome;
  const exitCodes = [...losses.exitCodes, ...outcome.exitCodes];
  return [
    ...lost.map((text) => `lost: ${text}`),
    ...duplicates.map((text) => `doubled: ${text}`),
    ...wrongApprovals.map((text) => `wrongly approved: ${text}`),
    ...verification.findings
      .filter(({ severity }) => severity === 'fault')
      .map(({ text }) => `ledger: ${text}`),
    ...decidedDifferently.map((text) => `decided differently when replayed: ${text}`),
    ...exitCodes
      .filter((code) => code !== 0)
      .map((code) => `SIGTERM ended with ${code === null ? 'a signal' : `exit code ${code}`}`),
    ...losses.ownEnds.map((text) => `ended by itself ${text}`),
    ...outcome.unnamedPoints.map((name) => `no trap is laid at ${name}: it wants a point in points.ts`),
    ...(losses.kills < EVERY_POINT_KILLS ? [] : unmet.map((name) => `never met: ${name}`)),
  ];
}

/** What PagerDuty's budget was spent on: `GET /incidents/:id/notes` and how often. */
function callsByRoute({ stage: { pagerDuty } }: Arena): readonly [string, number][] {
  const routeOf = ({ method, path }: { readonly method: string; readonly path: string }) =>
    `${method} ${path.replace(/^(\/[a-z_]+\/)[^/]+/u, '$1:id')}`;
  const byRoute = Map.groupBy(pagerDuty.calls.all(), routeOf);
  return [...byRoute].map(([route, calls]) => [route, calls.length]);
}

function unmetPoints({ deaths }: Losses): readonly string[] {
  return [...deaths].flatMap(([name, times]) => (times === 0 ? [name] : [])).sort();
}

/** Nothing is wrong with it, and yet it is what the service is there to spare: PagerDuty could not be asked when it mattered. */
function onCallLeftToPeople({ made }: Arena): number {
  return [...made.values()].filter(({ fate, deeds }) => fate.requester === 'on-call' && deeds.length > 0)
    .length;
}

function table(say: (text: string) => void, title: string, counts: readonly [string, number][]): void {
  say(`${title}:`);
  for (const [name, times] of [...counts].sort()) say(`  ${String(times).padStart(4)} × ${name}`);
}
