import type { Facts } from '../../../src/core/facts.ts';
import { NOT_LISTENED, type Lasting, type SilenceReading } from '../../../src/core/silence.ts';
import { epochMsOf, SECOND } from '../../../src/core/values/instant.ts';
import type { RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import type { Arena, Made } from './arena.ts';
import { CLOCK_STEPS_MS } from './chaos-process.ts';
import type { Question } from './pagerduty-reads.ts';
import type { Resolution } from './resolutions.ts';
import { GLASS_ROLE, GLASS_RULE } from './world.ts';

/** The simulators and the service share this machine's clock, but for the steps by which the service's is moved. */
const CLOCK_TOLERANCE_MS = SECOND / 2;
/** From when PagerDuty was last found silent until the decision is written, on a machine that has much else to do. */
const READING_MS = 2 * SECOND;

/** As long as the rule waits. */
const LEAST_MS = SECOND;
/** What happened once or twice is no silence. */
const FEWEST_TIMES = 3;

/**
 * Every way in which an approval by broken glass has nothing to stand on, as sentences. Right is only who asked for the role
 * of the rule, and gave a reason, while PagerDuty had no answer to what is asked to prove its silence, all the time that the decision
 * says: not while it was slow, refused by 4xx or 429, or was not asked because of our own budget.
 */
export function glassBrokenWrongly(
  { facts, decision, decidedAt }: RecordedDecision,
  review: Resolution,
  { id }: Made,
  { stage, setting, truth, replicas }: Arena,
): readonly string[] {
  const request = stage.teleport.cluster.request(id);
  const times = timesOf(epochMsOf(decidedAt), request.created.getTime(), review.at.getTime());
  const isAlone = replicas === 1;
  const doubts = times.map((at) => doubtOf(facts, id, { truth, at, isAlone }));
  const doubt = doubts.includes(null) ? null : (doubts[0] ?? 'it was decided before it was made');
  const isInForce = setting.breakGlass && decision.rules.join() === GLASS_RULE;
  return [
    ...(isInForce
      ? []
      : [`it is approved by broken glass, and ${decision.rules.join()} is no rule for that`]),
    ...(request.roles.join() === GLASS_ROLE
      ? []
      : [`it is approved by broken glass, which ${request.roles.join()} is not for`]),
    ...(request.requestReason.trim() === '' ? ['it is approved by broken glass without a reason'] : []),
    ...(doubt === null
      ? []
      : [`it is approved by broken glass at ${decidedAt}, and PagerDuty was not silent: ${doubt}`]),
  ];
}

interface Judging {
  readonly truth: Arena['truth'];
  readonly at: number;
  /** Another replica may be answered where one is not: each goes by what it was told itself. */
  readonly isAlone: boolean;
}

/** Why the silence that a decision stands on is none; null where it is one. */
function doubtOf(facts: Facts, id: string, judging: Judging): string | null {
  const { silence = NOT_LISTENED, onCall, helped } = facts;
  if ([onCall, helped].some((each) => each.state === 'unknown' && each.cause.code === 'clock-skew')) {
    return 'a clock is off';
  }
  const { reads, pages } = silence;
  const about: readonly (readonly [SilenceReading, Question])[] = [
    [reads, 'reads'],
    [pages, { pageOf: id }],
  ];
  const doubts = about.flatMap(([reading, question]) =>
    reading.state === 'silent' ? [doubtAbout(reading, question, judging)] : [],
  );
  return doubts.includes(null)
    ? null
    : (doubts[0] ?? `the decision says that it ${reads.state === 'answered' ? 'answered' : 'was not asked'}`);
}

function doubtAbout(
  { forMs, times }: Lasting,
  question: Question,
  { truth, at, isAlone }: Judging,
): string | null {
  if (forMs < LEAST_MS || times < FEWEST_TIMES)
    return `the decision says for ${forMs} ms, asked ${times} times`;
  const answers = truth.answersWithin(question, at, forMs + CLOCK_TOLERANCE_MS + READING_MS);
  const given = answers.filter((answer) => answer !== null);
  if (answers.length - given.length < FEWEST_TIMES)
    return `it was asked ${answers.length} times, and answered ${given.join()}`;
  // The last question and its evidence are of one process; what it asked before it found silence is not in the time it claims.
  const withinIt = truth
    .answersWithin(question, at, forMs - CLOCK_TOLERANCE_MS)
    .filter((answer) => answer !== null);
  return isAlone && withinIt.length > 0 ? `it answered ${withinIt.join()}` : null;
}

/** When it was decided by this machine's clock: the service's may have been moved, never to before the request or after the review. */
function timesOf(decidedAt: number, created: number, reviewed: number): readonly number[] {
  return [0, ...CLOCK_STEPS_MS]
    .map((step) => decidedAt - step)
    .filter((at) => at >= created - CLOCK_TOLERANCE_MS && at <= reviewed + CLOCK_TOLERANCE_MS);
}
