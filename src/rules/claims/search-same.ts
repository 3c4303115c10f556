import { MOST_OWNERS } from '../../core/ownership.ts';
import type { Policy, Rule, When } from '../../core/rule.ts';
import { matchesAny } from '../../core/values/pattern.ts';
import { approvalImplies, isSame, isSubset, patternsAreWithin, coverAllOf } from '../implies.ts';
import type { SameAs } from './claim.ts';
import { policyMustBeKnown } from './known.ts';
import { exampleOf, inBoth, Undecided } from './patterns.ts';
import { lacksOf, type Lack } from './requester.ts';
import {
  approvals,
  begun,
  namesNothing,
  rulesFor,
  wayOf,
  waysFor,
  type Search,
  type State,
  type Way,
} from './search.ts';
import { holdsAt } from '../../core/values/opening-hours.ts';

/** A way, and whether it is approved by these rules or by the others. */
export type Change = Way & { readonly isGain: boolean };

/**
 * All ways in which somebody may gain or lose an approval: one side approves, and it does not follow that the other one does. None is a
 * proof that both approve the same. Throws Undecided.
 */
export function* waysToDiffer(
  { other, gains, losses }: SameAs,
  policy: Policy,
  search: Search,
): Generator<Change> {
  [policy, other].forEach(policyMustBeKnown);
  if (!isSame(crowds(policy), crowds(other)))
    throw new Undecided(`rules of more than ${MOST_OWNERS} owners of roles have changed`);
  const hasGlass = [policy, other].some(({ rules }) => rules.some(({ breakGlass }) => breakGlass));
  for (const [from, to, listed, isGain] of [
    [policy, other, gains, true],
    [other, policy, losses, false],
  ] as const) {
    for (const role of rolesOf([from, to], search)) {
      if (matchesAny(listed, role)) continue;
      const [here, there] = [rulesFor(role, from), rulesFor(role, to)];
      // What is asked for together waits for the longest patience.
      if (hasGlass && !isSame(patiences(here), patiences(there)))
        yield { ...wayOf(begun(NOBODY), { role, becomes: 'broken', unused: search.unused }), isGain };
      for (const way of waysFrom(here, there, role, search)) yield { ...way, isGain };
    }
  }
}

/** Each stands for all roles that exactly the same rules name. */
function rolesOf(policies: readonly Policy[], { unused, step }: Search): readonly string[] {
  const patterns = [...new Set(policies.flatMap(({ rules }) => rules.flatMap(({ roles }) => roles)))];
  const found = new Set(patterns);
  // What is added is looked at as well.
  for (const one of found) {
    for (const other of patterns) {
      step();
      for (const role of inBoth(one, other, unused)) found.add(role.replaceAll(unused, '*'));
    }
  }
  return [...found].map((pattern) => exampleOf(pattern, unused));
}

function* waysFrom(
  here: readonly Rule[],
  there: readonly Rule[],
  role: string,
  search: Search,
): Generator<Way> {
  const { unused } = search;
  const asked = [...here, ...there];
  if (asked.some(({ breakGlass }) => breakGlass) && !isSame(forGlass(here), forGlass(there))) {
    yield wayOf(begun(NOBODY), { role, becomes: 'broken', unused });
  }
  const beside = compared(there, here);
  for (const rule of here.filter(({ breakGlass }) => !breakGlass)) {
    const others = here.filter((each) => each !== rule && !each.breakGlass);
    for (const state of approvals(rule, begun(NOBODY), { unless: [], search })) {
      for (const found of differing(state, others, { there: beside, search }))
        yield wayOf(found, { role, becomes: 'approved', unused });
    }
  }
}

interface Compared {
  readonly rule: Rule;
  /** The same rule is on this side: wherever it approves or has no say, so does the other. */
  readonly hasTwin: boolean;
}

function compared(there: readonly Rule[], here: readonly Rule[]): readonly Compared[] {
  const twins = new Set(here.map(decisive));
  return there
    .filter(({ breakGlass }) => !breakGlass)
    .map((rule) => ({ rule, hasTwin: twins.has(decisive(rule)) }));
}

/** How the rest of the rules may let somebody in whom the other side does not surely let in. */
function* differing(
  state: State,
  rest: readonly Rule[],
  { there, search }: { readonly there: readonly Compared[]; readonly search: Search },
): Generator<State> {
  const whens = state.covering.map(({ when }) => when);
  const willing = there.filter(({ rule }) => approvalImplies(state.covering, rule));
  const isSure = there.every(
    (each) => each.hasTwin || willing.includes(each) || isSurelyOut(each.rule, state),
  );
  // More rules on this side change nothing of that.
  const agreeing = willing.map(({ rule }) => rule);
  if (isSure && areCoveredTogether(whens, agreeing, search.step)) return;
  const [next, ...others] = rest;
  if (next === undefined) {
    yield state;
    return;
  }
  for (const found of waysFor(next, state, { unless: [], search }))
    yield* differing(found, others, { there, search });
}

const NOBODY = { requester: { requesterRoles: null, requesterTraits: null }, resources: null };

