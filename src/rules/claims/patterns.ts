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

/** The texts that stand for all that both patterns match. Throws Undecided where two patterns overlap in part. */
export function inBoth(one: string, other: string, unused: string): readonly string[] {
  const [first, second] = [exampleOf(one, unused), exampleOf(other, unused)];
  if (matchesPattern(other, first)) return [first];
  if (matchesPattern(one, second)) return [second];
  if (!one.includes('*') || !other.includes('*')) return [];
  const heads = [one, other].map((each) => each.slice(0, each.indexOf('*'))) as [string, string];
  const tails = [one, other].map((each) => each.slice(each.lastIndexOf('*') + 1)) as [string, string];
  const apart =
    !(heads[0].startsWith(heads[1]) || heads[1].startsWith(heads[0])) ||
    !(tails[0].endsWith(tails[1]) || tails[1].endsWith(tails[0]));
  if (apart) return [];
  throw new Undecided(`the patterns \`${one}\` and \`${other}\` overlap in part: write each of the roles`);
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
