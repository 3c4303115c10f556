import type { ConditionAnswer } from '../decision.ts';
import { matchesPattern } from '../values/pattern.ts';

/** Stands for what a regular expression may be: no pattern but a star has it. */
const ANYTHING = '\u0000';

/**
 * Whether patterns of a rule hold all that a requested text stands for. Requests may name wildcards and `^regular expressions$`
 * themselves: `met` only where a pattern is as wide or wider, or says the same; `unknown` where the rule holds a part of it, or may;
 * `not-met` where it holds nothing.
 */
export function within(patterns: readonly string[], requested: string): ConditionAnswer {
  const taken = withoutExpressions(requested);
  if (patterns.some((pattern) => pattern === requested || matchesPattern(pattern, taken))) return 'met';
  return isOpen(requested) && patterns.some((pattern) => mayMeet(pattern, taken)) ? 'unknown' : 'not-met';
}

/** Several at once, for instance logins: `met` where all of them are within, `not-met` where none is. */
export function allWithin(patterns: readonly string[], requested: readonly string[]): ConditionAnswer {
  const answers = new Set(requested.map((each) => within(patterns, each)));
  const [only] = answers;
  return answers.size === 1 && only !== undefined ? only : 'unknown';
}

/** Whether the requested text stands for more than itself. */
export function isOpen(requested: string): boolean {
  return requested.includes('*') || withoutExpressions(requested) !== requested;
}

/** Names hold neither `^` nor `$`: what is between them is taken for an expression, even a broken one. */
function withoutExpressions(requested: string): string {
  const end = requested.lastIndexOf('$');
  const start = requested.includes('^') ? requested.indexOf('^') : end === -1 ? requested.length : 0;
  const after = end > start ? requested.slice(end + 1) : '';
  return start === requested.length ? requested : requested.slice(0, start) + ANYTHING + after;
}

/** Whether some text may fall under both: told by how they begin and end, so rather yes than no. */
function mayMeet(pattern: string, taken: string): boolean {
  const [one, other] = [partsOf(pattern), partsOf(taken)];
  return (
    (one.head.startsWith(other.head) || other.head.startsWith(one.head)) &&
    (one.tail.endsWith(other.tail) || other.tail.endsWith(one.tail))
  );
}

/** What stands before the first wildcard, and after the last one. */
function partsOf(text: string): { readonly head: string; readonly tail: string } {
  const plain = text.replaceAll(ANYTHING, '*');
  return { head: plain.replace(/\*.*$/su, ''), tail: plain.replace(/^.*\*/su, '') };
}
