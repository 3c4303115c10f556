import { anyOf, allOf, met, notMet, unknown, type Question } from './conditions/condition.ts';
import type { ConditionAnswer, Condition, Proof, RuleOutcome, Verdict } from './decision.ts';
import { requesterIsOnCall } from './conditions/on-call-condition.ts';
import type { Facts } from './facts.ts';
import { incidentIsOpen } from './conditions/open-incident-condition.ts';
import { lastsNoLongerThan, reasonIsGiven, startsNow } from './conditions/request-conditions.ts';
import { requesterWasAskedToHelp } from './conditions/responder-condition.ts';
import { unknownResources } from './coverage.ts';
import type { ResourceId } from './resources/resource.ts';
import { whyUnknown } from './resources/scope.ts';
import { rolesUnder, type Otherwise } from './rule.ts';
import { silenceOf } from './holdings.ts';
import { hasLasted } from './silence.ts';
import type { Cause } from './values/cause.ts';
import { durationWords, sanitise } from './values/words.ts';
import { resourceInWords, resourcesInWords } from './wording/resources.ts';

export interface Judged {
  readonly outcome: RuleOutcome;
  readonly proof: Proof | null;
}

/** Of a rule that goes by nobody's shift. */
const ASKS_PEOPLE = notMet('on-call', 'the rule asks people for every request', 'an approval by a person');

/** What one rule says of the request, with every condition and its answer. `applicability` is never `not-met` here. */
export function judgeRule(question: Question, applicability: ConditionAnswer): Judged {
  const { rule, request } = question;
  const entitlements =
    rule.notifies === true
      ? [{ condition: ASKS_PEOPLE, proof: null }]
      : [requesterIsOnCall(question), ...(rule.responders ? [requesterWasAskedToHelp(question)] : [])];
  const entitled = entitlements.map(({ condition }) => condition);
  const others = [...applicabilityCondition(question, applicability), ...requirements(question)];
  const judged = allOf([anyOf(entitled), ...others.map((condition) => condition.answer)]);
  // A rule that may not cover the requester at all can refuse them nothing.
  const answer = applicability === 'unknown' ? 'unknown' : judged;
  // Who is entitled in one way need not hear of the other.
  const told =
    anyOf(entitled) === 'met' ? entitled.filter((condition) => condition.answer === 'met') : entitled;
  return {
    outcome: {
      rule: rule.name,
      mode: rule.mode,
      breakGlass: false,
      roles: rolesUnder(rule, request),
      verdict: asksAnyway(question, applicability) ? 'escalate' : verdictOf(answer, rule.otherwise),
      conditions: [...told, ...others],
    },
    proof: entitlements.find(({ proof }) => proof !== null)?.proof ?? null,
  };
}

/** What is perhaps not about the request at all cannot leave it to others either: somebody is asked. Earlier versions left it. */
function asksAnyway({ facts }: Question, applicability: ConditionAnswer): boolean {
  return applicability === 'unknown' && facts.rootCluster !== undefined;
}

/** What a rule says of resources in a leaf cluster of which it does not speak: a person must. */
export function judgeLeaf({ rule, request, facts }: Question): RuleOutcome {
  const leaf = request.resources.filter(({ cluster }) => cluster !== facts.rootCluster);
  const detail = `the rule covers the root cluster alone, not ${resourcesInWords(leaf, facts)}`;
  return {
    rule: rule.name,
    mode: rule.mode,
    breakGlass: false,
    roles: rolesUnder(rule, request),
    verdict: rule.otherwise === 'leave' ? 'abstain' : 'escalate',
    conditions: [notMet('applies', detail, 'a rule that names the cluster under `when.resources.clusters`')],
  };
}

/**
 * The break-glass class: for a reason, when PagerDuty has been silent, or nobody could be reached, for `provenAfterMs`. Whether that
 * matters is told by the other rules' outcomes.
 */
export function judgeBreakGlass(
  question: Question,
  applicability: ConditionAnswer,
  { others, provenAfterMs }: { readonly others: readonly RuleOutcome[]; readonly provenAfterMs: number },
): RuleOutcome {
  const { rule, request } = question;
  const conditions = [
    emergency(question.facts, others, provenAfterMs),
    ...applicabilityCondition(question, applicability),
    reasonIsGiven(question),
    ...requirements(question).filter(({ name }) => name !== 'reason-given' && name !== 'open-incident'),
  ];
  return {
    rule: rule.name,
    mode: rule.mode,
    breakGlass: true,
    roles: rolesUnder(rule, request),
    verdict: allOf(conditions.map(({ answer }) => answer)) === 'met' ? 'approve' : 'abstain',
    conditions,
  };
}

