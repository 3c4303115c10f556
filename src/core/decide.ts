import type { AccessRequest } from './access-request.ts';
import { anyOf, type Question } from './conditions/condition.ts';
import { applies, appliesButForCluster, candidateRules, reaches } from './coverage.ts';
import type {
  ConditionAnswer,
  Condition,
  Decision,
  Judgement,
  Reason,
  ReasonCode,
  RuleOutcome,
  Verdict,
} from './decision.ts';
import type { Facts } from './facts.ts';
import type { Instant } from './values/instant.ts';
import { judgeBreakGlass, judgeLeaf, judgeRule } from './judge-rule.ts';
import { policyFor } from './ownership.ts';
import { provenAfterMs, provenIfInForceMs } from './patience.ts';
import type { ResourceId } from './resources/resource.ts';
import type { Policy } from './rule.ts';
import { sanitise, listed } from './values/words.ts';
import { resourcesInWords } from './wording/resources.ts';

/**
 * May this person have these roles now? The one place where that is decided; everything else gathers, records or carries out.
 *
 * Pure and total: the same arguments always give the same decision, and every argument gives one.
 *
 * INVARIANT (approve-needs-on-call): no approval without a known on-call row that covers PagerDuty's time of the answer, the
 *   requester's own or that of whoever asked for their help; a break-glass rule alone may do without
 * INVARIANT (unknown-never-approves): an unknown condition never counts as met, and never as not met either: it never denies
 * INVARIANT (no-matching-rule-never-approves): each requested role needs a rule on each requested resource, and every covering
 *   rule must approve
 * INVARIANT (stricter-never-opens): losing a row or failing a condition never turns another verdict into approve, but where
 *   PagerDuty's silence, proven by questions of its own, makes it an emergency for a break-glass rule
 * INVARIANT (order-free): the order of rules, roles and rows changes neither verdict nor determining rules
 * INVARIANT (not-pending-abstains): a request that is not pending is left alone
 * INVARIANT (explained): every decision has a reason, every approval names its rules and the rows that prove it
 * INVARIANT (shadow-touches-nothing): a rule in shadow changes nothing but what is recorded beside the decision
 */
export function decide(request: AccessRequest, facts: Facts, policy: Policy, now: Instant): Decision {
  const notOurs = outOfScope(request);
  if (notOurs !== null) return leftAlone(notOurs);

  const questions = candidateRules(request, policyFor(policy, request, facts).rules).map((rule) => ({
    rule,
    request,
    facts,
    now,
  }));
  const covering = questions
    .map((question) => ({ question, applicability: applies(question) }))
    .filter(({ applicability }) => applicability !== 'not-met');
  const inLeaf = leafOutcomes(questions);
  if (covering.length + inLeaf.length === 0)
    return leftAlone(reason('no-rule', 'no rule covers this request'));

  const judged = covering
    .filter(({ question }) => !question.rule.breakGlass)
    .map(({ question, applicability }) => judgeRule(question, applicability))
    .sort((one, other) => byName(one.outcome, other.outcome));
  const ordinary = judged.map(({ outcome }) => outcome);
  const enforced = orElse(ordinary.filter(isEnforced), inLeaf.filter(isEnforced));
  const outcomes = orElse(ordinary, inLeaf);
  const breakGlass = breakGlassOutcomes(covering, enforced, () => provenAfterMs(request, policy));
  const glassInForce = breakGlass.filter(isEnforced);

  const asked: Asked = { request, facts, reach: reachOf(questions) };
  const judgement = judgeTogether(asked, enforced, glassInForce);
  const open = judgement.verdict !== 'approve' && judgement.verdict !== 'deny';
  const all = [...new Set([...ordinary, ...enforced, ...outcomes])].sort(byName).concat(breakGlass);
  return {
    ...judgement,
    outcomes: all,
    proofs: judged.flatMap(({ outcome, proof }) => (proof !== null && isEnforced(outcome) ? [proof] : [])),
    provisional:
      (gapsOf(asked, enforced).length === 0 && mayYetBeApproved(enforced)) ||
      (open && mayYetBeOpened(asked, enforced, glassInForce)),
    breakGlass: judgement.reasons.some(({ code }) => code === 'break-glass'),
    shadow: all.every(isEnforced)
      ? null
      : judgeTogether(
          asked,
          outcomes,
          breakGlassOutcomes(covering, outcomes, () => provenIfInForceMs(request, policy)),
        ),
  };
}

/** What is decided upon, and which rule has a say about which role on which resource (null: on all that the role allows). */
interface Asked {
  readonly request: AccessRequest;
  readonly facts: Facts;
  readonly reach: (outcome: RuleOutcome, role: string, resource: ResourceId | null) => boolean;
}

