import type { Account } from './account.ts';
import type { OnCallRow } from './on-calls.ts';
import { isoInZone } from './iso-time.ts';
import type { LayerSchedule, ShiftSchedule } from './model.ts';
import { escalationPolicyReference, scheduleReference, userReference } from './references.ts';
import { renderEscalationPolicy, renderUserIn, type Includes } from './render-config.ts';
import { cutToWindow, shiftsOf, shiftsOfLayer, type Shift, type Window } from './shifts.ts';

export interface ScheduleView {
  readonly timeZone: string;
  /** PagerDuty renders no entries at all unless the caller names a window. */
  readonly window: Window | undefined;
  /** Whole shifts instead of the part inside the window. */
  readonly overflow: boolean;
}

export function renderOnCall(
  account: Account,
  row: OnCallRow,
  includes: Includes,
  timeZone: string,
): unknown {
  const policy = account.escalationPolicies.require(row.escalationPolicyId);
  const time = (instant: Date | null) => (instant === null ? null : isoInZone(instant, timeZone));
  return {
    escalation_policy: includes.has('escalation_policies')
      ? renderEscalationPolicy(account, policy, new Set())
      : escalationPolicyReference(account, policy.id),
    escalation_level: row.escalationLevel,
    schedule: renderScheduleIn(account, row.scheduleId, includes, timeZone),
    user: renderUserIn(account, row.userId, includes.has('users')),
    start: time(row.start),
    end: time(row.end),
  };
}

/** A schedule in a list: its settings without any entries. */
export function renderScheduleSummary(account: Account, schedule: LayerSchedule): unknown {
  return {
    ...scheduleReference(account, schedule.id),
    type: 'schedule',
    name: schedule.name,
    time_zone: schedule.timeZone,
    description: null,
    escalation_policies: policiesUsing(account, schedule.id),
    users: usersOf(schedule).map((id) => userReference(account, id)),
    teams: [],
  };
}

export function renderSchedule(account: Account, schedule: LayerSchedule, view: ScheduleView): unknown {
  const { window } = view;
  const final = window === undefined ? [] : visible(shiftsOf(schedule, window), window, view);
  return {
    ...(renderScheduleSummary(account, schedule) as object),
    schedule_layers: schedule.layers.map((layer) => ({
      id: layer.id,
      name: layer.name,
      start: isoInZone(layer.start, view.timeZone),
      end: layer.end === null ? null : isoInZone(layer.end, view.timeZone),
      rotation_virtual_start: isoInZone(layer.rotationVirtualStart, view.timeZone),
      rotation_turn_length_seconds: layer.rotationTurnLengthSeconds,
      users: layer.userIds.map((id) => ({ user: userReference(account, id) })),
      restrictions: [],
      ...rendered(
        account,
        window === undefined ? [] : visible(shiftsOfLayer(layer, window), window, view),
        view,
      ),
    })),
    overrides_subschedule: {
      name: 'Overrides',
      ...rendered(account, window === undefined ? [] : visible(overrideShifts(schedule), window, view), view),
    },
    final_schedule: { name: 'Final Schedule', ...rendered(account, final, view) },
  };
}

/** The v3 shape. Times without any member show up as assignments of an `empty_member`. */
export function renderShiftSchedule(
  account: Account,
  schedule: ShiftSchedule,
  view: ScheduleView & { readonly withFinalSchedule: boolean },
): unknown {
  const { window } = view;
  const shifts = window === undefined ? [] : visible(shiftsOf(schedule, window), window, view);
  const gaps = window === undefined ? [] : gapsBetween(shifts, window);
  const time = (ms: number) => (Number.isFinite(ms) ? isoInZone(new Date(ms), view.timeZone) : null);
  const assignments = [
    ...shifts.map((shift) => ({
      ...shift,
      member: { type: 'user_member', user_id: shift.userId },
      source: sourceOf(schedule, shift),
    })),
    ...gaps.map((gap) => ({
      ...gap,
      member: { type: 'empty_member' },
      source: { type: 'custom_shift', shift_id: shiftId(schedule, 0) },
    })),
  ].sort((a, b) => a.start - b.start);
  return {
    ...scheduleReference(account, schedule.id),
    type: 'schedule_v3',
    name: schedule.name,
    description: null,
    time_zone: schedule.timeZone,
    escalation_policies: policiesUsing(account, schedule.id),
    teams: [],
    ...(view.withFinalSchedule
      ? {
          final_schedule: {
            type: 'final_schedule',
            rendered_coverage_percentage: window === undefined ? 0 : coveredPercentage(shifts, window),
            computed_shift_assignments: assignments.map(({ start, end, member, source }) => ({
              type: 'computed_shift_assignment',
              start_time: time(start),
              end_time: time(end),
              member,
              source,
            })),
          },
        }
      : {}),
  };
}

