import { DAY_MS } from './durations.ts';
import type { Override, Schedule, ScheduleLayer } from './model.ts';

/** One user's turn. Milliseconds since the epoch, end not included; `Infinity` = never goes off call. */
export interface Shift {
  readonly userId: string;
  readonly start: number;
  readonly end: number;
}

export interface Window {
  readonly since: Date;
  readonly until: Date;
}

/**
 * The final schedule: whole shifts that overlap or touch the window, overrides applied, in order of start.
 * PagerDuty: later layers cover earlier ones, overrides cover all layers, and back-to-back turns of one user are one shift.
 */
export function shiftsOf(schedule: Schedule, window: Window): readonly Shift[] {
  const since = window.since.getTime();
  const until = window.until.getTime();
  const configured =
    schedule.kind === 'layers' ? layered(schedule.layers, since, until) : concurrent(schedule.shifts);
  const final = merge(coverAll(configured, schedule.overrides));
  return final.filter((shift) => shift.start <= until && shift.end >= since);
}

/** One layer alone, as `schedule_layers[].rendered_schedule_entries` shows it. */
export function shiftsOfLayer(layer: ScheduleLayer, window: Window): readonly Shift[] {
  const since = window.since.getTime();
  const until = window.until.getTime();
  return turns(layer, since, until).filter((shift) => shift.start <= until && shift.end >= since);
}

/** @returns the part of each shift inside the window, leaving out those that only touch it */
export function cutToWindow(shifts: readonly Shift[], window: Window): readonly Shift[] {
  const since = window.since.getTime();
  const until = window.until.getTime();
  return shifts
    .map((shift) => ({ ...shift, start: Math.max(shift.start, since), end: Math.min(shift.end, until) }))
    .filter((shift) => shift.start < shift.end);
}

export function isOnShift(shift: Shift, at: Date): boolean {
  return shift.start <= at.getTime() && at.getTime() < shift.end;
}

function layered(layers: readonly ScheduleLayer[], since: number, until: number): readonly Shift[] {
  // Turns are merged when they belong to one user, so look past the window by two of the longest turns.
  const longestTurnMs = Math.max(DAY_MS, ...layers.map((layer) => layer.rotationTurnLengthSeconds * 1000));
  const margin = 2 * longestTurnMs;
  return layers.reduce<readonly Shift[]>(
    (below, layer) => cover(below, turns(layer, since - margin, until + margin)),
    [],
  );
}

function turns(layer: ScheduleLayer, from: number, to: number): readonly Shift[] {
  const layerStart = layer.start.getTime();
  const layerEnd = layer.end?.getTime() ?? Infinity;
  const [only, ...others] = layer.userIds;
  if (only === undefined) return [];
  if (others.length === 0) return [{ userId: only, start: layerStart, end: layerEnd }];

  const turnMs = layer.rotationTurnLengthSeconds * 1000;
  const origin = layer.rotationVirtualStart.getTime();
  const first = Math.floor((Math.max(from, layerStart) - origin) / turnMs);
  const last = Math.floor((Math.min(to, layerEnd) - origin) / turnMs);
  const found: Shift[] = [];
  for (let turn = first; turn <= last; turn += 1) {
    const position = ((turn % layer.userIds.length) + layer.userIds.length) % layer.userIds.length;
    const start = Math.max(origin + turn * turnMs, layerStart);
    const end = Math.min(origin + (turn + 1) * turnMs, layerEnd);
    if (start < end) found.push({ userId: layer.userIds[position] ?? only, start, end });
  }
  return found;
}

function concurrent(
  shifts: readonly { readonly start: Date; readonly end: Date | null; readonly userIds: readonly string[] }[],
): readonly Shift[] {
  return shifts.flatMap((shift) =>
    shift.userIds.map((userId) => ({
      userId,
      start: shift.start.getTime(),
      end: shift.end?.getTime() ?? Infinity,
    })),
  );
}

/** Later overrides cover earlier ones. */
function coverAll(base: readonly Shift[], overrides: readonly Override[]): readonly Shift[] {
  return overrides.reduce<readonly Shift[]>(
    (below, override) =>
      cover(below, [
        { userId: override.userId, start: override.start.getTime(), end: override.end.getTime() },
      ]),
    base,
  );
}

function cover(below: readonly Shift[], above: readonly Shift[]): readonly Shift[] {
  const left = above.reduce<readonly Shift[]>(
    (rest, top) => rest.flatMap((shift) => subtract(shift, top)),
    below,
  );
  return [...left, ...above];
}

function subtract(shift: Shift, top: Shift): readonly Shift[] {
  if (top.end <= shift.start || shift.end <= top.start) return [shift];
  const before = { ...shift, end: top.start };
  const after = { ...shift, start: top.end };
  return [before, after].filter((part) => part.start < part.end);
}

function merge(shifts: readonly Shift[]): readonly Shift[] {
  const merged: Shift[] = [];
  for (const shift of [...shifts].sort((a, b) => a.start - b.start)) {
    const index = merged.findIndex(
      (earlier) => earlier.userId === shift.userId && earlier.end >= shift.start,
    );
    const earlier = merged[index];
    if (earlier === undefined) merged.push(shift);
    else merged[index] = { ...earlier, end: Math.max(earlier.end, shift.end) };
  }
  return merged;
}
