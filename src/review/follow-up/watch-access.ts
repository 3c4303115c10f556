import { knownShiftEnd, rulesEndingAccess } from '../../core/effects/access-end.ts';
import { anyOf } from '../../core/conditions/condition.ts';
import { plusMs, type Instant } from '../../core/values/instant.ts';
import type { AccessCheck, RecordedDecision } from '../../core/record/ledger-entry.ts';
import { requesterIsOnCall, type Entitlement } from '../../core/conditions/on-call-condition.ts';
import { spanOf } from '../../core/on-call.ts';
import { requesterWasAskedToHelp } from '../../core/conditions/responder-condition.ts';
import type { Rule } from '../../core/rule.ts';
import type { Story } from '../../core/record/story.ts';
import { gatherFacts, type Gathering } from '../facts/gather-facts.ts';

/** A look at the shift: nothing new, something to record, or not to be known now. */
export type ShiftLook =
  | { readonly state: 'unchanged' }
  | { readonly state: 'changed'; readonly checked: AccessCheck }
  | { readonly state: 'unknown'; readonly why: string };

/**
 * Whether the access that a shift gave goes on: as long as the person is entitled by any row of the rules that gave it, grace
 * included. What cannot be known ends nothing.
 */
export async function lookAtShift(
  story: Story,
  decided: RecordedDecision,
  gathering: Gathering,
  signal: AbortSignal,
): Promise<ShiftLook> {
  const rules = rulesEndingAccess(decided, gathering.policy);
  // Of no rules none is met: that would be taken for the end of an access that nobody promised to end.
  if (rules.length === 0) return { state: 'unknown', why: 'no rule says when the access ends' };
  // As it was asked for: by now it is approved, and rules look at pending requests only.
  const request = { ...decided.request, state: 'pending' as const };
  const policy = { ...gathering.policy, rules: rules.map(asContinued) };
  const facts = await gatherFacts(
    request,
    { ...gathering, policy, nodes: null },
    { signal, reviewRefused: null },
  );
  const now = gathering.clock.now();
  const helped = new Set(
    decided.decision.proofs.flatMap((proof) => (proof.helpsWith === null ? [] : [proof.rule])),
  );
  const found = policy.rules.map((rule) => entitlement({ rule, request, facts, now }, helped.has(rule.name)));
  const answer = anyOf(found.map(({ condition }) => condition));
  const why = found.map(({ condition }) => condition.detail).join('; ');
  if (answer === 'unknown') return { state: 'unknown', why };
  const checked = {
    kind: 'access-checked',
    requestId: decided.requestId,
    why,
    onCall: facts.onCall,
  } as const;
  if (answer === 'not-met') return { state: 'changed', checked: { ...checked, ends: true, until: null } };
  const until = endOf(found, rules);
  return until === knownShiftEnd(story, decided, rules)
    ? { state: 'unchanged' }
    : { state: 'changed', checked: { ...checked, ends: false, until } };
}

/** A shift that follows on another keeps the access, however young it is. */
function asContinued(rule: Rule): Rule {
  return { ...rule, onCall: { ...rule.onCall, minShiftAgeMs: 0 } };
}

/** Where neither the own shift nor help is found, the reason is that what gave the access is there no more. */
function entitlement(
  question: Parameters<typeof requesterWasAskedToHelp>[0],
  gaveHelp: boolean,
): Entitlement {
  const own = requesterIsOnCall(question);
  if (own.condition.answer === 'met' || !question.rule.responders) return own;
  const helping = requesterWasAskedToHelp(question);
  if (own.condition.answer === helping.condition.answer) return gaveHelp ? helping : own;
  return anyOf([own.condition, helping.condition]) === helping.condition.answer ? helping : own;
}

/** The latest end of the shifts that were found, grace included; null for one without end. */
function endOf(found: readonly Entitlement[], rules: readonly Rule[]): Instant | null {
  const grace = Math.max(0, ...rules.map(({ onCall }) => onCall.graceAfterShiftMs));
  const ends = found.flatMap(({ proof }) => (proof === null ? [] : [spanOf(proof.row)?.end ?? null]));
  if (ends.includes(null)) return null;
  const last = ends.reduce((one, other) => ((one ?? '') > (other ?? '') ? one : other), null);
  return last === null ? null : plusMs(last, grace);
}
