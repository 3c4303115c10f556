import type { OnCallTargets, Policy, Rule, Target } from '../../core/rule.ts';
import { matchesAny } from '../../core/values/pattern.ts';
import type { Claim, Excuse, Requester } from './claim.ts';
import { mustBeKnown } from './known.ts';
import { butNot, inBoth, Undecided, unusedIn } from './patterns.ts';

/** Of what the configuration says, which is data alone. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** By what a rule lets somebody in: their own on-call, or that of who asked for their help. */
export interface Entitled {
  readonly rule: Rule;
  readonly target: Target;
  /** Null for a target that the rule names itself. */
  readonly annotation: string | null;
  readonly helps: boolean;
}

/** What the requester has not: none of these roles, none of these values of a trait. */
type Lack =
  { readonly roles: readonly string[] } | { readonly trait: string; readonly values: readonly string[] };

/** How an approval may come about that has no excuse: all rules that must agree do, and the others do not cover it. */
export interface Way {
  readonly role: string;
  readonly breakGlass: Rule | null;
  readonly entitled: readonly Entitled[];
  /** Rules whose hours it is not. */
  readonly outside: readonly Rule[];
  readonly roles: readonly string[];
  readonly traits: ReadonlyMap<string, readonly string[]>;
  readonly unused: string;
}

interface State {
  readonly approving: readonly Rule[];
  readonly entitled: readonly Entitled[];
  readonly outside: readonly Rule[];
  /** Rules that cover other resources. */
  readonly elsewhere: readonly Rule[];
  readonly lacks: readonly Lack[];
  readonly needs: readonly Requester[];
}

const MOST_STEPS = 30_000;

/**
 * All ways in which the claim may be broken, beginning with the shortest: none is a proof that it holds. Where more seems possible than is,
 * a way is given all the same. That one role and at most one resource are enough to look at follows from `decide`: what is approved
 * together is approved by itself. Throws Undecided for rules that it does not understand, and after 30,000 steps.
 */
export function* waysToBreak(claim: Claim, policy: Policy): Generator<Way> {
  const rules = policy.rules.filter(({ mode }) => mode === 'enforce');
  const unused = unusedIn(JSON.stringify([claim, policy]));
  const search: Search = { claim, unused, budget: { steps: 0 } };
  for (const rule of rules.filter(({ name }) => claim.rule === null || claim.rule === name)) {
    const roles = claim.roles.flatMap((wanted) => rule.roles.flatMap((own) => inBoth(wanted, own, unused)));
    if (roles.length > 0) mustBeKnown(rule);
    for (const role of new Set(roles)) {
      for (const each of rules.filter((other) => matchesAny(other.roles, role))) mustBeKnown(each);
      for (const lacks of lacking(claim)) {
        const begun: State = { ...NOTHING, lacks, needs: [claim.requester] };
        const others = rules
          .filter((each) => each !== rule && !each.breakGlass && matchesAny(each.roles, role))
          .map((each) => ({ each, ways: waysFor(each, begun, search).length }))
          .sort((one, other) => one.ways - other.ways)
          .map(({ each }) => each);
        const states = rule.breakGlass
          ? broken(rule, begun, search)
          : others.reduce<Iterable<State>>(
              (sofar, each) => withOther(sofar, each, search),
              approvals(rule, begun, search),
            );
        for (const state of states)
          yield wayOf(state, { role, breakGlass: rule.breakGlass ? rule : null, unused });
      }
    }
  }
}

const NOTHING = { approving: [], entitled: [], outside: [], elsewhere: [] };

/** In what ways the requester is none whom an excuse is about. */
function lacking({ unless }: Claim): readonly (readonly Lack[])[] {
  return unless.reduce<readonly (readonly Lack[])[]>(
    (sofar, excuse) =>
      excuse.kind === 'requester'
        ? sofar.flatMap((lacks) => lacksOf(excuse.requester).map((lack) => [...lacks, lack]))
        : sofar,
    [[]],
  );
}

