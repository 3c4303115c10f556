import type { Cause } from '../../core/values/cause.ts';
import type { TargetFact } from '../../core/facts.ts';
import { MINUTE, msBetween, plusMs, SECOND, type Instant } from '../../core/values/instant.ts';
import type { OnCallReading, OnCallRow } from '../../core/on-call.ts';
import type { Rule } from '../../core/rule.ts';
import type { Ask, OnCallAnswer, OnCallDirectory, Span } from '../../ports/pagerduty.ts';
import { causeOfMissingFact } from '../cause-of.ts';
import type { Resolved } from './resolve-targets.ts';

/** Clocks that differ by more are wrong, and a wrong clock cannot say who is on call. */
const MAX_CLOCK_SKEW_MS = MINUTE;
/** Added to both ends of a span, so that clocks which differ by less cannot cut off a row that counts. */
const SPAN_MARGIN_MS = 2 * MINUTE;

/** When, by whose time, on-call rows are to be read. */
export interface Moment {
  readonly now: () => Instant;
  /** Another time than now, for `explain --at`; null for now. */
  readonly at: Instant | null;
  /** How far back rows matter: for shifts that have just ended, or have just begun. Milliseconds. */
  readonly lookBackMs: number;
}

/** How far back the rules look. */
export function lookBackOf(rules: readonly Rule[]): number {
  return Math.max(0, ...rules.flatMap(({ onCall }) => [onCall.graceAfterShiftMs, onCall.minShiftAgeMs]));
}

/** The on-call rows of these people, all or none. Whatever fails is `unknown` with its cause. */
export async function readOnCall(
  userIds: readonly string[],
  moment: Moment,
  directory: OnCallDirectory,
  ask: Ask,
): Promise<OnCallReading> {
  try {
    const span = spanOf(moment);
    const answers = await Promise.all(userIds.map((id) => directory.onCallsOf(id, span, ask)));
    return judgedByClock(together(answers), moment);
  } catch (error) {
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}

/**
 * Adds the shifts of schedules that no policy uses, which have no on-call rows. A schedule that cannot be read makes its
 * target unknown, and leaves the others as they are.
 */
export async function withUnattached(
  { reading, userIds }: { readonly reading: OnCallReading; readonly userIds: readonly string[] },
  { facts, unattached }: Resolved,
  moment: Moment,
  directory: OnCallDirectory,
  ask: Ask,
): Promise<{ readonly reading: OnCallReading; readonly targets: readonly TargetFact[] }> {
  if (reading.state !== 'known' || unattached.length === 0) return { reading, targets: facts };
  const rows: OnCallRow[] = [];
  const failed = new Map<string, Cause>();
  const span = spanOf(moment) ?? aroundNow(moment);
  for (const { asked, schedule } of unattached) {
    try {
      const answer = await directory.shiftsOf(schedule, span, ask);
      rows.push(...answer.rows.filter(({ user }) => userIds.includes(user.id)));
    } catch (error) {
      failed.set(asked, causeOfMissingFact(error));
    }
  }
  const targets = facts.map((fact): TargetFact => {
    const cause = fact.kind === 'schedule' ? failed.get(fact.asked) : undefined;
    return cause === undefined ? fact : { kind: fact.kind, asked: fact.asked, state: 'unknown', cause };
  });
  return { reading: { ...reading, rows: [...reading.rows, ...rows] }, targets };
}

/** Null is PagerDuty's own now: the best there is, where nothing before it matters. */
function spanOf({ now, at, lookBackMs }: Moment): Span | null {
  if (at !== null) return { from: plusMs(at, -lookBackMs), until: plusMs(at, SECOND) };
  return lookBackMs === 0
    ? null
    : { from: plusMs(now(), -lookBackMs - SPAN_MARGIN_MS), until: plusMs(now(), SPAN_MARGIN_MS) };
}

function aroundNow({ now }: Moment): Span {
  return { from: plusMs(now(), -SPAN_MARGIN_MS), until: plusMs(now(), SPAN_MARGIN_MS) };
}

/** The oldest time stands for all: nothing in the answers is known to be newer. */
function together(answers: readonly OnCallAnswer[]): OnCallAnswer | null {
  const [first, ...others] = answers;
  if (first === undefined) return null;
  return {
    at: others.reduce((oldest, { at }) => (at < oldest ? at : oldest), first.at),
    rows: answers.flatMap(({ rows }) => rows),
  };
}

function judgedByClock(answer: OnCallAnswer | null, { now, at }: Moment): OnCallReading {
  if (answer === null) return { state: 'not-asked' };
  if (at !== null) return { state: 'known', at, rows: answer.rows };
  const skewMs = msBetween(now(), answer.at);
  if (Math.abs(skewMs) <= MAX_CLOCK_SKEW_MS) return { state: 'known', ...answer };
  const seconds = Math.round(Math.abs(skewMs) / SECOND);
  const message = `PagerDuty's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's: set this machine's clock by NTP; until they agree nobody is taken to be on call`;
  return { state: 'unknown', cause: { code: 'clock-skew', message, transient: true } };
}
