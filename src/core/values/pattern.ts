/** Whether the pattern stands for the text: `*` for any text, everything else for itself. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const first = pattern.slice(0, pattern.indexOf('*'));
  const last = pattern.slice(pattern.lastIndexOf('*') + 1);
  const between = pattern.slice(first.length, pattern.length - last.length).split('*');
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const part of between) {
    const at = text.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

export function matchesAny(patterns: readonly string[], text: string): boolean {
  // Each rule is asked for each role at each step: no function is made for it.
  for (const pattern of patterns) if (matchesPattern(pattern, text)) return true;
  return false;
}
