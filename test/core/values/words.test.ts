import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  capital,
  durationWords,
  sanitise,
  isBlank,
  listed,
  quoted,
  spelledOut,
} from '../../../src/core/values/words.ts';
import { anyText, fuzzing } from '../arbitrary-text.ts';

/** Whatever could start a line, hide text or turn it round. */
const HARMFUL = /[\p{C}\p{Zl}\p{Zp}]|[^\S ]| {2}/u;

describe('harmless text', () => {
  it.each([
    ['a plain sentence', 'the database is down', 'the database is down'],
    ['a forged answer on a line of its own', 'help me\n\napprove 0194f8a2\r\n', 'help me approve 0194f8a2'],
    ['line and paragraph separators', 'one\u2028two\u2029three\u0085four', 'one two three four'],
    ['terminal escapes and bells', '\u001b[31mred\u001b[0m\u0007\u0000', '[31mred [0m'],
    ['text turned round', 'user\u202e ton si siht\u202c', 'user ton si siht'],
    ['bidirectional isolates and marks', '\u2066a\u2069\u200eb\u200fc\u061cd', 'a b c d'],
    ['zero-width characters', 'ad\u200bmin\u200c\u200d\ufeff\u2060', 'ad min'],
    ['soft hyphens', 'prod\u00adaccess', 'prod access'],
    ['tag characters', 'ok\u{e0041}\u{e0042}', 'ok'],
    ['private use and unassigned characters', 'a\ue000b\u0378c', 'a b c'],
    ['half a surrogate pair', 'a\ud83db\udd25c', 'a b c'],
    ['tabs and wide blanks', 'a\tb\u3000c\u00a0d', 'a b c d'],
    ['nothing but blanks', ' \n\t\u200b ', ''],
    ['letters composed of parts', 'jose\u0301', 'jos\u00e9'],
  ])('is one visible line: %s', (_what, text, line) => {
    expect(sanitise(text, 100)).toBe(line);
  });

  it.each([
    ['a link under a name', '[approve](https://evil)', '[approve] (https://evil)'],
    ['a link defined elsewhere', '![logo][1]', '![logo] [1]'],
    [
      'a link of a chat program',
      '<https://evil|ok> <!channel> <@U1>',
      '< https://evil|ok> < !channel> < @U1>',
    ],
    ['signs of comparison', 'p95 < 5s, a<b', 'p95 < 5s, a<b'],
    ['marks piled upon a letter', `o${'\u0316'.repeat(50)}k`, `o${'\u0316'.repeat(4)}k`],
  ])('shows plainly what would be interpreted: %s', (_what, text, line) => {
    expect(sanitise(text, 100)).toBe(line);
  });

  it('is left whole at the limit and cut with an ellipsis beyond it', () => {
    expect(sanitise('abcde', 5)).toBe('abcde');
    expect(sanitise('abcdef', 5)).toBe('abcd…');
    expect(sanitise('abcdef', 1)).toBe('…');
  });

  it('is measured after it was tidied, in characters and not in halves of them', () => {
    expect(sanitise('  ab\n\n\ncd  ', 5)).toBe('ab cd');
    expect(sanitise('🔥🔥🔥', 3)).toBe('🔥🔥🔥');
    expect(sanitise('🔥🔥🔥🔥', 3)).toBe('🔥🔥…');
  });

  // Letters, marks and symbols to Unicode.
  it.each([
    ['a Hangul filler', '\u3164'],
    ['a half-width Hangul filler', '\uffa0'],
    ['a Braille blank', '\u2800'],
    ['a combining grapheme joiner', '\u034f'],
    ['variation selectors', '\ufe00\u{e0100}'],
  ])('is empty where nothing can be seen: %s', (_what, text) => {
    expect(sanitise(text, 100)).toBe('');
  });

  it('is harmless whatever it was, and stays as it is when it is made harmless again', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, max) => {
        const line = sanitise(text, max);

        expect(line).not.toMatch(HARMFUL);
        expect(Array.from(line).length).toBeLessThanOrEqual(max);
        expect(sanitise(line, max)).toBe(line);
      }),
      fuzzing,
    );
  });

  // Plain text is told apart from all other by a look of its own.
  it('is the same whether or not something stands around it that is not seen', () => {
    const plain = fc.string({ unit: 'grapheme-ascii', maxLength: 30 });
    fc.assert(
      fc.property(plain, fc.integer({ min: 1, max: 40 }), (text, max) => {
        expect(sanitise(text, max)).toBe(sanitise(`\u200b${text}\u200b`, max));
      }),
      fuzzing,
    );
    expect(sanitise('see [this](http', 40)).toBe('see [this] (http');
    expect(sanitise('a  <!channel>', 40)).toBe('a < !channel>');
    expect(sanitise('call <!channel>', 40)).toBe('call < !channel>');
  });

  it('fits into the 4,096 bytes of a Teleport reason at 1,000 characters of anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 900, maxLength: 4_096 }), (text) => {
        expect(new TextEncoder().encode(sanitise(text, 1_000)).length).toBeLessThanOrEqual(4_096);
      }),
      { ...fuzzing, numRuns: 50 },
    );
  });
});

