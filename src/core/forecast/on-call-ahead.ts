import { searchRows } from '../conditions/on-call-condition.ts';
import { isUnder } from '../roster/sheet.ts';
import { factOf, type TargetFact } from '../facts.ts';
import { spanOf, type OnCallRow, type Reference } from '../on-call.ts';
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
      const theirs = { ...rota, rows: rows.filter((row) => row.user.id === user.id) };
      return { user, counted: found(rule, user, theirs), present: found(ofAnyAge, user, theirs) };
    })
    .filter(({ present }) => present.length > 0);
}

/** What the rule's own targets are; those that annotations add are not known ahead. */
export function factsFor(rule: Rule, { targets }: Pick<Rota, 'targets'>): readonly TargetFact[] {
  return targetsOf(rule, PLAIN).map((target) => factOf(target, targets));
}

/**
 * The stretches in which a row of theirs counts: that changes where a shift begins, is old enough, ends, or its grace does. Each
 * time is judged by what PagerDuty would show a decision then: what goes on, and what has ended as far back as the rule looks.
 */
function found(rule: Rule, { id }: Reference, { window, targets, rows }: Rota): readonly Stretch[] {
  const { minShiftAgeMs, graceAfterShiftMs } = rule.onCall;
  const lookBackMs = Math.max(minShiftAgeMs, graceAfterShiftMs);
  const shifts = rows.flatMap((row) => {
    const span = spanOf(row);
    return span === null ? [] : [{ row, ...span, shownUntil: span.end && plusMs(span.end, lookBackMs) }];
  });
  const changes = shifts.flatMap(({ start, end }) => [
    ...(start === null ? [] : [start, plusMs(start, minShiftAgeMs)]),
    ...(end === null ? [] : [end, plusMs(end, graceAfterShiftMs)]),
  ]);
  const question = { rule, request: PLAIN, facts: { targets } };
  return whenSo(window, changes, (at) => {
    const shown = shifts.filter(
      ({ start, shownUntil }) => (start === null || start <= at) && (shownUntil === null || at <= shownUntil),
    );
    const reading = { state: 'known', at, rows: shown.map(({ row }) => row) } as const;
    return searchRows(question, id, reading).answer === 'met';
  });
}
