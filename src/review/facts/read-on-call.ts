import type { TargetFact } from '../../core/facts.ts';
import type { OnCallReading } from '../../core/on-call.ts';
import { onCallOf, type Sheet } from '../../core/roster/sheet.ts';
import { servicesNamedBy } from '../../core/ownership.ts';
import { asApprovers, desksOf, type Policy, type Target } from '../../core/rule.ts';
import { CLOCKS_DIFFER_MS, msBetween, SECOND, type Instant } from '../../core/values/instant.ts';

/** When, by whose time, on-call rows are to be judged. */
export interface Moment {
  readonly now: () => Instant;
  /** Another time than now: for `explain --at`, and for answers; null for now. */
  readonly at: Instant | null;
}

/** How far back the rules look: for shifts that have just ended, or have just begun. Milliseconds. */
export function lookBackOf({ rules }: Pick<Policy, 'rules'>): number {
  const known = lookBacks.get(rules);
  if (known !== undefined) return known;
  const wanted = rules.flatMap((rule) => [rule.onCall, asApprovers(rule).onCall]);
  const lookBackMs = Math.max(0, ...wanted.flatMap((each) => [each.graceAfterShiftMs, each.minShiftAgeMs]));
  lookBacks.set(rules, lookBackMs);
  return lookBackMs;
}

/** Every reading asks, and the rules in force may be hundreds. */
const lookBacks = new WeakMap<Policy['rules'], number>();

/** Everything by which the rules look who is on call, or who is paged; what annotations name comes with the requests. */
export function targetsIn({ rules }: Pick<Policy, 'rules'>): readonly Target[] {
  return rules.flatMap((rule) => {
    const wanted = [rule.onCall, asApprovers(rule).onCall];
    const of = (kind: Target['kind'], names: readonly string[]) =>
      names.map((asked): Target => ({ kind, asked }));
    return [
      ...wanted.flatMap(({ services, escalationPolicies, schedules }) => [
        ...of('service', services),
        ...of('escalation policy', escalationPolicies),
        ...of('schedule', schedules),
      ]),
      ...of('service', rule.onCall.owner === undefined ? [] : servicesNamedBy(rule.onCall.owner)),
      ...of('service', rule.escalate === null ? [] : desksOf(rule.escalate, { annotations: {} })),
    ];
  });
}

/** The on-call rows of these people, and what is known of the targets. Clocks that disagree make the rows `unknown`. */
export function readOnCall(
  userIds: readonly string[],
  sheet: Sheet,
  moment: Moment,
): { readonly reading: OnCallReading; readonly targets: readonly TargetFact[] } {
  const { reading, targets } = onCallOf(sheet, userIds);
  return { reading: judgedByClock(reading, moment), targets };
}

function judgedByClock(reading: OnCallReading, { now, at }: Moment): OnCallReading {
  if (reading.state !== 'known') return reading;
  if (at !== null) return { ...reading, at };
  const skewMs = msBetween(now(), reading.at);
  if (Math.abs(skewMs) <= CLOCKS_DIFFER_MS) return reading;
  const seconds = Math.round(Math.abs(skewMs) / SECOND);
  const message = `PagerDuty's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's: set this machine's clock by NTP; until they agree nobody is taken to be on call`;
  return { state: 'unknown', cause: { code: 'clock-skew', message, transient: true } };
}
