import type { Policy, Rule } from '../../core/rule.ts';
import { matchesAny } from '../../core/values/pattern.ts';
import { areApart, type Things } from '../apart.ts';
import { isSame, isWithinScope } from '../implies.ts';
import type { Excuse, Never, Requester } from './claim.ts';
import { entitlementsOf, isExcusedBy, type Entitled } from './entitled.ts';
import { mustBeKnown, policyMustBeKnown } from './known.ts';
import { inBoth, Undecided, unusedIn } from './patterns.ts';
import { lacksOf, requesterIn, type Lack } from './requester.ts';

/** How a claim may be broken. */
export interface Way {
  readonly role: string;
  /** `broken`: by broken glass; `denied`, `left`: no person is asked. */
  readonly becomes: 'approved' | 'broken' | 'denied' | 'left';
  /** The rules that cover the request. */
  readonly covering: readonly Rule[];
  readonly entitled: readonly Entitled[];
  /** Rules whose hours it is not. */
  readonly outside: readonly Rule[];
  /** Rules that cover other resources. */
  readonly elsewhere: readonly Rule[];
  readonly roles: readonly string[];
  readonly traits: ReadonlyMap<string, readonly string[]>;
  readonly things: Things | null;
  readonly unused: string;
}

/** What is found so far: which rules cover the request, and by what the others do not. */
export interface State {
  readonly covering: readonly Rule[];
  readonly entitled: readonly Entitled[];
  readonly outside: readonly Rule[];
  /** Rules that cover other resources. */
  readonly elsewhere: readonly Rule[];
  readonly lacks: readonly Lack[];
  readonly needs: readonly Requester[];
  /** Of which one thing is asked for; null for anything or nothing. */
  readonly things: Things | null;
}

export interface Search {
  /** Stands for all that a `*` stands for. */
  readonly unused: string;
  /** Throws Undecided where there were too many. */
  readonly step: () => void;
}

export const MOST_STEPS = 30_000;

export function searchIn(texts: unknown, onStep?: (steps: number) => void): Search {
  let steps = 0;
  return {
    unused: unusedIn(JSON.stringify(texts)),
    step() {
      steps += 1;
      onStep?.(steps);
      if (steps > MOST_STEPS) throw new Undecided(`it takes more than ${MOST_STEPS} steps`);
    },
  };
}

export function begun(
  { requester, resources: things }: Pick<Never, 'requester' | 'resources'>,
  lacks: readonly Lack[] = [],
): State {
  return { covering: [], entitled: [], outside: [], elsewhere: [], lacks, needs: [requester], things };
}

/** The rules in force that name the role. Throws Undecided for one that is not understood. */
export function rulesFor(role: string, { rules }: Policy): readonly Rule[] {
  const found = rules.filter((rule) => rule.mode === 'enforce' && matchesAny(rule.roles, role));
  found.forEach(mustBeKnown);
  return found;
}

/**
 * All ways in which the claim may be broken, beginning with the shortest: none is a proof that it holds. Where more seems possible than is,
 * a way is given all the same. That one role and at most one resource are enough to look at follows from `decide`: what is approved
 * together is approved by itself. Throws Undecided for rules that it does not understand, and after 30,000 steps.
 */
export function* waysToApprove(claim: Never, policy: Policy, search: Search): Generator<Way> {
  policyMustBeKnown(policy);
  const { unused } = search;
  for (const rule of policy.rules.filter(({ name }) => claim.rule === null || claim.rule === name)) {
    const roles = claim.roles.flatMap((wanted) => rule.roles.flatMap((own) => inBoth(wanted, own, unused)));
    for (const role of new Set(rule.mode === 'enforce' ? roles : [])) {
      const rules = rulesFor(role, policy);
      for (const lacks of lacking(claim, search)) {
        const first = begun(claim, lacks);
        const states = rule.breakGlass
          ? broken(rule, first, claim, search)
          : approvedBy(rule, rules, first, { unless: claim.unless, search });
        for (const state of states)
          yield wayOf(state, { role, becomes: rule.breakGlass ? 'broken' : 'approved', unused });
      }
    }
  }
}

interface Wanted {
  readonly unless: readonly Excuse[];
  readonly search: Search;
}

/** In what ways all these rules let somebody in without excuse, or have no say; and this one does. */
function approvedBy(rule: Rule, rules: readonly Rule[], first: State, wanted: Wanted): Iterable<State> {
  return rules
    .filter((each) => each !== rule && !each.breakGlass)
    .map((each) => ({ each, ways: waysFor(each, first, wanted).length }))
    .sort((one, other) => one.ways - other.ways)
    .reduce<Iterable<State>>(
      (sofar, { each }) => withOther(sofar, each, wanted),
      approvals(rule, first, wanted),
    );
}

