/**
 * Text that others control (a requester's reason, names, Teleport's and PagerDuty's messages) made fit to be shown: one line,
 * no control, bidirectional or invisible characters, at most `max` characters, an ellipsis where it was cut. What is left
 * can neither start a line of its own nor hide one.
 */
export function harmless(text: string, max: number): string {
  const line = text
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const characters = Array.from(line);
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join('')}…`;
}

/** Such text between quotation marks that it cannot close. */
export function quoted(text: string, max: number): string {
  return `“${harmless(text, max).replace(/[“”"]/gu, "'")}”`;
}

/** `a`, `a and b`, `a, b and c`; the word for nothing is the caller's. */
export function listed(items: readonly string[], word: 'and' | 'or' = 'and'): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${word} ${last}`;
}

/** Milliseconds as people write them: `90 s`, `10 min`, `8 h`, `1 h 30 min`. */
export function durationWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${minutes} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
