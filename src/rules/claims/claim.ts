import type { AccessRequest } from '../../core/access-request.ts';
import { incidentIsOpen } from '../../core/conditions/open-incident-condition.ts';
import { requesterIsOnCall } from '../../core/conditions/on-call-condition.ts';
import { lastsNoLongerThan, reasonIsGiven } from '../../core/conditions/request-conditions.ts';
import { requesterWasAskedToHelp } from '../../core/conditions/responder-condition.ts';
import { coversRequester } from '../../core/coverage.ts';
import { decide } from '../../core/decide.ts';
import type { Facts } from '../../core/facts.ts';
import type { OnCallTargets, Policy, Rule, When } from '../../core/rule.ts';
import type { Instant } from '../../core/values/instant.ts';
import { matchesAny } from '../../core/values/pattern.ts';
import { targetsOf } from '../../config/policy.ts';
import type { ClaimConfig } from '../../config/schema.ts';

/** Who somebody is in Teleport, as far as claims speak of it. */
export type Requester = Pick<When, 'requesterRoles' | 'requesterTraits'>;

/** What makes an approval right. */
export type Excuse =
  | { readonly kind: 'break-glass' | 'open-incident' | 'reason' }
  | { readonly kind: 'on-call' | 'asked-to-help'; readonly onCall: OnCallTargets }
  | { readonly kind: 'max-duration'; readonly maxMs: number }
  | { readonly kind: 'requester'; readonly requester: Requester };

/** That nothing of this is approved, be it by any rule or by the one that is named, unless there is an excuse. */
export interface Claim {
  /** As it is written. */
  readonly words: string;
  readonly roles: readonly string[];
  /** Null for any. */
  readonly rule: string | null;
  readonly requester: Requester;
  readonly unless: readonly Excuse[];
}

export function claimOf(written: ClaimConfig): Claim {
  const words = JSON.stringify(written);
  if ('unreachable' in written) {
    return { words, roles: ['*'], rule: written.unreachable, requester: requesterOf({}), unless: [] };
  }
  const { approve, when, unless } = written.never;
  return { words, roles: approve, rule: null, requester: requesterOf(when), unless: unless.map(excuseOf) };
}

type Written = Extract<ClaimConfig, { never: unknown }>['never'];

function requesterOf({ requester_roles, requester_traits }: Partial<Written['when']>): Requester {
  return { requesterRoles: requester_roles ?? null, requesterTraits: requester_traits ?? null };
}

function excuseOf(written: Written['unless'][number]): Excuse {
  switch (written) {
    case 'break_glass':
      return { kind: 'break-glass' };
    case 'open_incident':
      return { kind: 'open-incident' };
    case 'reason':
      return { kind: 'reason' };
    default:
      if ('on_call' in written) return { kind: 'on-call', onCall: targetsOf(written.on_call) };
      if ('asked_to_help' in written)
        return { kind: 'asked-to-help', onCall: targetsOf(written.asked_to_help) };
      if ('max_duration' in written) return { kind: 'max-duration', maxMs: written.max_duration };
      return { kind: 'requester', requester: requesterOf(written) };
  }
}

export interface Asked {
  readonly request: AccessRequest;
  readonly facts: Facts;
  readonly now: Instant;
}

/** Whether what is decided here is what must never be. Whatever is not known to excuse it does not. */
export function isBrokenBy({ request, facts, now }: Asked, claim: Claim, policy: Policy): boolean {
  const { verdict, breakGlass, rules } = decide(request, facts, policy, now);
  if (verdict !== 'approve') return false;
  if (claim.rule !== null && !rules.includes(claim.rule)) return false;
  const [first] = policy.rules;
  if (first === undefined || !request.roles.some((role) => matchesAny(claim.roles, role))) return false;
  const about = { request, facts, now };
  if (coversRequester(like(first, claim.requester), facts.user) !== 'met') return false;
  return !claim.unless.some((excuse) => excuses(excuse, { ...about, rule: first, policy, breakGlass }));
}

function excuses(
  excuse: Excuse,
  {
    policy,
    breakGlass,
    ...question
  }: Asked & { readonly rule: Rule; readonly policy: Policy; readonly breakGlass: boolean },
): boolean {
  const { rule, facts } = question;
  switch (excuse.kind) {
    case 'break-glass':
      return breakGlass;
    case 'reason':
      return reasonIsGiven(question).answer === 'met';
    case 'max-duration':
      return lastsNoLongerThan(question, excuse.maxMs).answer === 'met';
    case 'requester':
      return coversRequester(like(rule, excuse.requester), facts.user) === 'met';
    case 'on-call': {
      const asked = { ...question, rule: { ...rule, onCall: excuse.onCall } };
      return requesterIsOnCall(asked).condition.answer === 'met';
    }
    case 'asked-to-help': {
      const asked = { ...question, rule: { ...rule, onCall: excuse.onCall } };
      return requesterWasAskedToHelp(asked).condition.answer === 'met';
    }
    case 'open-incident': {
      const services = policy.rules.flatMap(({ onCall }) => onCall.services);
      const asked = { ...question, rule: { ...rule, onCall: { ...rule.onCall, services } } };
      return incidentIsOpen(asked, { urgency: null, involvement: 'any' }).answer === 'met';
    }
  }
}

function like(rule: Rule, requester: Requester): Rule {
  return { ...rule, when: { ...rule.when, ...requester } };
}
