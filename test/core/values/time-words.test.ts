import { expect, it } from 'vitest';
import { instantOf, plusMs } from '../../../src/core/values/instant.ts';
import { timeWords, whenWords } from '../../../src/core/values/time-words.ts';

const AT = instantOf(Date.UTC(2026, 6, 4, 22, 5, 59));

it.each([
  [undefined, 'Sat 4 Jul 22:05 UTC'],
  ['Europe/Berlin', 'Sun 5 Jul 00:05 Europe/Berlin'],
  ['America/St_Johns', 'Sat 4 Jul 19:35 America/St_Johns'],
])('a time is told by the clocks of a zone: %s', (zone, words) => {
  expect(timeWords(AT, zone)).toBe(words);
  expect(timeWords(AT, zone)).toBe(words);
});

it('and how far it is', () => {
  expect(whenWords(AT, plusMs(AT, -3_600_000))).toBe('Sat 4 Jul 22:05 UTC, in 1 h');
  expect(whenWords(AT, plusMs(AT, 120_000), 'Europe/Berlin')).toBe(
    'Sun 5 Jul 00:05 Europe/Berlin, 2 min ago',
  );
});
