import type { ClaimConfig } from '../../config/schema.ts';
import type { Policy, Rule } from '../../core/rule.ts';
import { matchesAny } from '../../core/values/pattern.ts';
import { claimOf, type Claim } from './claim.ts';
import { exampleOf, inBoth, Undecided, unusedIn } from './patterns.ts';
import { waysToBreak } from './search.ts';

/** `undecided` is as bad as `broken`: nobody knows. */
export type Proof =
  | { readonly claim: Claim; readonly state: 'holds' }
  | {
      readonly claim: Claim;
      readonly state: 'broken';
      /** A file for `rules test`, which fails. */ readonly test: string;
    }
  | { readonly claim: Claim; readonly state: 'undecided' | 'possible'; readonly why: string };

/** Whether the claim is proven, without an example where it is not. */
export function tryClaim(written: ClaimConfig, policy: Policy): Proof {
  const claim = claimOf(written);
  try {
    const [wrong] = wrongIn(claim, policy);
    if (wrong !== undefined) return { claim, state: 'undecided', why: wrong };
    return waysToBreak(claim, policy).next().done === true
      ? { claim, state: 'holds' }
      : { claim, state: 'possible', why: 'it may be broken' };
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    return { claim, state: 'undecided', why: error.message };
  }
}

/** What the claim names and no rule has: it would hold for nothing. */
function wrongIn(claim: Claim, policy: Policy): readonly string[] {
  const { rules } = policy;
  const unused = unusedIn(JSON.stringify([claim, policy]));
  if (claim.rule !== null && !rules.some(({ name }) => name === claim.rule)) {
    return [`there is no rule \`${claim.rule}\` (any more)`];
  }
  const strange = claim.roles.filter((role) => !rules.some((rule) => isNamedBy(rule, role, unused)));
  const targets = claim.unless.flatMap((excuse) =>
    'onCall' in excuse
      ? [...excuse.onCall.services, ...excuse.onCall.escalationPolicies, ...excuse.onCall.schedules]
      : [],
  );
  const named = new Set(
    rules.flatMap(({ onCall }) => [...onCall.services, ...onCall.escalationPolicies, ...onCall.schedules]),
  );
  return [
    ...strange.map((role) => `no rule names role \`${role}\` (any more)`),
    ...targets
      .filter((target) => !named.has(target))
      .map((target) => `no rule names \`${target}\` (any more): who is on call for it is approved by none`),
  ];
}

function isNamedBy({ roles }: Rule, role: string, unused: string): boolean {
  return (
    matchesAny(roles, exampleOf(role, unused)) || roles.some((own) => inBoth(role, own, unused).length > 0)
  );
}
