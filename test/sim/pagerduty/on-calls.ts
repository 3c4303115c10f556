import type { EscalationPolicy, EscalationRule, Schedule } from './model.ts';
import { isOnShift, shiftsOf, type Window } from './shifts.ts';

/** One row of GET /oncalls. A direct user target has neither schedule nor times: it is on call for ever. */
export interface OnCallRow {
  readonly userId: string;
  readonly escalationPolicyId: string;
  readonly escalationLevel: number;
  readonly scheduleId: string | null;
  readonly start: Date | null;
  readonly end: Date | null;
}

type FindSchedule = (id: string) => Schedule | undefined;

/**
 * Who is on call in the window, one row per policy, level and shift. PagerDuty: rows overlap the window, so both the
 * outgoing and the incoming user come back at a hand-off; a schedule that no policy uses gives no rows.
 */
export function onCallRows(
  policies: readonly EscalationPolicy[],
  findSchedule: FindSchedule,
  window: Window,
): readonly OnCallRow[] {
  return policies.flatMap((policy) =>
    policy.rules.flatMap((rule, index) =>
      rule.targets.flatMap((target): readonly OnCallRow[] => {
        const row = { escalationPolicyId: policy.id, escalationLevel: index + 1 };
        if (target.kind === 'user') {
          return [{ ...row, userId: target.id, scheduleId: null, start: null, end: null }];
        }
        const schedule = findSchedule(target.id);
        if (schedule === undefined) return [];
        return shiftsOf(schedule, window).map((shift) => ({
          ...row,
          userId: shift.userId,
          scheduleId: schedule.id,
          start: new Date(shift.start),
          end: Number.isFinite(shift.end) ? new Date(shift.end) : null,
        }));
      }),
    ),
  );
}

/** Ids of the users a rule reaches at an instant, each once; here a shift's end is not part of it. */
export function usersReached(rule: EscalationRule, findSchedule: FindSchedule, at: Date): readonly string[] {
  const reached = rule.targets.flatMap((target) => {
    if (target.kind === 'user') return [target.id];
    const schedule = findSchedule(target.id);
    if (schedule === undefined) return [];
    return shiftsOf(schedule, { since: at, until: at })
      .filter((shift) => isOnShift(shift, at))
      .map((shift) => shift.userId);
  });
  return [...new Set(reached)];
}
