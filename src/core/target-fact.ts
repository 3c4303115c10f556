import type { TargetFact } from './facts.ts';
import type { Target } from './rule.ts';
import { harmless } from './values/words.ts';

/** What a configured name turned out to be. What was not looked up is as unknown as what could not be. */
export function factOf(target: Target, facts: readonly TargetFact[]): TargetFact {
  const fact = facts.find(({ kind, asked }) => kind === target.kind && asked === target.asked);
  if (fact !== undefined) return fact;
  const message = `${target.kind} ${harmless(target.asked, 100)} was not looked up`;
  return { ...target, state: 'unknown', cause: { code: 'not-found', message, transient: true } };
}
