import { isUnder } from '../roster/sheet.ts';
import type { TargetFact } from '../facts.ts';
import { spanOf, type OnCallRow, type Reference } from '../on-call.ts';
import { asApprovers, type Rule } from '../rule.ts';
import { factsFor, onCallAhead, type Rota } from './on-call-ahead.ts';
import { joined, within, without, type Stretch } from './stretch.ts';

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