interface Search {
  readonly claim: Claim;
  readonly unused: string;
  readonly budget: { steps: number };
}

function broken(rule: Rule, state: State, search: Search): readonly State[] {
  const { unless } = search.claim;
  if (unless.some((excuse) => excuse.kind === 'break-glass' || isExcusedByNeeds(excuse, rule))) return [];
  const next = { ...state, approving: [rule], needs: [...state.needs, rule.when] };
  return isPossible(next, search) ? [next] : [];
}

/** The same with one more rule that must agree or not cover the request. */
function* withOther(states: Iterable<State>, rule: Rule, search: Search): Generator<State> {
  for (const state of states) {
    yield* waysFor(rule, state, search);
  }
}

function waysFor(rule: Rule, state: State, search: Search): readonly State[] {
  return [...exemptions(rule, state, search), ...approvals(rule, state, search)];
}

/** In what ways the rule lets somebody in without excuse. */
function approvals(rule: Rule, state: State, search: Search): readonly State[] {
  if (rule.notifies === true) return [];
  const { unless } = search.claim;
  const isOut = ({ when }: Rule, part: 'hours' | 'resources') => isSame(when[part], rule.when[part]);
  if (state.outside.some((each) => isOut(each, 'hours'))) return [];
  if (state.elsewhere.some((each) => isOut(each, 'resources'))) return [];
  if (unless.some((excuse) => isExcusedByNeeds(excuse, rule))) return [];
  const incident = rule.require.openIncident !== null && rule.onCall.fromAnnotation === null;
  if (incident && unless.some(({ kind }) => kind === 'open-incident')) return [];
  return entitlementsOf(rule, search.unused)
    .filter((entitled) => !unless.some((excuse) => isExcusedBy(excuse, entitled)))
    .map((entitled) => ({
      ...state,
      approving: [...state.approving, rule],
      entitled: [...state.entitled, entitled],
      needs: [...state.needs, rule.when],
    }))
    .filter((next) => isPossible(next, search));
}

/** In what ways the rule may have no say. */
function exemptions(rule: Rule, state: State, search: Search): readonly State[] {
  const { hours, resources } = rule.when;
  const { approving } = state;
  const sameHours = approving.some(({ when }) => isSame(when.hours, hours));
  const sameThings = approving.some(({ when }) => isSame(when.resources, resources));
  const inLeaf = approving.some(({ when }) => when.resources?.clusters !== undefined);
  return [
    ...lacksOf(rule.when).map((lack) => ({ ...state, lacks: [...state.lacks, lack] })),
    ...(hours === null || sameHours ? [] : [{ ...state, outside: [...state.outside, rule] }]),
    ...(sameThings || (resources === null && !inLeaf)
      ? []
      : [{ ...state, elsewhere: [...state.elsewhere, rule] }]),
    ...(namesNothing(rule) ? [state] : []),
  ].filter((next) => isPossible(next, search));
}

/** What it goes by stands in an annotation of the request alone, which may be missing. */
function namesNothing({ onCall, notifies, escalate }: Rule): boolean {
  if (notifies === true) return (escalate?.service ?? null) === null;
  return onCall.services.length + onCall.escalationPolicies.length + onCall.schedules.length === 0;
}

function entitlementsOf(rule: Rule, unused: string): readonly Entitled[] {
  const { services, escalationPolicies, schedules, fromAnnotation } = rule.onCall;
  const named: readonly Target[] = [
    ...services.map((asked) => ({ kind: 'service' as const, asked })),
    ...escalationPolicies.map((asked) => ({ kind: 'escalation policy' as const, asked })),
    ...schedules.map((asked) => ({ kind: 'schedule' as const, asked })),
  ];
  const other: Target = { kind: 'service', asked: `Service ${unused}` };
  return (rule.responders ? [false, true] : [false]).flatMap((helps) => [
    ...named.map((target) => ({ rule, target, annotation: null, helps })),
    ...(fromAnnotation === null ? [] : [{ rule, target: other, annotation: fromAnnotation, helps }]),
  ]);
}

