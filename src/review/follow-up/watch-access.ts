import { knownWorkEnd, rulesEndingAccess } from '../../core/effects/access-end.ts';
import { allOf, anyOf } from '../../core/conditions/condition.ts';
import type { Condition, ConditionAnswer } from '../../core/decision.ts';
import { laterOf, MINUTE, plusMs, type Instant } from '../../core/values/instant.ts';
import type { AccessCheck, RecordedDecision } from '../../core/record/ledger-entry.ts';
import { requesterIsOnCall, type Entitlement } from '../../core/conditions/on-call-condition.ts';
import { spanOf, type OnCallReading } from '../../core/on-call.ts';
import { requesterWasAskedToHelp } from '../../core/conditions/responder-condition.ts';
import type { Rule } from '../../core/rule.ts';
import type { Story } from '../../core/record/story.ts';
import type { Incidents } from '../../ports/pagerduty.ts';
import { gatherFacts, type Gathering } from '../facts/gather-facts.ts';
import { lookAtIncidents } from './look-at-incidents.ts';

/** A look at whether the work goes on: nothing new, something to record, or not to be known now. */
export type ShiftLook =
  | { readonly state: 'unchanged' }
  | { readonly state: 'changed'; readonly checked: AccessCheck }
  | { readonly state: 'unknown'; readonly why: string };

type Looking = Gathering & { readonly incidents: Gathering['incidents'] & Pick<Incidents, 'find'> };

/** So long somebody else may take a shift over without its being another one afterwards. */
const GOES_ON_WITHIN_MS = 60 * MINUTE;

/** One of the things with which a rule lets access end. */
interface Ground {
  readonly of: 'shift' | 'incident';
  readonly condition: Condition;
  readonly until: Instant | null;
}

/**
 * Whether access goes on that a shift or an incident gave: as long as the person is entitled by any row of the rules that gave it, or an
 * incident is open that justified it, grace included. What cannot be known ends nothing. `lockedSince`: where it was locked with the shift,
 * whether that goes on after all: by a shift of their own, as old as the rules ask of who is let in, that began again within the hour.
 */
export async function lookAtShift(
  story: Story,
  decided: RecordedDecision,
  looking: Looking,
  signal: AbortSignal,
  lockedSince: Instant | null = null,
): Promise<ShiftLook> {
  const rules = rulesEndingAccess(decided, looking.policy);
  // Of no rules none is met: that would be taken for the end of an access that nobody promised to end.
  if (rules.length === 0) return { state: 'unknown', why: 'no rule says when the access ends' };
  const { onCall, shifts } = await lookAtShifts(rules, decided, looking, signal, lockedSince);
  const found: { readonly rule: Rule; readonly grounds: readonly Ground[] }[] = [];
  for (const rule of rules) {
    const shift = shifts.get(rule);
    const incident = await incidentOf(rule, decided, looking, signal);
    found.push({ rule, grounds: [shift, incident].filter((each) => each !== undefined) });
  }
  const answers = found.map(({ rule, grounds }) => goesOn(rule, grounds));
  const answer = answers.includes('met') ? 'met' : answers.includes('unknown') ? 'unknown' : 'not-met';
  const told = found.flatMap(({ grounds }) =>
    answer === 'not-met' ? grounds.filter(({ condition }) => condition.answer === answer) : grounds,
  );
  const why = told.map(({ condition }) => condition.detail).join('; ');
  if (answer === 'unknown') return { state: 'unknown', why };
  const checked = { kind: 'access-checked', requestId: decided.requestId, why, onCall } as const;
  if (answer === 'not-met')
    return {
      state: 'changed',
      checked: { ...checked, ends: true, until: null, ...overOf(told), ...numberOf(story) },
    };
  const until = lastOf(found.map(({ rule, grounds }) => untilOf(rule, grounds)));
  return lockedSince === null && until === knownWorkEnd(story, decided, rules)
    ? { state: 'unchanged' }
    : { state: 'changed', checked: { ...checked, ends: false, until } };
}

/** Of several grounds the first that is over ends it, or the last. */
function goesOn({ accessEnd }: Rule, grounds: readonly Ground[]): ConditionAnswer {
  const conditions = grounds.map(({ condition }) => condition);
  return accessEnd.withLast === true ? anyOf(conditions) : allOf(conditions.map(({ answer }) => answer));
}