function reachOf(questions: readonly Question[]): Asked['reach'] {
  const byRule = new Map(questions.map((question) => [question.rule.name, question]));
  return ({ rule, roles }, role, resource) => {
    const question = byRule.get(rule);
    if (question === undefined || !roles.includes(role)) return false;
    return resource === null || reaches(question, resource);
  };
}

/** INVARIANT (leaf-is-told): where rules cover the roles and none speaks of the leaf cluster, a person hears of it. */
function leafOutcomes(questions: readonly Question[]): readonly RuleOutcome[] {
  return questions
    .filter(({ rule }) => !rule.breakGlass)
    .filter(appliesButForCluster)
    .map(judgeLeaf);
}

function orElse<T>(some: readonly T[], others: readonly T[]): readonly T[] {
  return some.length > 0 ? some : others;
}

/** Requests that Teleport resolves elsewhere, or that ask for nothing. */
function outOfScope(request: AccessRequest): Reason | null {
  if (request.state !== 'pending')
    return reason('not-pending', `the request is ${request.state}, not pending`);
  if (request.dryRun) return reason('dry-run', 'a dry run asks what would be possible, not for access');
  if (request.kind === 'long-term') {
    return reason(
      'long-term-request',
      'a long-term request is resolved by promotion to an access list in Teleport',
    );
  }
  if (request.roles.length === 0) return reason('no-roles', 'the request names no role');
  return null;
}

function breakGlassOutcomes(
  covering: readonly { readonly question: Question; readonly applicability: ConditionAnswer }[],
  others: readonly RuleOutcome[],
  withinMs: () => number,
): readonly RuleOutcome[] {
  return covering
    .filter(({ question }) => question.rule.breakGlass)
    .map(({ question, applicability }) =>
      judgeBreakGlass(question, applicability, { others, provenAfterMs: withinMs() }),
    )
    .sort(byName);
}

/** What the rules say together. The strictest one that covers the request wins; only an emergency gets past an escalation. */
function judgeTogether(
  asked: Asked,
  outcomes: readonly RuleOutcome[],
  breakGlass: readonly RuleOutcome[],
): Judgement {
  const { facts } = asked;
  const gaps = gapsOf(asked, outcomes);
  const verdict = facts.reviewRefused === null ? combine(outcomes, gaps.length > 0) : 'escalate';
  const broken = verdict === 'deny' || verdict === 'approve' ? [] : openers(asked, outcomes, breakGlass);
  if (broken.length > 0) {
    return { verdict: 'approve', rules: namesOf(broken), reasons: broken.map(breakGlassReason) };
  }
  // An approval by broken glass that Teleport refused still needs a person.
  const refused = facts.reviewRefused !== null && breakGlass.length > 0;
  if (outcomes.length === 0 && !refused) {
    const told = reason('shadow-only', 'only rules in shadow, or for an emergency, cover this request');
    return { verdict: 'abstain', rules: [], reasons: [told] };
  }
  const agreeing = outcomes.filter((outcome) => outcome.verdict === verdict);
  const determining = agreeing.length > 0 ? agreeing : outcomes;
  const told = determining.flatMap((outcome) => reasonsOf(outcome, verdict));
  return { verdict, rules: namesOf(determining), reasons: [...gaps, ...unique(told)] };
}

/** deny before escalate before abstain before approve. */
function combine(outcomes: readonly RuleOutcome[], gap: boolean): Verdict {
  const verdicts = new Set(outcomes.map((outcome) => outcome.verdict));
  if (verdicts.has('deny')) return 'deny';
  if (verdicts.has('escalate')) return 'escalate';
  if (verdicts.has('abstain')) return 'abstain';
  // Nothing is approved but by a rule.
  return gap || !verdicts.has('approve') ? 'escalate' : 'approve';
}

/** The break-glass rules that let the request pass: with ordinary approvals they must account for every role on every resource. */
function openers(
  { request, facts, reach }: Asked,
  outcomes: readonly RuleOutcome[],
  breakGlass: readonly RuleOutcome[],
): readonly RuleOutcome[] {
  if (facts.reviewRefused !== null || request.kind === 'unknown') return [];
  const open = breakGlass.filter(({ verdict }) => verdict === 'approve');
  const accounted = (role: string, resource: ResourceId | null) => {
    const ordinary = outcomes.filter((outcome) => reach(outcome, role, resource));
    const approved = ordinary.length > 0 && ordinary.every(({ verdict }) => verdict === 'approve');
    return approved || open.some((outcome) => reach(outcome, role, resource));
  };
  const things = request.resources.length === 0 ? [null] : request.resources;
  return request.roles.every((role) => things.every((thing) => accounted(role, thing))) ? open : [];
}

