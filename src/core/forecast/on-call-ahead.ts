import { searchRows } from '../conditions/on-call-condition.ts';
import { isUnder } from '../roster/sheet.ts';
import { factOf, type TargetFact } from '../facts.ts';
import { spanOf, type OnCallRow, type Reference, type Sighting } from '../on-call.ts';
import { targetsOf, asApprovers, type Rule } from '../rule.ts';
import { plusMs } from '../values/instant.ts';
import { whenSo, joined, within, without, type Stretch } from './stretch.ts';

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

/** What would become of pages to a service. */
export interface PageAhead {
  readonly nobody: readonly Stretch[];
  /** Whom they would reach alone, and when. */
  readonly alone: readonly { readonly user: Reference; readonly stretches: readonly Stretch[] }[];
  /** People are reached, and by the rule no answer of theirs on the page would count. */
  readonly unanswered: readonly Stretch[];
}

/** Whom pages of the rule reach, at any level of the service's policy, in the time in which it takes any. */
export function pageAhead(
  rule: Rule,
  service: TargetFact & { readonly state: 'known' },
  { usable, rota }: { readonly usable: readonly Stretch[]; readonly rota: Rota },
): PageAhead {
  const rows = rota.rows.filter((row) => isUnder(row, service));
  const users = [...new Map(rows.map(({ user }) => [user.id, user])).values()];
  const reached = users.map((user) => {
    const theirs = rows.filter((row) => row.user.id === user.id);
    return { user, stretches: joined(theirs.flatMap((row) => shiftOf(row, rota.window))) };
  });
  const somebody = within(
    usable,
    reached.flatMap(({ stretches }) => stretches),
  );
  const alone = reached.map(({ user, stretches }) => {
    const others = reached.filter((each) => each.user !== user).flatMap((each) => each.stretches);
    return { user, stretches: without(within(usable, stretches), others) };
  });
  return {
    nobody: without(usable, somebody),
    alone: alone.filter(({ stretches }) => stretches.length > 0),
    unanswered: isAnsweredByNote(rule, rota) ? without(somebody, answerable(rule, reached, rota)) : [],
  };
}

function shiftOf(row: OnCallRow, window: Stretch): readonly Stretch[] {
  const span = spanOf(row);
  return span === null ? [] : [{ from: span.start ?? window.from, until: span.end ?? window.until }];
}

/**
 * Whether it is known whose answers on the page count at all. In Teleport anybody answers who may review there, and a page about broken
 * glass asks for none.
 */
function isAnsweredByNote(rule: Rule, rota: Rota): boolean {
  const approvers = asApprovers(rule);
  const isKnown =
    approvers.onCall.fromAnnotation === null &&
    factsFor(approvers, rota).every(({ state }) => state === 'known');
  return isKnown && !rule.breakGlass && rule.approvers.answerBy.some((way) => way !== 'teleport');
}

/** A shift that is too young today is old enough before long. */
function answerable(rule: Rule, reached: PageAhead['alone'], rota: Rota): readonly Stretch[] {
  return onCallAhead(asApprovers(rule), rota).flatMap(({ user, present }) => {
    const paged = reached.find((each) => each.user.id === user.id)?.stretches ?? [];
    return within(present, paged);
  });
}