function numberOf({ timesEnded }: Story): Pick<AccessCheck, 'number'> {
  return timesEnded === 0 ? {} : { number: timesEnded + 1 };
}

function overOf(grounds: readonly Ground[]): Pick<AccessCheck, 'over'> {
  if (grounds.every(({ of }) => of === 'shift')) return {};
  return { over: grounds.every(({ of }) => of === 'incident') ? 'incident' : 'shift and incident' };
}

function untilOf({ accessEnd }: Rule, grounds: readonly Ground[]): Instant | null {
  const known = grounds.map(({ until }) => until).filter((until) => until !== null);
  if (accessEnd.withLast === true) return lastOf(grounds.map(({ until }) => until));
  return known.sort()[0] ?? null;
}

/** None where one is not known. */
function lastOf(times: readonly (Instant | null)[]): Instant | null {
  const [first = null] = times;
  return times.reduce((one, other) => (one === null || other === null ? null : laterOf(one, other)), first);
}

/** By the rule as it was: what justified it then is told by that. */
async function incidentOf(
  rule: Rule,
  decided: RecordedDecision,
  { incidents, clock }: Looking,
  signal: AbortSignal,
): Promise<Ground | undefined> {
  if (rule.accessEnd.afterIncidentMs === undefined) return undefined;
  const promised = decided.endsAccess?.find(({ name }) => name === rule.name) ?? rule;
  const ask = { signal, priority: 'follow-up', for: decided.request.requester } as const;
  const look = await lookAtIncidents(decided, promised, { incidents, now: clock.now() }, ask);
  return { of: 'incident', ...look };
}

/** Of the rules that end access with the shift; PagerDuty is not asked where none does. */
async function lookAtShifts(
  rules: readonly Rule[],
  decided: RecordedDecision,
  gathering: Gathering,
  signal: AbortSignal,
  lockedSince: Instant | null,
): Promise<{ readonly onCall: OnCallReading; readonly shifts: ReadonlyMap<Rule, Ground> }> {
  const withShift = rules.filter(({ accessEnd }) => accessEnd.withShift);
  if (withShift.length === 0) return { onCall: { state: 'not-asked' }, shifts: new Map() };
  // As it was asked for: by now it is approved, and rules look at pending requests only.
  const request = { ...decided.request, state: 'pending' as const };
  const judged = (rule: Rule): Rule => (lockedSince === null ? asContinued(rule) : rule);
  const policy = { ...gathering.policy, rules: withShift.map(judged) };
  const facts = await gatherFacts(
    request,
    { ...gathering, policy, nodes: null },
    { signal, reviewRefused: null },
  );
  const now = gathering.clock.now();
  const helped = new Set(
    decided.decision.proofs.flatMap((proof) => (proof.helpsWith === null ? [] : [proof.rule])),
  );
  const found = withShift.map((rule) => {
    const question = { rule: judged(rule), request, facts, now };
    const own =
      lockedSince === null
        ? entitlement(question, helped.has(rule.name))
        : again(requesterIsOnCall(question), lockedSince);
    return { rule, own };
  });
  const until = endOf(
    found.map(({ own }) => own),
    withShift,
  );
  const grounds = found.map(({ rule, own: { condition } }): [Rule, Ground] => [
    rule,
    { of: 'shift', condition, until },
  ]);
  return { onCall: facts.onCall, shifts: new Map(grounds) };
}

/** A shift that begins much later is another one, for which access is asked anew. */
function again(own: Entitlement, lockedSince: Instant): Entitlement {
  const start = own.proof === null ? null : (spanOf(own.proof.row)?.start ?? null);
  const isAnother = start !== null && start > plusMs(lockedSince, GOES_ON_WITHIN_MS);
  return isAnother ? { ...own, condition: { ...own.condition, answer: 'not-met' } } : own;
}

/** A shift that follows on another keeps the access, however young it is. */
function asContinued(rule: Rule): Rule {
  const { settled, ...onCall } = rule.onCall;
  const anyPolicy = settled === undefined ? {} : { settled: { ...settled, ms: 0 } };
  return { ...rule, onCall: { ...onCall, ...anyPolicy, minShiftAgeMs: 0 } };
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
  const last = lastOf(found.flatMap(({ proof }) => (proof === null ? [] : [spanOf(proof.row)?.end ?? null])));
  return last === null ? null : plusMs(last, grace);
}
