/** No selector is longer, or asks for more labels. */
export const LONGEST_SELECTOR = 1_000;
const MOST_LABELS = 10;

/** The labels that a resource must have, each with its one value. */
export type Selector = Readonly<Record<string, readonly [string]>>;

/**
 * A label expression as `tsh ls` takes it: `team=payments,env=prod`, values in quotes where they have commas. Null for what is none: also for
 * what would match everything, such as `*`, a label without a value, or labels that Teleport itself gives to all there is.
 */
export function selectorOf(text: string): Selector | null {
  if (text.length > LONGEST_SELECTOR || !text.isWellFormed()) return null;
  const parts = [...text.matchAll(/\s*([^=,"\s]+)\s*=\s*(?:"([^"]*)"|([^=,"]*))\s*(?:,|$)/guy)];
  const pairs = parts.map(([, name = '', quoted, plain = '']) => [name, (quoted ?? plain).trim()] as const);
  const isWhole = parts.reduce((sum, [part]) => sum + part.length, 0) === text.length;
  const names = new Set(pairs.map(([name]) => name));
  const isOne = pairs.length > 0 && pairs.length <= MOST_LABELS && names.size === pairs.length;
  const isNarrow = pairs.every(
    ([name, value]) => value !== '' && !`${name}${value}`.includes('*') && !name.startsWith('teleport.'),
  );
  return isWhole && isOne && isNarrow && !text.trimEnd().endsWith(',')
    ? Object.fromEntries(pairs.map(([name, value]) => [name, [value]]))
    : null;
}
