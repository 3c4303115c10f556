/** PagerDuty documents no longest note; this is ours, in UTF-16 units. */
export const LONGEST_TEXT = 8_000;
/** PagerDuty documents no longest title either; more than this no telephone shows. */
export const LONGEST_TITLE = 255;

/** The text, cut to `longest` UTF-16 units where need be, never through a character, an ellipsis at its end. */
export function bounded(text: string, longest: number): string {
  // PagerDuty refuses JSON with half a surrogate pair, and requesters may type anything.
  const whole = text.toWellFormed();
  if (whole.length <= longest) return whole;
  const cut = new Intl.Segmenter('en').segment(whole).containing(longest - 1)?.index ?? 0;
  return `${whole.slice(0, cut)}…`;
}