/** What no rule can make good: roles and resources without a rule, a kind of request that is not known, a review that Teleport refused. */
function gapsOf({ request, facts, reach }: Asked, outcomes: readonly RuleOutcome[]): readonly Reason[] {
  const covered = new Set(outcomes.flatMap(({ roles }) => roles));
  const uncovered = [...new Set(request.roles)].filter((role) => !covered.has(role));
  const left = request.resources.filter(
    (resource) => ![...covered].every((role) => outcomes.some((outcome) => reach(outcome, role, resource))),
  );
  return [
    ...uncovered.map((role) => reason('role-not-covered', `no rule covers role ${sanitise(role, 100)}`)),
    ...(left.length === 0
      ? []
      : [reason('resource-not-covered', `no rule covers ${resourcesInWords(left, facts)}`)]),
    ...(facts.reviewRefused === null ? [] : [reason('review-refused', facts.reviewRefused.message)]),
    ...(request.kind === 'unknown'
      ? [
          reason(
            'request-kind-unknown',
            'Teleport marks the request with a kind that this version does not know',
          ),
        ]
      : []),
  ];
}

/** An emergency that has not lasted long enough yet is all that keeps the glass from being broken. */
function mayYetBeOpened(
  asked: Asked,
  outcomes: readonly RuleOutcome[],
  breakGlass: readonly RuleOutcome[],
): boolean {
  const inTime = breakGlass.map((outcome): RuleOutcome => {
    const others = outcome.conditions.filter((each) => !(each.name === 'emergency' && isTransient(each)));
    return others.every(({ answer }) => answer === 'met') ? { ...outcome, verdict: 'approve' } : outcome;
  });
  return openers(asked, outcomes, inTime).length > 0;
}

/** Rules that do not approve could all still do so by answers that asking again may bring. */
function mayYetBeApproved(outcomes: readonly RuleOutcome[]): boolean {
  const open = outcomes.filter(({ verdict }) => verdict !== 'approve');
  return open.length > 0 && open.every(({ conditions }) => isOpenQuestion(conditions));
}

function isOpenQuestion(conditions: readonly Condition[]): boolean {
  // The rule may turn out not to cover the request, and then what it asks for does not matter.
  if (conditions.some((each) => each.name === 'applies' && isTransient(each))) return true;
  const [entitling, others] = [conditions.filter(entitles), conditions.filter((each) => !entitles(each))];
  const entitlementOpen = anyOf(entitling) === 'met' || entitling.some(isTransient);
  return entitlementOpen && others.every((each) => each.answer === 'met' || isTransient(each));
}

function entitles({ name }: Condition): boolean {
  return name === 'on-call' || name === 'responder';
}

function isTransient({ answer, transient }: Condition): boolean {
  return answer === 'unknown' && transient;
}

function reasonsOf(outcome: RuleOutcome, verdict: Verdict): Reason[] {
  if (outcome.verdict === 'approve') {
    const details = outcome.conditions.map(({ detail }) => detail).join('; ');
    return verdict === 'approve' ? [reason('all-conditions-met', details)] : [];
  }
  return outcome.conditions
    .filter(({ answer }) => answer !== 'met')
    .map(({ name, answer, detail }) => ({
      code: answer === 'unknown' ? 'condition-unknown' : 'condition-not-met',
      condition: name,
      text: detail,
    }));
}

function breakGlassReason({ rule, conditions }: RuleOutcome): Reason {
  const details = conditions.map(({ detail }) => detail);
  return reason(
    'break-glass',
    `BREAK GLASS by rule ${rule}: ${listed(details)}; must be looked at afterwards`,
  );
}

function namesOf(outcomes: readonly RuleOutcome[]): readonly string[] {
  return outcomes.map(({ rule }) => rule);
}

/** Of several conditions that one thing keeps open the first is told. */
function unique(reasons: readonly Reason[]): Reason[] {
  const first = new Map(reasons.toReversed().map((each) => [`${each.code} ${each.text}`, each]));
  return reasons.filter((each) => first.get(`${each.code} ${each.text}`) === each);
}

function isEnforced({ mode }: RuleOutcome): boolean {
  return mode === 'enforce';
}

function byName(one: RuleOutcome, other: RuleOutcome): number {
  return one.rule < other.rule ? -1 : 1;
}

function leftAlone(why: Reason): Decision {
  return {
    verdict: 'abstain',
    rules: [],
    reasons: [why],
    outcomes: [],
    proofs: [],
    provisional: false,
    breakGlass: false,
    shadow: null,
  };
}

function reason(code: ReasonCode, text: string): Reason {
  return { code, condition: null, text };
}
