import { expect, it } from 'vitest';
import { decisionIdOf, digestOfContent } from '../../../src/core/record/decision-identity.ts';

it('the id of a decision is ten characters of the digest over request and number, in capitals', () => {
  const digest = (text: string) => (text === '0194f8a2 2' ? 'ab12cd34ef56' : '');

  expect(decisionIdOf('0194f8a2', 2, digest)).toBe('OA-AB12CD34EF');
});

it('the digest of a decision is that of its content as JSON, in the order in which it stands', () => {
  expect(digestOfContent({ b: 1, a: [null] }, (text) => `digest of ${text}`)).toBe(
    'digest of {"b":1,"a":[null]}',
  );
});
