import { searchRows } from '../conditions/on-call-condition.ts';
import { isUnder } from '../roster/sheet.ts';
import { factOf, type TargetFact } from '../facts.ts';
import { spanOf, type OnCallRow, type Reference, type Sighting } from '../on-call.ts';
import { targetsOf, type Rule } from '../rule.ts';
import { plusMs } from '../values/instant.ts';
import { whenSo, type Stretch } from './stretch.ts';

/** What PagerDuty shows of the time ahead. */
export interface Rota {
  readonly window: Stretch;
  /** What the names in the rules are. */
  readonly targets: readonly TargetFact[];
  /** Of all policies that rules name or page, and of the schedules that no policy uses; as far back as rules look. */
  readonly rows: readonly OnCallRow[];
  /** What watching told of them: a shift that was seen coming is old enough when it begins. */
  readonly sightings: readonly Sighting[];
}

/** When somebody would be found on call for a rule. */
export interface OnCallAhead {
  readonly user: Reference;
  /** With a shift as old as the rule asks for. */
  readonly counted: readonly Stretch[];
  /** However young the shift. */
  readonly present: readonly Stretch[];
}

/** A request that carries no annotation. */
const PLAIN = { annotations: {} };

/** Everybody who would be found on call for the rule's targets within the window, by the same search as a decision's. */
export function onCallAhead(rule: Rule, rota: Rota): readonly OnCallAhead[] {
  const facts = factsFor(rule, rota).filter((fact) => fact.state === 'known');
  const rows = rota.rows.filter((row) => facts.some((fact) => isUnder(row, fact)));
  const users = new Map(rows.map(({ user }) => [user.id, user]));
  const ofAnyAge = { ...rule, onCall: { ...rule.onCall, minShiftAgeMs: 0 } };
  return [...users.values()]
    .map((user) => {
      const isTheirs = (each: OnCallRow | Sighting): boolean => each.user.id === user.id;
      const theirs = { ...rota, rows: rows.filter(isTheirs), sightings: rota.sightings.filter(isTheirs) };
      return { user, counted: found(rule, user, theirs), present: found(ofAnyAge, user, theirs) };
    })
    .filter(({ present }) => present.length > 0);
}

/** What the rule's own targets are; those that annotations add are not known ahead. */
export function factsFor(rule: Rule, { targets }: Pick<Rota, 'targets'>): readonly TargetFact[] {
  return targetsOf(rule, PLAIN).map((target) => factOf(target, targets));
}

/**
 * The stretches in which a row of theirs counts: that changes where a shift begins, is old enough by its start or sighting, ends, or its grace does. Each
 * time is judged by what PagerDuty would show a decision then: what goes on, and what has ended as far back as the rule looks.
 */
function found(rule: Rule, { id }: Reference, rota: Rota): readonly Stretch[] {
  const { window, targets, rows } = rota;
  const { minShiftAgeMs, graceAfterShiftMs } = rule.onCall;
  // What was seen while the rota was read was there when the window began.
  const sightings = rota.sightings.map((each) =>
    each.since !== null && each.since > window.from ? { ...each, since: window.from } : each,
  );
  const lookBackMs = Math.max(minShiftAgeMs, graceAfterShiftMs);
  const shifts = rows.flatMap((row) => {
    const span = spanOf(row);
    return span === null ? [] : [{ row, ...span, shownUntil: span.end && plusMs(span.end, lookBackMs) }];
  });
  const changes = [
    ...shifts.flatMap(({ start, end }) => [
      ...(start === null ? [] : [start, plusMs(start, minShiftAgeMs)]),
      ...(end === null ? [] : [end, plusMs(end, graceAfterShiftMs)]),
    ]),
    ...sightings.flatMap(({ since }) => (since === null ? [] : [plusMs(since, minShiftAgeMs)])),
  ];
  const question = { rule, request: PLAIN, facts: { targets } };
  return whenSo(window, changes, (at) => {
    const shown = shifts.filter(
      ({ start, shownUntil }) => (start === null || start <= at) && (shownUntil === null || at <= shownUntil),
    );
    const reading = { state: 'known', at, rows: shown.map(({ row }) => row), sightings } as const;
    return searchRows(question, id, reading).answer === 'met';
  });
}
