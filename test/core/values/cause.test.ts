import { expect, test } from 'vitest';
import { messageOf } from '../../../src/core/values/cause.ts';

test('whatever was thrown is told in words', () => {
  expect(messageOf(new TypeError('no such file'))).toBe('no such file');
  expect(messageOf('plain')).toBe('plain');
});
