import type { Policy, Rule } from '../../core/rule.ts';
import type { Always } from './claim.ts';
import { mustBeKnown, policyMustBeKnown } from './known.ts';
import { exampleOf, inBoth } from './patterns.ts';
import {
  begun,
  covered,
  exemptions,
  rulesFor,
  waysToApprove,
  wayOf,
  type Search,
  type State,
  type Way,
} from './search.ts';

/**
 * All ways in which nobody may be asked: a rule denies, the glass is broken, or every rule that asks people has no say; and, unless
 * PagerDuty is silent, somebody is approved. None is a proof. Throws Undecided.
 */
export function* waysToAskNobody(claim: Always, policy: Policy, search: Search): Generator<Way> {
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
