import type { AccessRequest } from './access-request.ts';
import type { Condition, Proof } from './decision.ts';
import type { Facts, TargetFact } from './facts.ts';
import { parseInstant, type Instant } from './instant.ts';
import { covers, isPermanent, type OnCallRow } from './on-call.ts';
import { targetsOf, type Rule } from './rule.ts';
import { harmless, listed } from './words.ts';

interface Asked {
  readonly rule: Rule;
  readonly request: AccessRequest;
  readonly facts: Facts;
  /** This machine's time: good enough for the request's own times, never for shifts. */
  readonly now: Instant;
}

/** Every condition of the rule, each with its answer; and the row that proves the on-call one. */
export function judge(asked: Asked): {
  readonly conditions: readonly Condition[];
  readonly proof: Proof | null;
} {
  const onCall = requesterIsOnCall(asked);
  return {
    conditions: [
      onCall.condition,
      ...(asked.rule.require.reason ? [reasonIsGiven(asked)] : []),
      ...(asked.request.startsAt === null ? [] : [startsNow(asked, asked.request.startsAt)]),
    ],
    proof: onCall.proof,
  };
}

function reasonIsGiven({ request }: Asked): Condition {
  return harmless(request.reason, 1) === ''
    ? no('reason-given', 'no reason is given, and the rule requires one')
    : yes('reason-given', 'a reason is given');
}

/** Being on call now says nothing of a later start. */
function startsNow({ now }: Asked, startsAt: Instant): Condition {
  return startsAt <= now
    ? yes('starts-now', 'the access starts at once')
    : no(
        'starts-now',
        `the access is to start later, at ${startsAt}: who is on call then cannot be known now`,
      );
}

/**
 * Whether the requester is on call for any of the rule's targets. INVARIANT (approve-needs-on-call): `met` comes with the row
 * that covers PagerDuty's time of the answer. INVARIANT (unknown-never-approves): whatever could not be read is `unknown`.
 */
function requesterIsOnCall(asked: Asked): { condition: Condition; proof: Proof | null } {
  const { rule, request, facts } = asked;
  const { requester, onCall } = facts;
  if (requester.state === 'unknown')
    return without(unknown(requester.cause.message, requester.cause.transient));
  if (requester.state === 'unrecognised') return without(unknown(requester.why, false));
  if (onCall.state === 'unknown') return without(unknown(onCall.cause.message, onCall.cause.transient));

  const who = `${harmless(requester.name ?? requester.id, 100)} (by ${requester.source})`;
  const unresolved: string[] = [];
  const nearMisses: string[] = [];
  let mayChange = false;
  for (const target of targetsOf(rule, request)) {
    const fact = facts.targets.find((known) => known.kind === target.kind && known.asked === target.asked);
    if (fact?.state !== 'known') {
      unresolved.push(fact?.cause.message ?? `${target.kind} ${target.asked} was not looked up`);
      mayChange ||= fact?.cause.transient ?? true;
      continue;
    }
    const rows = onCall.rows.filter((row) => row.user.id === requester.id && isUnder(row, fact));
    const counted = rows.filter((row) => shortfall(row, rule, onCall.at) === null).sort(byStrength)[0];
    if (counted !== undefined) {
      const { kind, asked: name, id } = fact;
      const proof = { rule: rule.name, target: { kind, asked: name, id, name: fact.name }, row: counted };
      return { condition: yes('on-call', `${who} is ${onCallWords(proof)}`), proof };
    }
    nearMisses.push(...rows.map((row) => `${described(fact)}: ${shortfall(row, rule, onCall.at) ?? ''}`));
  }
  if (unresolved.length > 0) return without(unknown(listed(unresolved), mayChange));
  const places = targetsOf(rule, request).map((target) => `${target.kind} ${harmless(target.asked, 100)}`);
  const missed = nearMisses.length === 0 ? '' : ` (${nearMisses.slice(0, 3).join('; ')})`;
  return without(no('on-call', `${who} is not on call for ${listed(places, 'or')} at ${onCall.at}${missed}`));
}

/** A service's rows are told by what its policy lists in the same answer: a service may be given another policy at any time. */
function isUnder(row: OnCallRow, fact: TargetFact & { readonly state: 'known' }): boolean {
  switch (fact.kind) {
    case 'schedule':
      return row.schedule?.id === fact.id;
    case 'escalation policy':
      return row.escalation_policy.id === fact.id;
    case 'service': {
      const { services } = row.escalation_policy;
      return services === null
        ? row.escalation_policy.id === fact.policy?.id
        : services.some((service) => service.id === fact.id);
    }
  }
}

/** Why a row does not count for the rule; null when it does. */
function shortfall(row: OnCallRow, rule: Rule, at: Instant): string | null {
  if (row.escalation_level > rule.onCall.maxLevel) {
    return `on call at level ${row.escalation_level}, the rule accepts up to level ${rule.onCall.maxLevel}`;
  }
  if (isPermanent(row) && !rule.onCall.permanent) {
    return 'named in the policy without a schedule, which the rule does not accept';
  }
  if (!covers(row, at)) return `the shift is from ${row.start ?? 'ever'} to ${row.end ?? 'ever'}`;
  return null;
}

/** Nearest level first, then the shift that lasts longest: the same row is named whatever the order PagerDuty gives. */
function byStrength(one: OnCallRow, other: OnCallRow): number {
  if (one.escalation_level !== other.escalation_level) return one.escalation_level - other.escalation_level;
  return strengthOf(one) > strengthOf(other) ? -1 : 1;
}

function strengthOf({ end, schedule, escalation_policy }: OnCallRow): string {
  const until = end === null ? 'for ever' : parseInstant(end);
  return [until, schedule?.id, escalation_policy.id].join(' ');
}

/** The proof in words: for what, by which schedule and policy, at which level, until when. */
export function onCallWords({ target, row }: Proof): string {
  const by = row.schedule === null ? 'no schedule' : `schedule ${harmless(row.schedule.summary, 100)}`;
  const until = row.end === null ? 'without end' : `until ${row.end}`;
  const policy = harmless(row.escalation_policy.summary, 100);
  return `on call for ${target.kind} ${harmless(target.name, 100)} (${by}, policy ${policy}, level ${row.escalation_level}, ${until})`;
}

function described(fact: TargetFact & { readonly state: 'known' }): string {
  return `${fact.kind} ${harmless(fact.name, 100)}`;
}

function yes(name: Condition['name'], detail: string): Condition {
  return { name, answer: 'met', detail, transient: false };
}

function no(name: Condition['name'], detail: string): Condition {
  return { name, answer: 'not-met', detail, transient: false };
}

function unknown(detail: string, transient: boolean): Condition {
  return { name: 'on-call', answer: 'unknown', detail, transient };
}

function without(condition: Condition): { condition: Condition; proof: null } {
  return { condition, proof: null };
}