/** PagerDuty: of which shift an assignment comes, and by which override; an override stands for one shift. */
function sourceOf(schedule: ShiftSchedule, { userId, start }: Shift): unknown {
  const isBegunBy = (at: { readonly start: Date; readonly end: Date | null }) =>
    at.start.getTime() <= start && start < (at.end?.getTime() ?? Infinity);
  const shift_id = shiftId(schedule, Math.max(0, schedule.shifts.findIndex(isBegunBy)));
  const override = schedule.overrides.findLast((each) => each.userId === userId && isBegunBy(each));
  return override === undefined
    ? { type: 'custom_shift', shift_id }
    : { type: 'custom_shift_override', shift_id, override_id: override.id };
}

function shiftId({ id }: ShiftSchedule, index: number): string {
  return `${id}SHIFT${index}`;
}

/** How much of the window somebody is on call, with one decimal. */
function coveredPercentage(shifts: readonly Shift[], window: Window): number {
  const open = gapsBetween(shifts, window).reduce((sum, { start, end }) => sum + end - start, 0);
  const whole = window.until.getTime() - window.since.getTime();
  return whole === 0 ? 0 : Math.round((1 - open / whole) * 1000) / 10;
}

function renderScheduleIn(
  account: Account,
  id: string | null,
  includes: Includes,
  timeZone: string,
): unknown {
  if (id === null) return null;
  const schedule = account.schedules.require(id);
  if (!includes.has('schedules')) return scheduleReference(account, id);
  if (schedule.kind === 'layers') return renderScheduleSummary(account, schedule);
  const view = { timeZone, window: undefined, overflow: false, withFinalSchedule: false };
  return renderShiftSchedule(account, schedule, view);
}

function rendered(account: Account, shifts: readonly Shift[], view: ScheduleView): object {
  const { window } = view;
  const inside = window === undefined ? [] : cutToWindow(shifts, window);
  const coveredMs = inside.reduce((sum, shift) => sum + shift.end - shift.start, 0);
  const windowMs = window === undefined ? 0 : window.until.getTime() - window.since.getTime();
  return {
    rendered_schedule_entries: shifts.map((shift) => ({
      start: isoInZone(new Date(shift.start), view.timeZone),
      end: Number.isFinite(shift.end) ? isoInZone(new Date(shift.end), view.timeZone) : null,
      user: userReference(account, shift.userId),
    })),
    rendered_coverage_percentage: windowMs === 0 ? null : Math.round((coveredMs / windowMs) * 1000) / 10,
  };
}

function visible(shifts: readonly Shift[], window: Window, view: ScheduleView): readonly Shift[] {
  const inside = cutToWindow(shifts, window);
  if (!view.overflow) return inside;
  return shifts.filter((shift) => shift.start < window.until.getTime() && shift.end > window.since.getTime());
}

function overrideShifts(schedule: LayerSchedule): readonly Shift[] {
  return schedule.overrides.map((override) => ({
    userId: override.userId,
    start: override.start.getTime(),
    end: override.end.getTime(),
  }));
}

function gapsBetween(
  shifts: readonly Shift[],
  window: Window,
): readonly { readonly start: number; readonly end: number }[] {
  const gaps: { readonly start: number; readonly end: number }[] = [];
  let covered = window.since.getTime();
  for (const shift of [...shifts].sort((a, b) => a.start - b.start)) {
    if (shift.start > covered) gaps.push({ start: covered, end: shift.start });
    covered = Math.max(covered, shift.end);
  }
  if (covered < window.until.getTime()) gaps.push({ start: covered, end: window.until.getTime() });
  return gaps;
}

function usersOf(schedule: LayerSchedule): readonly string[] {
  return [...new Set(schedule.layers.flatMap((layer) => layer.userIds))];
}

function policiesUsing(account: Account, scheduleId: string): readonly unknown[] {
  return account.escalationPolicies
    .all()
    .filter((policy) => policy.rules.some((rule) => rule.targets.some((target) => target.id === scheduleId)))
    .map((policy) => escalationPolicyReference(account, policy.id));
}
