import { expect, test } from 'vitest';
import { remember } from '../../../src/core/values/remember.ts';

test('what was put in longest ago is forgotten first, and what is put in again is young again', () => {
  const known = new Map<string, number>();

  for (const key of ['a', 'b', 'a', 'c']) remember(known, key, known.size, 2);

  expect([...known]).toEqual([
    ['a', 2],
    ['c', 2],
  ]);
});
