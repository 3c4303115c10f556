import type { Claimed } from '../../config/claims.ts';
import { servicesNamedBy } from '../../core/ownership.ts';
import { isKnownKind } from '../../core/resources/resource.ts';
import type { Policy, Rule } from '../../core/rule.ts';
import { matchesAny } from '../../core/values/pattern.ts';
import { claimOf, type Claim, type Never, type Always } from './claim.ts';
import { exampleOf, inBoth, Undecided } from './patterns.ts';
import { requesterIn } from './requester.ts';
import {
  lacking,
  searchIn,
  waysToApprove,
  begun,
  covered,
  exemptions,
  rulesFor,
  wayOf,
  type Search,
  type Way,
  type State,
} from './search.ts';
import { waysToDiffer, type Change } from './search-same.ts';
import { mustBeKnown, policyMustBeKnown } from './known.ts';

/** `undecided` is as bad as `broken`: nobody knows. */
export type Proof =
  | { readonly claim: Claim; readonly state: 'holds' }
  | {
      readonly claim: Claim;
      readonly state: 'broken';
      /** A file for `rules test`, which fails. */ readonly test: string;
    }
  | { readonly claim: Claim; readonly state: 'undecided' | 'possible'; readonly why: string };

/** Whether the claim is proven, without an example where it is not. `onStep` is told how far it is. */
export function tryClaim(claimed: Claimed, policy: Policy, onStep?: (steps: number) => void): Proof {
  const claim = claimOf(claimed);
  try {
    const search = searchIn([claim, policy], onStep);
    const [wrong] = wrongIn(claim, policy, search);
    if (wrong !== undefined) return { claim, state: 'undecided', why: wrong };
    return waysToBreak(claim, policy, search).next().done === true
      ? { claim, state: 'holds' }
      : { claim, state: 'possible', why: 'it may be broken' };
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    return { claim, state: 'undecided', why: error.message };
  }
}

/** All ways in which the claim may be broken; none is a proof. Throws Undecided. */
export function waysToBreak(
  claim: Claim,
  policy: Policy,
  search: Search,
): Iterator<Way | Change> & Iterable<Way | Change> {
  switch (claim.kind) {
    case 'never':
      return waysToApprove(claim, policy, search);
    case 'always':
      return waysToAskNobody(claim, policy, search);
    case 'same-as':
      return waysToDiffer(claim, policy, search);
  }
}

/**
 * All claims, in their order. Of two that no rules can keep both, the later one is undecided: who says that all stays as it was, and that
 * what was is never, has made a mistake in one of them.
 */
export function tryClaims(
  claims: readonly Claimed[],
  policy: Policy,
  onStep?: (claim: number, steps: number) => void,
): readonly Proof[] {
  return claims.map((each, index) => {
    const contradicted = contradictedBy(each, claims);
    return contradicted === null
      ? tryClaim(each, policy, (steps) => onStep?.(index, steps))
      : { claim: claimOf(each), state: 'undecided', why: `it contradicts ${contradicted}` };
  });
}

/** Another claim that the rules which this one asks to keep do not keep; null where there is none. */
function contradictedBy({ written, other }: Claimed, claims: readonly Claimed[]): string | null {
  if (other === undefined || !('same_as' in written)) return null;
  if (typeof written.same_as !== 'string' && written.same_as.losses.length > 0) return null;
  const found = claims.find((each) => each.other === undefined && tryClaim(each, other).state === 'possible');
  return found === undefined ? null : claimOf(found).words;
}

/** What the claim names and no rule has: it would hold for nothing. */
function wrongIn(claim: Claim, { rules }: Policy, search: Search): readonly string[] {
  const { unused } = search;
  const named = (patterns: readonly string[], where: readonly Rule[]) =>
    patterns
      .filter((role) => !where.some((rule) => isNamedBy(rule, role, unused)))
      .map((role) => `no rule names role \`${role}\` (any more)`);
  switch (claim.kind) {
    case 'same-as':
      return named([...claim.gains, ...claim.losses], [...rules, ...claim.other.rules]);
    case 'always':
      return [...named(claim.roles, rules), ...strangeKinds(claim)];
    case 'never': {
      if (claim.rule !== null && !rules.some(({ name }) => name === claim.rule)) {
        return [`there is no rule \`${claim.rule}\` (any more)`];
      }
      return [
        ...named(claim.roles, rules),
        ...strangeKinds(claim),
        ...targetsIn(claim)
          .filter((target) => !rules.some((rule) => mayName(rule, target)))
          .map(
            (target) => `no rule names \`${target}\` (any more): who is on call for it is approved by none`,
          ),
        ...(isAboutNobody(claim, search) ? ['it contradicts itself: whoever it is about is excused'] : []),
      ];
    }
  }
}