/** INVARIANT (silence-is-proven): what could not be learnt is no emergency until PagerDuty's silence has a proof of its own. */
function emergency(facts: Facts, others: readonly RuleOutcome[], withinMs: number): Condition {
  const { silence, approvers } = facts;
  const nobody = approvers.state === 'known' && !approvers.reachable ? approvers : null;
  const ifSilent = lacksAnswersOnly(facts, others);
  if (silence === undefined) return asEarlierVersionsHadIt(ifSilent, nobody !== null);

  const silent = (ifSilent ? [silence.reads, silence.pages] : []).filter((each) => each.state === 'silent');
  const proven = silent.find((each) => hasLasted(each, withinMs));
  if (proven !== undefined) {
    const lasted = `for ${durationWords(proven.forMs)}, asked ${proven.times} times`;
    return met('emergency', `PagerDuty has been silent ${lasted}`);
  }
  if (nobody?.lasting !== undefined && hasLasted(nobody.lasting, withinMs)) {
    return met('emergency', 'nobody is on call who could be paged');
  }
  if (silent.length === 0 && nobody === null) return noEmergency();
  const what = silent.length > 0 ? 'PagerDuty is silent' : 'nobody is on call who could be paged';
  const message = `${what}, which is an emergency once it has lasted ${durationWords(withinMs)}`;
  return unknown('emergency', { message, transient: true });
}

/** The condition as it was derived from what could not be learnt alone, for decisions that were recorded so. */
function asEarlierVersionsHadIt(ifSilent: boolean, nobody: boolean): Condition {
  if (ifSilent) return met('emergency', 'PagerDuty cannot say who is on call');
  return nobody ? met('emergency', 'nobody is on call who could be paged') : noEmergency();
}

function noEmergency(): Condition {
  return notMet(
    'emergency',
    'PagerDuty answers and somebody can be paged',
    'an emergency: PagerDuty silent, or nobody on call',
  );
}

/** Whether nothing is in the way but what PagerDuty may yet tell. */
function lacksAnswersOnly(facts: Facts, others: readonly RuleOutcome[]): boolean {
  const open = others.flatMap(({ conditions }) => conditions).filter(({ answer }) => answer !== 'met');
  const transientOnly =
    open.length > 0 &&
    open.every(({ name, answer, transient }) => name !== 'applies' && answer === 'unknown' && transient);
  // Teleport's silence about requester or hosts is no silence of PagerDuty's; nor is an answer that our clock keeps from being used.
  return transientOnly && silenceOf(facts.user) === null && !clocksDisagree(facts);
}

/** Whoever can set the clock of this machine must not be able to break the glass by it. */
function clocksDisagree({ onCall, helped }: Facts): boolean {
  return [onCall, helped].some(
    (reading) => reading.state === 'unknown' && reading.cause.code === 'clock-skew',
  );
}

function requirements(question: Question): readonly Condition[] {
  const { rule, request } = question;
  const { reason, openIncident, maxDurationMs } = rule.require;
  return [
    ...(reason ? [reasonIsGiven(question)] : []),
    ...(openIncident === null ? [] : [incidentIsOpen(question, openIncident)]),
    ...(maxDurationMs === null ? [] : [lastsNoLongerThan(question, maxDurationMs)]),
    ...(request.startsAt === null ? [] : [startsNow(question, request.startsAt)]),
  ];
}

function applicabilityCondition(question: Question, answer: ConditionAnswer): readonly Condition[] {
  if (answer !== 'unknown') return [];
  const [resource] = unknownResources(question);
  return resource === undefined ? [requesterUnknown(question)] : [resourceUnknown(question, resource)];
}

function resourceUnknown({ rule, facts }: Question, resource: ResourceId): Condition {
  const { message, transient } = whyUnknown(rule.when.resources, resource, facts);
  const what = resourceInWords(resource, facts);
  return unknown('applies', {
    message: `whether the rule covers ${what} is not known: ${sanitise(message, 300)}`,
    transient,
  });
}

function requesterUnknown({ facts }: Question): Condition {
  const { message: why, transient } = whyNotKnown(facts.user);
  const message = `whether the rule covers the requester is not known: ${sanitise(why, 300)}`;
  return unknown('applies', { message, transient });
}

function whyNotKnown(user: Facts['user']): Pick<Cause, 'message' | 'transient'> {
  const silence = silenceOf(user);
  if (silence !== null) return silence;
  return {
    message:
      user.state === 'known'
        ? 'their user record in Teleport and their login state differ in what it asks for; a new login brings them together'
        : 'Teleport has no record of them',
    transient: false,
  };
}

/** Only a condition that is known not to be met may deny: missing evidence goes to a person, unless the rule leaves it alone. */
function verdictOf(answer: ConditionAnswer, otherwise: Otherwise): Verdict {
  if (answer === 'met') return 'approve';
  if (otherwise === 'leave') return 'abstain';
  return otherwise === 'deny' && answer === 'not-met' ? 'deny' : 'escalate';
}
