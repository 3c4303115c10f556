import { matchesAny, matchesPattern } from '../../core/values/pattern.ts';

/** It is not known whether a claim holds, which is as bad as if it did not; the message says why. */
export class Undecided extends Error {
  override readonly name = 'Undecided';
}

/**
 * A character that stands in none of these texts: put for each `*` of a pattern it makes a text that another pattern matches only where it
 * matches all that the first one does.
 */
export function unusedIn(texts: string): string {
  const candidates = ['x', 'z', 'q', 'j', 'k', '0', '7', '9', '\ue000'];
  const found = candidates.find((each) => !texts.includes(each));
  if (found === undefined) throw new Undecided('its names leave no character for examples');
  return found;
}

/** The text that stands for all that the pattern matches. */
export function exampleOf(pattern: string, unused: string): string {
  return pattern.replaceAll('*', unused);
}

/** The texts that stand for all that both patterns match. Throws Undecided where patterns with several stars overlap in part. */
export function inBoth(one: string, other: string, unused: string): readonly string[] {
  const [first, second] = [exampleOf(one, unused), exampleOf(other, unused)];
  if (matchesPattern(other, first)) return [first];
  if (matchesPattern(one, second)) return [second];
  if (!one.includes('*') || !other.includes('*')) return [];
  const head = longer(heads(one), heads(other));
  const tail = longer(tails(one), tails(other));
  const both = (text: string) => matchesPattern(one, text) && matchesPattern(other, text);
  const general = `${head}${unused}${tail}`;
  const short = Array.from({ length: tail.length }, (_, index) => index + 1)
    .filter((shared) => head.endsWith(tail.slice(0, shared)))
    .map((shared) => `${head}${tail.slice(shared)}`);
  const isOneStar = [one, other].every((pattern) => pattern.indexOf('*') === pattern.lastIndexOf('*'));
  if (isOneStar) return [general, ...short].filter(both);
  if (!general.startsWith(heads(one)) || !general.startsWith(heads(other))) return [];
  if (!general.endsWith(tails(one)) || !general.endsWith(tails(other))) return [];
  throw new Undecided(`the patterns \`${one}\` and \`${other}\` overlap in part: write each of the roles`);
}

function longer(one: string, other: string): string {
  return one.length > other.length ? one : other;
}

function heads(pattern: string): string {
  return pattern.slice(0, pattern.indexOf('*'));
}

function tails(pattern: string): string {
  return pattern.slice(pattern.lastIndexOf('*') + 1);
}

/** A text that one of the patterns matches and none of the others; null where there is none. */
export function butNot(
  patterns: readonly string[],
  others: readonly string[],
  unused: string,
): string | null {
  const examples = patterns.map((pattern) => exampleOf(pattern, unused));
  return examples.find((example) => !matchesAny(others, example)) ?? null;
}
