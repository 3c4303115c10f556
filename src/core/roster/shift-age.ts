import { spanOf, type OnCallRow, type Sighting } from '../on-call.ts';
import type { Instant } from '../values/instant.ts';

/** Since when somebody is on call, null for ever; `row` where nobody had watched, so that PagerDuty's rows alone say so. */
export interface ShiftAge {
  readonly since: Instant | null;
  readonly by: Sighting['by'];
}

/**
 * Since when the person has been on call for a target by this row: as its sighting has it, or by a shift of theirs at this level or a
 * nearer one that it follows without a gap. A row that was seen later than it began leads to no earlier one: it may have been put
 * there. `rows` and `sightings` are those of the target. Null where others under the target have sightings and the row has none: since
 * when it is there nobody can say.
 */
export function shiftAge(
  row: OnCallRow,
  rows: readonly OnCallRow[],
  sightings: readonly Sighting[],
): ShiftAge | null {
  if (sightings.length > 0 && sightingFor(row, sightings) === undefined) return null;
  let oldest = toldOf(row, sightings);
  let start = spanOf(row)?.start ?? null;
  let reached = oldest.since;
  while (start !== null && reached !== null && reached <= start) {
    const at: Instant = start;
    const before = rows.flatMap((other) => {
      const span = spanOf(other);
      const isTheirs = other.user.id === row.user.id && other.escalation_level <= row.escalation_level;
      return isTheirs && span?.end === at && (span.start ?? '') < at
        ? [{ start: span.start, age: toldOf(other, sightings) }]
        : [];
    });
    if (before.length === 0) break;
    const first = before.reduce((one, each) => (isOlder(each.age, one.age) ? each : one));
    if (isOlder(first.age, oldest)) oldest = first.age;
    reached = first.age.since;
    start = first.start;
  }
  return oldest;
}

function toldOf(row: OnCallRow, sightings: readonly Sighting[]): ShiftAge {
  const sighting = sightingFor(row, sightings);
  const start = spanOf(row)?.start ?? null;
  return sighting === undefined ? { since: start, by: 'row' } : { since: sighting.since, by: sighting.by };
}

function sightingFor(row: OnCallRow, sightings: readonly Sighting[]): Sighting | undefined {
  return sightings.find(
    (each) =>
      each.user.id === row.user.id &&
      each.level === row.escalation_level &&
      each.schedule?.id === row.schedule?.id &&
      each.start === row.start,
  );
}

function isOlder({ since }: ShiftAge, { since: other }: ShiftAge): boolean {
  return other !== null && (since === null || since < other);
}
