import type { Reference } from '../on-call.ts';
import { servicesNamedBy } from '../ownership.ts';
import { isUnder } from '../roster/sheet.ts';
import type { Rule } from '../rule.ts';
import { matchesAny } from '../values/pattern.ts';
import { isCovered, standingOf, type Account } from './accounts.ts';
import { forecast, type Ahead, type RuleAhead } from './forecast.ts';
import { factsFor } from './on-call-ahead.ts';
import { openStretches, without, type Stretch } from './stretch.ts';

/** Somebody who could be approved for a role, by one rule. */
export interface Approvable {
  readonly user: Reference;
  /** Teleport users that they are; none where it is not known. */
  readonly accounts: readonly string[];
  readonly rule: string;
  /** By whose shifts; none for somebody who is named in a policy. */
  readonly schedules: readonly string[];
  readonly stretches: readonly Stretch[];
  /** Rules that may cover their request as well, and would have to approve it, too. */
  readonly ifAlso: readonly string[];
}

/** Others who could be approved by a rule, of whom nobody can say ahead who they are. */
export interface Besides {
  readonly rule: string;
  readonly who: 'helpers' | 'annotated' | 'labelled' | 'break-glass' | 'not-known';
}

interface Foretold {
  readonly rule: Rule;
  /** Whether labels or fields may name owners whom the rule itself does not. */
  readonly isOpen: boolean;
  readonly ahead: RuleAhead;
}

/** Everybody who could be approved for the role within the window, and by what; nobody who could is left out. */
export function whoMayHave(
  role: string,
  ahead: Ahead,
): { readonly people: readonly Approvable[]; readonly besides: readonly Besides[] } {
  const { policy } = ahead.people;
  const named = policy.rules.filter(({ mode, roles }) => mode === 'enforce' && matchesAny(roles, role));
  const rules = named.filter(({ breakGlass }) => !breakGlass);
  const foretold = rules.flatMap((written) => {
    const [rule, isOpen] = [byOwnersNamed(written), isByLabels(written.onCall)];
    const alone = { ...ahead.people, policy: { ...policy, rules: [rule] } };
    return forecast({ ...ahead, people: alone }).map((each) => ({ rule, isOpen, ahead: each }));
  });
  return {
    people: foretold.flatMap((each) => peopleUnder(each, foretold, ahead)),
    besides: [...named.flatMap(besidesUnder), ...foretold.flatMap(unreadUnder)],
  };
}

/** Whoever is on call for any service that the rule itself names as an owner. */
function byOwnersNamed(rule: Rule): Rule {
  const { owner, ...onCall } = rule.onCall;
  return owner === undefined
    ? rule
    : {
        ...rule,
        onCall: { ...onCall, services: servicesNamedBy({ ...owner, unowned: '' }).filter(Boolean) },
      };
}

function peopleUnder(
  { rule, ahead: { approvable } }: Foretold,
  all: readonly Foretold[],
  { rota, people }: Ahead,
): readonly Approvable[] {
  if (rule.notifies === true) return [];
  const known = factsFor(rule, rota).filter((fact) => fact.state === 'known');
  const others = all.filter((each) => each.rule !== rule);
  return approvable.flatMap(({ user, stretches }) => {
    const { accounts } = standingOf(user, rule, { ...people, window: rota.window });
    const says = others.map((other) => ({ other, says: saysTo(other, rule, { accounts, rota }) }));
    const left = says
      .filter((each) => each.says === 'must-agree')
      .reduce((sofar, { other }) => without(sofar, refusedBy(other, user, rota.window)), stretches);
    const rows = rota.rows.filter(
      (row) => row.user.id === user.id && known.some((fact) => isUnder(row, fact)),
    );
    if (left.length === 0) return [];
    return [
      {
        user,
        accounts: accounts.map(({ name }) => name),
        rule: rule.name,
        schedules: [...new Set(rows.flatMap(({ schedule }) => schedule?.summary ?? []))],
        stretches: left,
        ifAlso: says.flatMap(({ other, says: what }) => (what === 'perhaps' ? [other.rule.name] : [])),
      },
    ];
  });
}

/** Only where a rule surely covers whatever they ask for, and by shifts alone that are all known, may it take them from the list. */
function saysTo(
  { rule: other, isOpen }: Pick<Foretold, 'rule' | 'isOpen'>,
  { when }: Rule,
  { accounts, rota }: { readonly accounts: readonly Account[]; readonly rota: Ahead['rota'] },
): 'must-agree' | 'nothing' | 'perhaps' {
  const covered = accounts.map((account) => isCovered(account, other));
  const isForAll = other.when.requesterRoles === null && other.when.requesterTraits === null;
  if (covered.length > 0 && covered.every((answer) => answer === 'not-met')) return 'nothing';
  const isTheirs = isForAll || (covered.length > 0 && covered.every((answer) => answer === 'met'));
  const isForAnything = other.when.resources === null && when.resources?.clusters === undefined;
  return isTheirs && isForAnything && !isOpen && goesByShiftsAlone(other, rota) ? 'must-agree' : 'perhaps';
}

function goesByShiftsAlone(rule: Rule, rota: Ahead['rota']): boolean {
  const { notifies, escalate, onCall, responders } = rule;
  if (notifies === true) return (escalate?.service ?? null) !== null;
  const named = factsFor(rule, rota);
  const areKnown = onCall.unread === undefined && named.every(({ state }) => state === 'known');
  return named.length > 0 && areKnown && onCall.fromAnnotation === null && !responders;
}

function refusedBy({ rule, ahead }: Foretold, user: Reference, window: Stretch): readonly Stretch[] {
  const theirs = ahead.approvable.filter((each) => each.user.id === user.id);
  const approved = rule.notifies === true ? [] : theirs.flatMap(({ stretches }) => stretches);
  return without(openStretches(rule.when.hours, window), approved);
}

function besidesUnder({ name, onCall, responders, breakGlass, notifies }: Rule): readonly Besides[] {
  if (notifies === true) return [];
  if (breakGlass) return [{ rule: name, who: 'break-glass' }];
  return [
    ...(responders ? [{ rule: name, who: 'helpers' as const }] : []),
    ...(onCall.fromAnnotation === null ? [] : [{ rule: name, who: 'annotated' as const }]),
    ...(isByLabels(onCall) ? [{ rule: name, who: 'labelled' as const }] : []),
  ];
}

function isByLabels({ owner }: Rule['onCall']): boolean {
  return [owner?.label, owner?.teamLabel, owner?.field].some((each) => each !== undefined);
}

function unreadUnder({ rule, ahead: { foreseen } }: Foretold): readonly Besides[] {
  const isUnread = foreseen.some(({ code, people }) => code === 'not-known' && people.length === 0);
  return isUnread && rule.notifies !== true && rule.onCall.fromAnnotation === null
    ? [{ rule: rule.name, who: 'not-known' }]
    : [];
}
