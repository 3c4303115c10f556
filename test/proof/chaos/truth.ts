import type { Account } from '../../sim/pagerduty/account.ts';
import type { CallLog } from '../../sim/pagerduty/call-log.ts';
import type { EscalationPolicy, Schedule } from '../../sim/pagerduty/model.ts';
import { onCallRows } from '../../sim/pagerduty/on-calls.ts';
import { isOnShift } from '../../sim/pagerduty/shifts.ts';
import { PagerDutyReads, type Question } from './pagerduty-reads.ts';

/** PagerDuty's `Date` header is in whole seconds. */
const PRECISION_MS = 1_000;

/** A span of PagerDuty's own time in which nothing about its schedules was changed and its clock was not moved. */
interface Span {
  readonly from: number;
  readonly until: number;
  readonly schedules: ReadonlyMap<string, Schedule>;
  readonly policies: readonly EscalationPolicy[];
}

/**
 * Who was on call at any time of a run, by PagerDuty's clock: kept beside the simulator, from its schedules alone, and never
 * from what it answered to anybody. And whether it answered: from what it did with each read, never from what the service
 * says of it.
 */
export class Truth {
  readonly #account: Account;
  readonly #reads: PagerDutyReads;
  readonly #past: Span[] = [];
  #since: number;

  constructor(account: Account, calls: CallLog) {
    this.#account = account;
    this.#reads = new PagerDutyReads(calls);
    this.#since = account.clock.now().getTime();
  }

  /** Makes a change of schedules or of PagerDuty's clock; everything before it stays as it was. */
  change(make: () => void): void {
    this.#past.push(this.#present());
    make();
    this.#since = this.#account.clock.now().getTime();
  }

  /** Whether the user was on call at level 1 of one of these policies at any instant of the second that begins at `at`. */
  wasOnCall(userId: string, policyIds: readonly string[], at: Date): boolean {
    return this.#within(at.getTime()).some((span) => isCovered(span, userId, policyIds, 'at some time'));
  }

  /** Whether the user was on call all through the second that begins at `at`, as far as PagerDuty's clock showed it. */
  wasOnCallThroughout(userId: string, policyIds: readonly string[], at: Date): boolean {
    const begin = at.getTime();
    const within = this.#within(begin);
    return within.length > 0 && within.every((span) => isCovered(span, userId, policyIds, 'throughout'));
  }

  /** How PagerDuty answered this in the time before `at`, in milliseconds by this machine's clock: HTTP statuses, null for silence. */
  answersWithin(question: Question, at: number, forMs: number): readonly (number | null)[] {
    return this.#reads.answersWithin(question, at, forMs);
  }

  /** The spans that the second which begins then has a part in. */
  #within(begin: number): readonly Span[] {
    return [...this.#past, this.#present()]
      .map((span) => ({
        ...span,
        from: Math.max(span.from, begin),
        until: Math.min(span.until, begin + PRECISION_MS),
      }))
      .filter(({ from, until }) => from <= until);
  }

  #present(): Span {
    return {
      from: this.#since,
      until: this.#account.clock.now().getTime(),
      schedules: new Map(this.#account.schedules.all().map((each) => [each.id, each])),
      policies: this.#account.escalationPolicies.all(),
    };
  }
}

function isCovered(
  { from, until, schedules, policies }: Span,
  userId: string,
  policyIds: readonly string[],
  how: 'throughout' | 'at some time',
): boolean {
  const rows = onCallRows(policies, (id) => schedules.get(id), {
    since: new Date(from),
    until: new Date(until),
  });
  return rows.some((row) => {
    const { start, end } = row;
    if (row.userId !== userId || row.escalationLevel !== 1 || start === null) return false;
    const shift = { userId, start: start.getTime(), end: end?.getTime() ?? Infinity };
    const isOn = (each: number): boolean => isOnShift(shift, new Date(each));
    const covered = how === 'throughout' ? isOn(from) && isOn(until) : isOn(from) || isOn(until);
    return policyIds.includes(row.escalationPolicyId) && covered;
  });
}
