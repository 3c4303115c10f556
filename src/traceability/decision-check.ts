import { decide } from '../core/decide.ts';
import { decisionIdOf, digestOfContent } from '../core/record/decision-identity.ts';
import type { Decision } from '../core/decision.ts';
import type { LedgerEvent, RecordedDecision } from '../core/record/ledger-entry.ts';
import type { Policy } from '../core/rule.ts';
import { fault, warning, type Finding } from './finding.ts';
import type { Hashing } from './hashing.ts';

/** Fields that word a finding for people. A later version may word it better; what was decided must stay the same. */
const WORDING = new Set(['text', 'detail', 'remedy']);

/**
 * Checks what the chain cannot tell: that each policy has the digest it is known by, and that each decision is what `decide`
 * makes of its stored facts under its policy. The policies that it comes upon are added to `policies`; they are few.
 */
export function createDecisionCheck(
  policies: Map<string, Policy>,
  { digest }: Hashing,
): (event: LedgerEvent, seq: number) => readonly Finding[] {
  function learn(policy: Policy, policyDigest: string, seq: number): Finding[] {
    policies.set(policyDigest, policy);
    if (digest(JSON.stringify(policy)) === policyDigest) return [];
    const text = `the policy in entry ${seq} does not have the digest ${short(policyDigest)} that decisions name it by: it was changed`;
    return [fault('policy-changed', seq, text)];
  }

  return function check(event, seq) {
    if (event.kind === 'policy') return learn(event.policy, event.digest, seq);
    if (event.kind === 'checkpoint') {
      return event.policies.flatMap((each) => learn(each.policy, each.digest, seq));
    }
    if (event.kind !== 'decided') return [];
    return [
      ...identityFindings(event, seq, digest),
      ...derivationFindings(event, seq, policies.get(event.policyDigest)),
    ];
  };
}

/** The id under which a decision is known in Teleport and PagerDuty, and the digest that stands beside it. */
function identityFindings(
  decided: RecordedDecision,
  seq: number,
  digest: (text: string) => string,
): Finding[] {
  const { requestId, number, decisionId, digest: stored } = decided;
  const apart = new Set(['kind', 'requestId', 'number', 'decisionId', 'digest']);
  const content = Object.fromEntries(Object.entries(decided).filter(([key]) => !apart.has(key)));
  const ownId = decisionIdOf(requestId, number, digest);
  const named = `decision ${decisionId} in entry ${seq}`;
  const found: Finding[] = [];
  if (digestOfContent(content, digest) !== stored) {
    const text = `${named} does not have the digest ${short(stored)} that it carries: its facts, its outcome or its digest were changed`;
    found.push(fault('decision-changed', seq, text));
  }
  if (decisionId !== ownId) {
    const text = `${named} ought to have the id ${ownId} by its request and number: it was changed`;
    found.push(fault('decision-changed', seq, text));
  }
  return found;
}

function derivationFindings(decided: RecordedDecision, seq: number, policy: Policy | undefined): Finding[] {
  const { decisionId, request, facts, decision, decidedAt, policyDigest } = decided;
  const named = `decision ${decisionId} in entry ${seq}`;
  if (policy === undefined) {
    const text = `${named} names policy ${short(policyDigest)}, which the ledger does not hold: it cannot be derived again`;
    return [fault('policy-missing', seq, text)];
  }
  const derived = derive(() => decide(request, facts, policy, decidedAt));
  if (derived === null) {
    const text = `${named} cannot be derived again: facts or policy are not whole`;
    return [fault('decision-differs', seq, text)];
  }
  if (JSON.stringify(derived) === JSON.stringify(decision)) return [];
  const [path] = differingPaths(decision, derived, '', false);
  if (path !== undefined) {
    const text = `${named} says ${decision.verdict}, its facts and rules give ${derived.verdict} (they differ in ${path})`;
    return [fault('decision-differs', seq, text)];
  }
  if (differingPaths(decision, derived, '', true).length === 0) return [];
  const text = `${named} is derived again as ${derived.verdict} for the same reasons, in other words: another version wrote it`;
  return [warning('wording-differs', seq, text)];
}

/** `decide` is total over what it was made for; an edited entry may be anything. */
function derive(make: () => Decision): Decision | null {
  try {
    return make();
  } catch {
    return null;
  }
}

/** Where the stored value has something else than the derived one; what only the derived one has is newer than the entry. */
function differingPaths(stored: unknown, derived: unknown, path: string, wording: boolean): string[] {
  if (typeof stored !== 'object' || stored === null || typeof derived !== 'object' || derived === null) {
    return Object.is(stored, derived) ? [] : [path];
  }
  if (Array.isArray(stored) && Array.isArray(derived) && stored.length !== derived.length) return [path];
  const other = derived as Readonly<Record<string, unknown>>;
  return Object.entries(stored)
    .filter(([key]) => wording || !WORDING.has(key))
    .flatMap(([key, value]) =>
      differingPaths(value, other[key], path === '' ? key : `${path}.${key}`, wording),
    );
}

function short(digest: string): string {
  return digest.slice(0, 12);
}
