import type { AccessRequest } from '../access-request.ts';
import type { Cause } from '../values/cause.ts';
import type { ConditionAnswer, Condition, ConditionName } from '../decision.ts';
import type { Facts } from '../facts.ts';
import type { Instant } from '../values/instant.ts';
import type { Rule } from '../rule.ts';

/** What every condition is judged by. */
export interface Question {
  readonly rule: Rule;
  readonly request: AccessRequest;
  readonly facts: Facts;
  /** This machine's time: good enough for the request's own times and for hours, never for shifts. */
  readonly now: Instant;
}

export function met(name: ConditionName, detail: string): Condition {
  return { name, answer: 'met', detail, remedy: null, transient: false };
}

export function notMet(name: ConditionName, detail: string, remedy: string): Condition {
  return { name, answer: 'not-met', detail, remedy, transient: false };
}

export function unknown(
  name: ConditionName,
  { message, transient }: Pick<Cause, 'message' | 'transient'>,
): Condition {
  const remedy = transient ? 'that it can be known: it is asked again' : 'that it can be known';
  return { name, answer: 'unknown', detail: message, remedy, transient };
}

/** Any one is enough. */
export function anyOf(conditions: readonly Condition[]): ConditionAnswer {
  if (conditions.some(({ answer }) => answer === 'met')) return 'met';
  return conditions.some(({ answer }) => answer === 'unknown') ? 'unknown' : 'not-met';
}

/** All are needed. */
export function allOf(answers: readonly ConditionAnswer[]): ConditionAnswer {
  if (answers.includes('not-met')) return 'not-met';
  return answers.every((answer) => answer === 'met') ? 'met' : 'unknown';
}