/** In what ways the requester is none whom an excuse is about: as many as the traits of all excuses together, multiplied. */
export function* lacking({ unless }: Pick<Never, 'unless'>, search: Search): Generator<readonly Lack[]> {
  const [excuse, ...others] = unless.filter(({ kind }) => kind === 'requester');
  if (excuse?.kind !== 'requester') {
    search.step();
    yield [];
    return;
  }
  for (const lack of lacksOf(excuse.requester))
    for (const lacks of lacking({ unless: others }, search)) yield [lack, ...lacks];
}

function broken(rule: Rule, state: State, { unless }: Never, search: Search): readonly State[] {
  if (unless.some((excuse) => excuse.kind === 'break-glass' || isExcusedByNeeds(excuse, rule))) return [];
  return covered(rule, state, search);
}

/** The same with the rule covering the request; none where it cannot. */
export function covered(rule: Rule, state: State, search: Search): readonly State[] {
  const isOut = ({ when }: Rule, part: 'hours' | 'resources') => isSame(when[part], rule.when[part]);
  if (state.outside.some((each) => isOut(each, 'hours'))) return [];
  if (state.elsewhere.some((each) => isOut(each, 'resources'))) return [];
  if (areApart(state.things, rule.when.resources)) return [];
  const next = { ...state, covering: [...state.covering, rule], needs: [...state.needs, rule.when] };
  return isPossible(next, search) ? [next] : [];
}

/** The same with one more rule that must agree or not cover the request. */
function* withOther(states: Iterable<State>, rule: Rule, wanted: Wanted): Generator<State> {
  for (const state of states) {
    yield* waysFor(rule, state, wanted);
  }
}

/** In what ways the rule lets somebody in without excuse, or has no say. */
export function waysFor(rule: Rule, state: State, wanted: Wanted): readonly State[] {
  const inLeaf = state.covering.some(({ when }) => when.resources?.clusters !== undefined);
  return [...exemptions(rule, state, { inLeaf, search: wanted.search }), ...approvals(rule, state, wanted)];
}

/** In what ways the rule lets somebody in without excuse. */
export function approvals(rule: Rule, state: State, { unless, search }: Wanted): readonly State[] {
  if (rule.notifies === true) return [];
  if (unless.some((excuse) => isExcusedByNeeds(excuse, rule))) return [];
  const incident = rule.require.openIncident !== null && rule.onCall.fromAnnotation === null;
  if (incident && unless.some(({ kind }) => kind === 'open-incident')) return [];
  const entitled = entitlementsOf(rule, state.things, search.unused).filter(
    (each) => !unless.some((excuse) => isExcusedBy(excuse, each)),
  );
  return covered(rule, state, search).flatMap((next) =>
    entitled.map((each) => ({ ...next, entitled: [...next.entitled, each] })),
  );
}

/** In what ways the rule may have no say. `inLeaf`: what is asked for may be in a leaf cluster, and other rules cover it. */
export function exemptions(
  rule: Rule,
  state: State,
  { inLeaf, search }: { readonly inLeaf: boolean; readonly search: Search },
): readonly State[] {
  const { hours, resources } = rule.when;
  const sameHours = state.covering.some(({ when }) => isSame(when.hours, hours));
  const { things } = state;
  const mayBeInLeaf = inLeaf || things?.inLeaf === true;
  const sameThings =
    state.covering.some(({ when }) => isSame(when.resources, resources)) ||
    (things !== null && isWithinScope(things, resources));
  return [
    ...lacksOf(rule.when).map((lack) => ({ ...state, lacks: [...state.lacks, lack] })),
    ...(hours === null || sameHours ? [] : [{ ...state, outside: [...state.outside, rule] }]),
    ...(sameThings || (resources === null && !mayBeInLeaf)
      ? []
      : [{ ...state, elsewhere: [...state.elsewhere, rule] }]),
    ...(namesNothing(rule) ? [state] : []),
  ].filter((next) => isPossible(next, search));
}

/** What it goes by stands in an annotation of the request alone, which may be missing. */
export function namesNothing({ onCall, notifies, escalate }: Rule): boolean {
  if (notifies === true) return (escalate?.service ?? null) === null;
  const { services, escalationPolicies, schedules, owner, teams } = onCall;
  return (
    owner === undefined &&
    teams === undefined &&
    services.length + escalationPolicies.length + schedules.length === 0
  );
}

/** Whether the rule asks for what excuses. */
function isExcusedByNeeds(excuse: Excuse, { require, breakGlass }: Rule): boolean {
  if (excuse.kind === 'reason') return require.reason || breakGlass;
  return (
    excuse.kind === 'max-duration' && require.maxDurationMs !== null && require.maxDurationMs <= excuse.maxMs
  );
}

/** Whether there may be such a requester. */
function isPossible(state: State, { unused, step }: Search): boolean {
  step();
  return requesterIn(state, unused) !== null;
}

export function wayOf(state: State, rest: Pick<Way, 'role' | 'becomes' | 'unused'>): Way {
  const { roles, traits } = requesterIn(state, rest.unused) ?? { roles: [], traits: new Map() };
  const { covering, entitled, outside, elsewhere, things } = state;
  return { ...rest, covering, entitled, outside, elsewhere, things, roles, traits };
}
