import type { Claimed } from '../../config/claims.ts';
import { yamlText } from '../../config/yaml-text.ts';
import { decide } from '../../core/decide.ts';
import type { Policy } from '../../core/rule.ts';
import { CaseFile, type Given } from '../case-schema.ts';
import { CaseError } from '../given-world.ts';
import { askedIn } from '../run-case.ts';
import { isBrokenBy, type Asked } from './broken-by.ts';
import type { Claim } from './claim.ts';
import { exampleWorld, MANNERS } from './example-world.ts';
import { Undecided } from './patterns.ts';
import { searchIn, type Way } from './search.ts';
import type { Change } from './search-same.ts';
import { tryClaims, waysToBreak, type Proof } from './try-claim.ts';

/** More ways are not tried to be played. */
const MOST_WAYS = 50;

/** Whether the claims are proven; of each that is broken the smallest case that shows it, by `decide` itself. */
export async function* proveClaims(
  claims: readonly Claimed[],
  policy: Policy,
  onStep?: (claim: number, steps: number) => void,
): AsyncGenerator<Proof> {
  for (const tried of tryClaims(claims, policy, onStep)) {
    yield tried.state === 'possible' ? await exampleFor(tried.claim, policy) : tried;
  }
}

async function exampleFor(claim: Claim, policy: Policy): Promise<Proof> {
  try {
    let left = MOST_WAYS;
    const ways = waysToBreak(claim, policy, searchIn([claim, policy]));
    for (const way of ways) {
      const test = await shownBy(way, claim, policy);
      if (test !== null) return { claim, state: 'broken', test };
      left -= 1;
      if (left === 0) break;
    }
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
  }
  return { claim, state: 'undecided', why: 'it may be broken, and no case was found that shows it' };
}

async function shownBy(way: Way | Change, claim: Claim, policy: Policy): Promise<string | null> {
  const rules = claim.kind === 'same-as' ? [...policy.rules, ...claim.other.rules] : policy.rules;
  for (const manner of MANNERS) {
    const given = exampleWorld(way, { ...policy, rules }, manner);
    if (given === null) continue;
    const file = { cases: [{ name: claim.words, given, expect: { verdict: 'escalate' } }] };
    const [parsed] = CaseFile.parse(file).cases;
    if (parsed === undefined) continue;
    const asking = [...renumbered(rules), ...askingLabels(claim, rules)];
    const both = await worldIn(parsed.given, { ...policy, rules: asking });
    if (both === null || !isBrokenBy(both, claim, policy)) continue;
    // What is looked up for one side alone must show it as well.
    const { request, facts, now } = await askedIn(parsed.given, policy);
    const { verdict } = decide(request, facts, policy, now);
    const isLost = claim.kind === 'same-as' && verdict !== 'approve';
    const glass = way.becomes === 'broken' ? { break_glass: true } : {};
    const expected = isLost ? { verdict: 'approve', ...glass } : { verdict: 'escalate' };
    return yamlText({ cases: [{ ...file.cases[0], expect: expected }] });
  }
  return null;
}

/** Null for a world that contradicts itself: the way may be there all the same. */
async function worldIn(given: Given, policy: Policy): Promise<Asked | null> {
  try {
    return await askedIn(given, policy);
  } catch (error) {
    if (error instanceof CaseError) return null;
    throw error;
  }
}

/** A claim may be about labels for which no rule asks. */
function askingLabels(claim: Claim, rules: Policy['rules']): Policy['rules'] {
  if (claim.kind === 'same-as' || claim.resources?.labels === undefined) return [];
  const resources = { kinds: ['*'], names: ['*'], labels: claim.resources.labels };
  return rules.slice(0, 1).map((rule) => ({
    ...{ ...rule, name: 'labels', roles: ['*'], mode: 'shadow', breakGlass: true },
    when: { ...rule.when, resources },
  }));
}

/** Rules of two files may have the same names. */
function renumbered(rules: Policy['rules']): Policy['rules'] {
  return rules.map((rule, index) => ({ ...rule, name: `${index}-${rule.name}` }));
}