function strangeKinds({ resources }: Pick<Never, 'resources'>): readonly string[] {
  const kinds = (resources?.kinds ?? []).filter((kind) => !kind.includes('*') && !isKnownKind({ kind }));
  return kinds.map((kind) => `there are no resources of kind \`${kind}\``);
}

function isAboutNobody(claim: Claim & { readonly kind: 'never' }, search: Search): boolean {
  const needs = [claim.requester];
  for (const lacks of lacking(claim, search))
    if (requesterIn({ needs, lacks }, search.unused) !== null) return false;
  return true;
}

function targetsIn({ unless }: Claim & { readonly kind: 'never' }): readonly string[] {
  return unless.flatMap((excuse) => ('onCall' in excuse ? placesIn(excuse) : []));
}

/** A label may name any service. */
function mayName({ onCall }: Rule, target: string): boolean {
  const { owner } = onCall;
  if ([owner?.label, owner?.teamLabel, owner?.field].some((each) => each !== undefined)) return true;
  return [...placesIn({ onCall }), ...(owner === undefined ? [] : servicesNamedBy(owner))].includes(target);
}

function placesIn({ onCall }: Pick<Rule, 'onCall'>): readonly string[] {
  return [
    ...onCall.services,
    ...onCall.escalationPolicies,
    ...onCall.schedules,
    ...(onCall.teams?.names ?? []),
  ];
}

function isNamedBy({ roles }: Rule, role: string, unused: string): boolean {
  return (
    matchesAny(roles, exampleOf(role, unused)) || roles.some((own) => inBoth(role, own, unused).length > 0)
  );
}

/**
 * All ways in which nobody may be asked: a rule denies, the glass is broken, or every rule that asks people has no say; and, unless
 * PagerDuty is silent, somebody is approved. None is a proof. Throws Undecided.
 */
function* waysToAskNobody(claim: Always, policy: Policy, search: Search): Generator<Way> {
  policyMustBeKnown(policy);
  const { unused } = search;
  const { roles, unless } = claim;
  const first = begun(claim);
  const named = roles.flatMap((wanted) =>
    policy.rules.flatMap((rule) => rule.roles.flatMap((own) => inBoth(wanted, own, unused))),
  );
  for (const role of new Set([...roles.map((wanted) => exampleOf(wanted, unused)), ...named])) {
    const rules = rulesFor(role, policy);
    for (const rule of rules) {
      const becomes = rule.breakGlass ? 'broken' : 'denied';
      const isDanger = rule.breakGlass ? unless.length === 0 : rule.otherwise === 'deny';
      if (!isDanger) continue;
      for (const state of covered(rule, first, search)) yield wayOf(state, { role, becomes, unused });
    }
    const inLeaf = rules.some(({ when }) => when.resources?.clusters !== undefined);
    const asking = rules
      .filter(asksPeople)
      .map((rule) => ({ rule, ways: exemptions(rule, first, { inLeaf, search }).length }))
      .sort((one, other) => one.ways - other.ways)
      .map(({ rule }) => rule);
    for (const state of unasked(first, asking, { inLeaf, search }))
      yield wayOf(state, { role, becomes: 'left', unused });
  }
  if (claim.silent) return;
  policy.rules.forEach(mustBeKnown);
  yield* waysToApprove({ ...claim, kind: 'never', rule: null }, policy, search);
}

/** In what ways none of these rules has a say. */
function* unasked(
  state: State,
  [next, ...others]: readonly Rule[],
  within: Parameters<typeof exemptions>[2],
): Generator<State> {
  if (next === undefined) yield state;
  else for (const found of exemptions(next, state, within)) yield* unasked(found, others, within);
}

/** Whether people are asked by a page wherever the rule covers a request and does not approve it. */
function asksPeople({ breakGlass, otherwise, escalate }: Rule): boolean {
  const isPaged = escalate !== null && (escalate.service !== null || escalate.toOwner === true);
  return !breakGlass && otherwise === 'escalate' && isPaged;
}