/** Whether the rule asks for what excuses. */
function isExcusedByNeeds(excuse: Excuse, { require }: Rule): boolean {
  if (excuse.kind === 'reason') return require.reason;
  return (
    excuse.kind === 'max-duration' && require.maxDurationMs !== null && require.maxDurationMs <= excuse.maxMs
  );
}

/** Whether whoever is on call like this is always on call as the excuse says. */
function isExcusedBy(excuse: Excuse, { rule, target, annotation, helps }: Entitled): boolean {
  if (excuse.kind === (helps ? 'asked-to-help' : 'on-call') && 'onCall' in excuse) {
    const { onCall } = excuse;
    const targets = annotation === null ? namesIn(onCall, target.kind) : [];
    const isNamed =
      targets.includes(target.asked) || (annotation !== null && annotation === onCall.fromAnnotation);
    const incidents =
      !helps ||
      (rule.onCall.services.every((each) => onCall.services.includes(each)) &&
        (rule.onCall.fromAnnotation === null || rule.onCall.fromAnnotation === onCall.fromAnnotation));
    return isNamed && incidents && isStricter(rule.onCall, onCall);
  }
  return false;
}

function namesIn({ services, escalationPolicies, schedules }: OnCallTargets, kind: Target['kind']) {
  switch (kind) {
    case 'service':
      return services;
    case 'escalation policy':
      return escalationPolicies;
    case 'schedule':
      return schedules;
  }
}

function isStricter(one: OnCallTargets, other: OnCallTargets): boolean {
  return (
    one.maxLevel <= other.maxLevel &&
    (other.permanent || !one.permanent) &&
    one.graceAfterShiftMs <= other.graceAfterShiftMs &&
    (other.minShiftAgeMs <= 0 ||
      (one.ageUnder === other.ageUnder && one.minShiftAgeMs >= other.minShiftAgeMs))
  );
}

/** Each of these, and each alone, makes somebody another one than is meant. */
function lacksOf({ requesterRoles, requesterTraits }: Requester): readonly Lack[] {
  return [
    ...(requesterRoles === null ? [] : [{ roles: requesterRoles }]),
    ...Object.entries(requesterTraits ?? {}).map(([trait, values]) => ({ trait, values })),
  ];
}

/** Whether there may be such a requester. */
function isPossible(state: State, { unused, budget }: Search): boolean {
  budget.steps += 1;
  if (budget.steps > MOST_STEPS) throw new Undecided(`it takes more than ${MOST_STEPS} steps`);
  return requesterIn(state, unused) !== null;
}

/** The smallest one; null where there is none. */
function requesterIn({ needs, lacks }: State, unused: string): Pick<Way, 'roles' | 'traits'> | null {
  const roles = new Set<string>();
  const traits = new Map<string, readonly string[]>();
  const lackedRoles = lacks.flatMap((lack) => ('roles' in lack ? lack.roles : []));
  for (const { requesterRoles, requesterTraits } of needs) {
    if (requesterRoles !== null && ![...roles].some((role) => matchesAny(requesterRoles, role))) {
      const role = butNot(requesterRoles, lackedRoles, unused);
      if (role === null) return null;
      roles.add(role);
    }
    for (const [trait, values] of Object.entries(requesterTraits ?? {})) {
      const lacked = lacks.flatMap((lack) => ('trait' in lack && lack.trait === trait ? lack.values : []));
      const value = values.find((each) => !lacked.includes(each));
      if (value === undefined) return null;
      traits.set(trait, [...new Set([...(traits.get(trait) ?? []), value])]);
    }
  }
  return { roles: [...roles], traits };
}

function wayOf(state: State, rest: Pick<Way, 'role' | 'breakGlass' | 'unused'>): Way {
  const { roles, traits } = requesterIn(state, rest.unused) ?? { roles: [], traits: new Map() };
  return { ...rest, entitled: state.entitled, outside: state.outside, roles, traits };
}
