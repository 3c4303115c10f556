import { expect, test } from 'vitest';
import { authorityOf, bracketed, unbracketed } from '../../../src/core/values/host.ts';

test.each([
  ['::1', '[::1]'],
  ['127.0.0.1', '127.0.0.1'],
  ['teleport.example.com', 'teleport.example.com'],
])('%s stands before a port as %s', (host, written) => {
  expect(bracketed(host)).toBe(written);
  expect(unbracketed(written)).toBe(host);
  expect(authorityOf({ host, port: 443 })).toBe(`${written}:443`);
});
