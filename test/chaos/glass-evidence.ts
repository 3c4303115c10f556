import type { Facts } from '../../src/core/facts.ts';
import { epochMsOf, SECOND } from '../../src/core/values/instant.ts';
import type { RecordedDecision } from '../../src/core/record/ledger-entry.ts';
import type { Arena, Made } from './arena.ts';
import { CLOCK_STEPS_MS } from './chaos-process.ts';
import type { Question } from './pagerduty-reads.ts';
import type { Resolution } from './resolutions.ts';
import { GLASS_ROLE, GLASS_RULE } from './world.ts';

/** The simulators and the service share this machine's clock, but for the steps by which the service's is moved. */
const CLOCK_TOLERANCE_MS = SECOND / 2;

/**
 * Every way in which an approval by broken glass has nothing to stand on, as sentences. Right is only who asked for the role
 * of the rule, and gave a reason, while PagerDuty had no answer to what the decision says it could not learn.
 */
export function glassBrokenWrongly(
  { facts, decision, decidedAt }: RecordedDecision,
  review: Resolution,
  { id, fate }: Made,
  { stage, setting, truth }: Arena,
): readonly string[] {
  const request = stage.teleport.cluster.request(id);
  const times = timesOf(epochMsOf(decidedAt), request.created.getTime(), review.at.getTime());
  const wasSilent = times.some((at) =>
    unknownIn(facts, fate.pagerDutyId ?? '', stage).some((question) => truth.wasSilent(question, at)),
  );
  const isInForce = setting.breakGlass && decision.rules.join() === GLASS_RULE;
  return [
    ...(isInForce
      ? []
      : [`it is approved by broken glass, and ${decision.rules.join()} is no rule for that`]),
    ...(request.roles.join() === GLASS_ROLE
      ? []
      : [`it is approved by broken glass, which ${request.roles.join()} is not for`]),
    ...(request.requestReason.trim() === '' ? ['it is approved by broken glass without a reason'] : []),
    ...(wasSilent
      ? []
      : [`it is approved by broken glass at ${decidedAt}, and PagerDuty answered: ${sayings(facts)}`]),
  ];
}

/** When it was decided by this machine's clock: the service's may have been moved, never to before the request or after the review. */
function timesOf(decidedAt: number, created: number, reviewed: number): readonly number[] {
  return [0, ...CLOCK_STEPS_MS]
    .map((step) => decidedAt - step)
    .filter((at) => at >= created - CLOCK_TOLERANCE_MS && at <= reviewed + CLOCK_TOLERANCE_MS);
}

/** What the decision says PagerDuty did not answer. Whatever else is unknown, by a clock that is off too, is no silence of its. */
function unknownIn(
  { requester, onCall, targets }: Facts,
  userId: string,
  { pagerDuty: { account } }: Arena['stage'],
): readonly Question[] {
  if (requester.state === 'unknown')
    return [{ path: '/users', about: account.users.get(userId)?.email ?? '' }];
  if (onCall.state === 'unknown')
    return onCall.cause.code === 'clock-skew' ? [] : [{ path: '/oncalls', about: userId }];
  return targets
    .filter(({ state, kind }) => state === 'unknown' && kind === 'service')
    .map(({ asked }) => ({ path: '/services', about: asked }));
}

/** What the decision gives for its not knowing, for whoever looks into it. */
function sayings({ requester, onCall, targets }: Facts): string {
  const causes = [requester, onCall, ...targets].flatMap((fact) =>
    fact.state === 'unknown' ? [fact.cause.message] : [],
  );
  return causes[0] ?? 'it knows everything';
}
