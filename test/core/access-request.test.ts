import { describe, expect, it } from 'vitest';
import { isResolved } from '../../src/core/access-request.ts';
import { aRequest } from '../builders.ts';

describe('a request is resolved', () => {
  it.each(['approved', 'denied', 'promoted'] as const)('once Teleport calls it %s', (state) => {
    expect(isResolved(aRequest({ state }))).toBe(true);
  });

  it.each(['pending', 'unknown'] as const)('not while Teleport calls it %s', (state) => {
    expect(isResolved(aRequest({ state }))).toBe(false);
  });
});
