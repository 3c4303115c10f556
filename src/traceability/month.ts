import type { RequestId } from '../core/access-request.ts';
import { instantOf, msBetween, type Instant } from '../core/values/instant.ts';
import type { RecordedDecision } from '../core/record/ledger-entry.ts';
import type { SearchableHistory, Seals } from '../ports/ledger-history.ts';
import { decisionIn } from './replay.ts';

/** What became of a request: `unknown` was handed to people because something could not be known. */
export type Result = 'approved' | 'escalated' | 'unknown' | 'denied' | 'abstained';

export const RESULTS: readonly Result[] = ['approved', 'escalated', 'unknown', 'denied', 'abstained'];

export type Results = Readonly<Record<Result, number>>;

export interface DayOfMonth {
  /** `2026-03-03` */
  readonly day: string;
  readonly results: Results;
  /** From the request to its first decision; null on a day without requests. */
  readonly toDecideMs: { readonly median: number; readonly longest: number } | null;
}

export interface MonthReport {
  /** `2026-03` */
  readonly month: string;
  readonly days: readonly DayOfMonth[];
  readonly total: Results;
  /** Who was on call for how many approvals, most first. */
  readonly onCall: readonly { readonly name: string; readonly approvals: number }[];
  /** Who asked how often, most first. */
  readonly requesters: readonly { readonly name: string; readonly requests: number }[];
  /** Decisions that others wrote: they are in none of the numbers. */
  readonly foreign: number;
}

/** The month before or after. */
export function monthBeside(month: string, step: -1 | 1): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return instantOf(Date.UTC(year, number - 1 + step, 1)).slice(0, 7);
}

/**
 * One month by day: each request counts once, on the day and with the result of its last decision in the month. `dayOf`: the day of an
 * instant by the clocks by which the month begins at `since`. Throws LedgerUnavailableError.
 */
export async function reportMonth(
  history: SearchableHistory,
  month: string,
  { since, until }: { readonly since: Instant; readonly until: Instant },
  { seals, dayOf }: { readonly seals?: Seals | undefined; readonly dayOf: (at: string) => string },
): Promise<MonthReport> {
  let foreign = 0;
  const seen = new Set<RequestId>();
  const results = new Map<string, Record<Result, number>>();
  const times = new Map<string, number[]>();
  const onCall = new Map<string, number>();
  const requesters = new Map<string, number>();
  for await (const entry of history.decisions({ since, until, before: null })) {
    if ((seals?.faultIn(entry) ?? null) !== null) {
      foreign += 1;
      continue;
    }
    const { at, eventText } = entry;
    const decided = decisionIn(eventText);
    if (decided === null) continue;
    const day = dayOf(at);
    if (decided.number === 1 && decided.request.created !== null) {
      const taken = Math.max(0, msBetween(decided.request.created, decided.decidedAt));
      const ofDay = times.get(day);
      if (ofDay === undefined) times.set(day, [taken]);
      else ofDay.push(taken);
    }
    if (seen.has(decided.requestId)) continue;
    seen.add(decided.requestId);
    const ofDay = results.get(day) ?? noResults();
    ofDay[resultOf(decided)] += 1;
    results.set(day, ofDay);
    count(requesters, decided.request.requester);
    if (decided.decision.verdict !== 'approve') continue;
    for (const name of new Set(decided.decision.proofs.map(({ row }) => row.user.summary)))
      count(onCall, name);
  }
  const days = daysOf(month).map((day) => ({
    day,
    results: results.get(day) ?? noResults(),
    toDecideMs: spread(times.get(day) ?? []),
  }));
  const total = noResults();
  for (const { results: ofDay } of days) for (const result of RESULTS) total[result] += ofDay[result];
  return {
    month,
    days,
    total,
    foreign,
    onCall: ranked(onCall).map(([name, approvals]) => ({ name, approvals })),
    requesters: ranked(requesters).map(([name, requests]) => ({ name, requests })),
  };
}

function resultOf({ decision }: RecordedDecision): Result {
  switch (decision.verdict) {
    case 'approve':
      return 'approved';
    case 'deny':
      return 'denied';
    case 'abstain':
      return 'abstained';
    case 'escalate':
      return decision.reasons.some(({ code }) => code === 'condition-unknown') ? 'unknown' : 'escalated';
  }
}

function noResults(): Record<Result, number> {
  return { approved: 0, escalated: 0, unknown: 0, denied: 0, abstained: 0 };
}

function spread(times: readonly number[]): DayOfMonth['toDecideMs'] {
  const sorted = [...times].sort((one, other) => one - other);
  const [median, longest] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  return median === undefined || longest === undefined ? null : { median, longest };
}

function daysOf(month: string): readonly string[] {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return Array.from({ length: last }, (_, index) => `${month}-${String(index + 1).padStart(2, '0')}`);
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function ranked(counts: ReadonlyMap<string, number>): readonly [string, number][] {
  return [...counts].sort(([one, some], [other, others]) =>
    others === some ? (one < other ? -1 : 1) : others - some,
  );
}