/** All that broken glass depends on, in whatever order and by whatever name. */
function forGlass(rules: readonly Rule[]): readonly string[] {
  return rules
    .map((rule) => {
      const { otherwise, escalate, approvers } = rule;
      return JSON.stringify([decisive(rule), otherwise, desksIn(escalate), approvers]);
    })
    .sort();
}

function patiences(rules: readonly Rule[]): readonly string[] {
  const each = rules.map((rule) => {
    const { when, onCall, notifies, escalate } = rule;
    const needs = [notifies === true ? desksIn(escalate) : [onCall.fromAnnotation], namesNothing(rule)];
    return JSON.stringify([when.resources, needs, escalate?.decideWithinMs]);
  });
  return [...new Set(each)].sort();
}

/** By what a rule approves, or asks people for everything, whatever it is called. */
function decisive({ when, onCall, responders, require, breakGlass, localUsers, ...rule }: Rule): string {
  // Without a page it has no say.
  const desks = rule.notifies === true ? desksIn(rule.escalate) : null;
  return JSON.stringify([when, onCall, responders, require, breakGlass, localUsers ?? [], desks]);
}

function desksIn(escalate: Rule['escalate']): readonly unknown[] {
  return [escalate?.service, escalate?.fromAnnotation];
}

/** Rules by which roles are let in one by one, and not together: those of so many owners. */
function crowds({ rules }: Policy): readonly string[] {
  return rules.flatMap(({ roles, onCall: { owner } }) => {
    const owners = new Set(Object.values(owner?.ofRole ?? {}).map((services) => services.toSorted().join()));
    return owners.size > MOST_OWNERS ? [JSON.stringify([roles, owner?.ofRole])] : [];
  });
}

/** Whether the rule surely does not cover what is asked for. */
function isSurelyOut({ when }: Rule, { outside, elsewhere, lacks }: State): boolean {
  const lacksAll = (lack: Lack) => lacks.some((each) => isWithinLack(lack, each));
  return (
    (when.hours !== null && outside.some((each) => isSame(each.when.hours, when.hours))) ||
    elsewhere.some((each) => isSame(each.when.resources, when.resources)) ||
    lacksOf(when).some(lacksAll)
  );
}

/** Whether whoever has nothing of the wider lack has nothing of this one. */
function isWithinLack(lack: Lack, wider: Lack): boolean {
  if ('roles' in lack) return 'roles' in wider && patternsAreWithin(lack.roles, wider.roles);
  return 'trait' in wider && wider.trait === lack.trait && isSubset(lack.values, wider.values);
}

/**
 * Whether each request that is covered by all of these is covered by one of the rules at least, be it by another one for each trait, role,
 * kind or name of things, and hour. `split`: those of them that are taken apart for it, one after the other.
 */
function areCoveredTogether(
  covering: readonly When[],
  rules: readonly Rule[],
  step: () => void,
  [next, ...others]: readonly When[] = covering,
): boolean {
  step();
  if (rules.some(({ when }) => coverAllOf(covering, when)) || hoursAddUp(covering, rules)) return true;
  if (next === undefined) return false;
  for (const cell of cellsOf(next))
    if (!areCoveredTogether([...covering, cell], rules, step, others)) return false;
  return true;
}

/** Whoever and whatever the rule covers, one of these does: each names one thing where it names several. */
function* cellsOf(when: When): Generator<When> {
  const { requesterRoles: roles, requesterTraits, resources } = when;
  const traits = Object.entries(requesterTraits ?? {}).find(([, values]) => values.length > 1);
  const part = PARTS.find((each) => (resources?.[each]?.length ?? 0) > 1);
  if (roles !== null && roles.length > 1) {
    for (const role of roles) yield* cellsOf({ ...when, requesterRoles: [role] });
  } else if (traits !== undefined) {
    const [trait, values] = traits;
    for (const value of values)
      yield* cellsOf({ ...when, requesterTraits: { ...requesterTraits, [trait]: [value] } });
  } else if (resources !== null && part !== undefined) {
    for (const pattern of resources[part] ?? [])
      yield* cellsOf({ ...when, resources: { ...resources, [part]: [pattern] } });
  } else yield when;
}

const PARTS = ['clusters', 'kinds', 'names', 'subResources'] as const;

/** Whether at any hour of the week at which all of these cover one of the rules does; of several time zones nobody knows. */
function hoursAddUp(covering: readonly When[], rules: readonly Rule[]): boolean {
  const hoursIn = (whens: readonly When[]) => whens.flatMap(({ hours }) => hours ?? []);
  const narrow = hoursIn(covering);
  const wide = hoursIn(
    rules.map(({ when }) => when).filter((when) => coverAllOf(covering, { ...when, hours: null })),
  );
  const all = [...narrow, ...wide];
  if (wide.length === 0 || new Set(all.map(({ timeZone }) => timeZone)).size > 1) return false;
  const turns = new Set([
    0,
    ...all.flatMap(({ spans }) => spans.flatMap(({ from, until }) => [from, until % 1_440])),
  ]);
  return [0, 1, 2, 3, 4, 5, 6].every((day) =>
    [...turns].every((minute) => {
      const holds = ({ spans }: (typeof all)[number]) => holdsAt(spans, { day, minute });
      return !narrow.every(holds) || wide.some(holds);
    }),
  );
}
