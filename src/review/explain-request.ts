import type { AccessRequest } from '../core/access-request.ts';
import type { ResourceId } from '../core/resources/resource.ts';
import { applies, candidateRules, ofResources } from '../core/coverage.ts';
import { decide } from '../core/decide.ts';
import type { Decision } from '../core/decision.ts';
import type { Facts } from '../core/facts.ts';
import { plusMs, type Instant } from '../core/values/instant.ts';
import { rolesUnder, targetsOf, type Rule } from '../core/rule.ts';
import { gatherFacts, type Gathering } from './facts/gather-facts.ts';

/** A request that nobody has made, as far as rules judge one. */
export interface Hypothesis {
  readonly requester: string;
  readonly roles: readonly string[];
  readonly reason: string;
  /** How long the access would last, in milliseconds; null leaves it open, as a condition that cannot be known. */
  readonly durationMs: number | null;
  readonly resources: readonly ResourceId[];
  readonly annotations: Readonly<Record<string, readonly string[]>>;
}

/** What would be decided, with everything it would go by: the content of a decision in the ledger, and the rules that stood by. */
export interface Explanation {
  readonly decidedAt: Instant;
  readonly request: AccessRequest;
  readonly facts: Facts;
  readonly decision: Decision;
  /** Rules that do not cover the request, and why not. */
  readonly standingBy: readonly { readonly rule: string; readonly why: string }[];
}

/** The hypothesis as Teleport would make it a request at that instant. */
export function requestOf(hypothesis: Hypothesis, at: Instant): AccessRequest {
  const { requester, roles, reason, durationMs, resources, annotations } = hypothesis;
  return {
    id: 'hypothetical',
    revision: '',
    requester,
    roles,
    resources,
    state: 'pending',
    kind: 'short-term',
    dryRun: false,
    reason,
    created: at,
    accessExpires: durationMs === null ? null : plusMs(at, durationMs),
    requestExpires: null,
    startsAt: null,
    annotations,
    suggestedReviewers: [],
    thresholds: [],
    reviews: [],
    resolveReason: '',
  };
}

/**
 * What would be decided on the request, pending or not, by the same look-ups and the same rules as a real one; nothing is
 * changed or recorded. With `at`, who is on call is judged at that instant; incidents, names and identities are those of now.
 * Whatever cannot be had is `unknown` in the answer: nothing is thrown for it.
 */
export async function explainRequest(
  request: AccessRequest,
  gathering: Gathering,
  { at, signal }: { readonly at: Instant | null; readonly signal: AbortSignal },
): Promise<Explanation> {
  const { policy, clock } = gathering;
  const pending: AccessRequest = { ...request, state: 'pending' };
  const facts = await gatherFacts(pending, gathering, {
    signal,
    reviewRefused: null,
    ...(at === null ? {} : { at }),
  });
  const now = at ?? clock.now();
  return {
    decidedAt: now,
    request: pending,
    facts,
    decision: decide(pending, facts, policy, now),
    standingBy: policy.rules.flatMap((rule) => {
      const why = whyNotCovering(rule, pending, facts, now);
      return why === null ? [] : [{ rule: rule.name, why }];
    }),
  };
}

const OTHER_RESOURCES = 'the request asks for other resources, or for none';

function whyNotCovering(rule: Rule, request: AccessRequest, facts: Facts, now: Instant): string | null {
  if (rolesUnder(rule, request).length === 0) return `it covers other roles: ${rule.roles.join(', ')}`;
  if (candidateRules(request, [rule]).length === 0) {
    const annotation = (rule.notifies === true ? rule.escalate : rule.onCall)?.fromAnnotation ?? null;
    const isNamed = rule.notifies === true ? rule.escalate?.service : targetsOf(rule, request)[0];
    return !rule.breakGlass && annotation !== null && (isNamed ?? null) === null
      ? `the request has no annotation \`${annotation}\`, by which the rule goes`
      : OTHER_RESOURCES;
  }
  if (applies({ rule, request, facts, now }) !== 'not-met') return null;
  if (ofResources({ rule, request, facts, now }) === 'not-met') return OTHER_RESOURCES;
  const withoutHours: Rule = { ...rule, when: { ...rule.when, hours: null } };
  return applies({ rule: withoutHours, request, facts, now }) === 'not-met'
    ? 'the requester has other roles or traits in Teleport'
    : 'it is outside of the hours of the rule';
}