describe('quoted text', () => {
  it('stands between quotation marks that it cannot close', () => {
    expect(quoted('he said "yes" and “approve”', 100)).toBe("“he said 'yes' and 'approve'”");
  });

  it('is harmless and as short as asked for', () => {
    expect(quoted('one\ntwo three', 7)).toBe('“one tw…”');
  });
});

describe('a list in words', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
  ])('of %j is `%s`', (items, words) => {
    expect(listed(items)).toBe(words);
  });

  it('of alternatives ends in `or`', () => {
    expect(listed(['a', 'b', 'c'], 'or')).toBe('a, b or c');
    expect(listed(['a'], 'or')).toBe('a');
  });
});

it.each([
  [0, '0 s'],
  [499, '0 s'],
  [500, '1 s'],
  [90_000, '90 s'],
  [119_499, '119 s'],
  [119_500, '2 min'],
  [600_000, '10 min'],
  [629_499, '10 min'],
  [630_000, '11 min'],
  [3_569_000, '59 min'],
  [3_570_000, '1 h'],
  [5_400_000, '1 h 30 min'],
  [28_800_000, '8 h'],
  [90_000_000, '25 h'],
])('a duration in words of %i ms is `%s`', (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

it.each([
  ['opened the incident', 'Opened the incident'],
  ['Éclair', 'Éclair'],
  ['', ''],
])('a sentence begins with a capital: %j', (text, sentence) => {
  expect(capital(text)).toBe(sentence);
});

it('blank text is what nobody can see', () => {
  expect(['', ' \n', '\u200b', '\u3164', '\ufe00'].every(isBlank)).toBe(true);
  expect(isBlank('x')).toBe(false);
  expect(isBlank(' long enough ')).toBe(false);
});

describe('an output spelled out', () => {
  it.each([
    ['escapes of a terminal', '\u001b[2K\u009b1A\u007f\r', '\\u001b[2K\\u009b1A\\u007f\\u000d'],
    ['text turned round', 'a\u202eb', 'a\\u202eb'],
    ['invisible characters, two units long', 'a\u{e0041}\u200b\u3164', 'a\\udb40\\udc41\\u200b\\u3164'],
    ['lines, and letters of any language', 'é ü\n{\n  日本 🔥\n}', 'é ü\n{\n  日本 🔥\n}'],
  ])('shows %s', (_what, output, shown) => {
    expect(spelledOut(output)).toBe(shown);
  });

  it('is the same JSON', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = spelledOut(JSON.stringify({ text }, null, 2));

        expect(JSON.parse(shown)).toEqual({ text });
        expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
      fuzzing,
    );
  });
});
