/** Whatever is not seen, some of it letters and symbols to Unicode, for instance the Hangul filler and the Braille blank. */
const BLANKS = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\s]+/gu;
/** What is not seen, line breaks among it; to be replaced. */
export const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}]/gu;
/** They change how the character before them looks, and are nothing by themselves. */
const VARIATIONS = /\p{Variation_Selector}/gu;
/** Marks piled upon one letter until they cover the lines around it; no writing system needs more than these. */
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu;
/** Where Markdown would hide the target of a link, or chat programs would make one or call everybody. */
const LINK_SYNTAX = /(\](?=[([])|<(?=[!@#]|\w+:))/gu;

/** What most names and reasons are: visible ASCII, single blanks between it, and none of the signs that links begin with. */
const PLAIN = /^[!-;=-\\^-~]+(?: [!-;=-\\^-~]+)*$/u;

/**
 * Text that others control (a requester's reason, names, Teleport's and PagerDuty's messages) made fit to be shown: one line,
 * no control, bidirectional or invisible characters, no links under a name, at most `max` characters, an ellipsis where it
 * was cut. What is left can neither start a line of its own, nor hide one, nor show another address than it leads to.
 */
export function sanitise(text: string, max: number): string {
  if (PLAIN.test(text)) return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
  const line = text
    .replace(VARIATIONS, '')
    .normalize('NFC')
    .replace(BLANKS, ' ')
    .replace(PILED_MARKS, '$1')
    .replace(LINK_SYNTAX, '$1 ')
    .trim();
  const characters = Array.from(line);
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join('')}…`;
}

/** Whatever a terminal acts upon or does not show, the line break between lines excepted. */
const SPELT_OUT = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A whole output for a terminal or a file that people open: nothing is lost, but what would move the cursor, turn the direction of
 * writing or hide is spelt out as JSON spells it, `\u202e`. JSON stays the same JSON by it, since only its strings can hold such.
 */
export function spelledOut(output: string): string {
  return output.replace(SPELT_OUT, (character) =>
    Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Such text between quotation marks that it cannot close. */
export function quoted(text: string, max: number): string {
  return `“${sanitise(text, max).replace(/[“”"]/gu, "'")}”`;
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

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whether nothing of the text can be seen. */
export function isBlank(text: string): boolean {
  return sanitise(text, 1) === '';
}
