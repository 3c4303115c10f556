import { describe, expect, it } from 'vitest';
import {
  asksForTheSame,
  isResolved,
  isWhole,
  seenOf,
  type AccessRequest,
} from '../../src/core/access-request.ts';
import { aRequest, NOW } from '../support/builders.ts';

describe('a request is resolved', () => {
  it.each(['approved', 'denied', 'promoted'] as const)('once Teleport calls it %s', (state) => {
    expect(isResolved(aRequest({ state }))).toBe(true);
  });

  it.each(['pending', 'unknown'] as const)('not while Teleport calls it %s', (state) => {
    expect(isResolved(aRequest({ state }))).toBe(false);
  });
});

it('what is held of a request that waits is whose it is and whether it changed, none of its words', () => {
  const request = aRequest({ reason: 'long '.repeat(800) });
  const seen = seenOf(request);

  expect(seen).toEqual({
    id: request.id,
    revision: request.revision,
    requester: request.requester,
    state: request.state,
    created: request.created,
  });
  expect([isWhole(seen), isWhole(request)]).toEqual([false, true]);
});

describe('two readings of a request', () => {
  const threshold = { name: 'default', filter: '', approve: 1, deny: 1 };
  const node = { cluster: 'root', kind: 'node', name: 'db-1', subResource: '' };

  it.each<[string, Partial<AccessRequest>]>([
    ['requester', { requester: 'sre-2' }],
    ['roles', { roles: ['prodaccess', 'dbadmin'] }],
    ['resources', { resources: [node] }],
    ['kind', { kind: 'long-term' }],
    ['dry run', { dryRun: true }],
    ['reason', { reason: 'another' }],
    ['end', { accessExpires: null }],
    ['start', { startsAt: NOW }],
    ['annotations', { annotations: { pagerduty_services: ['Payments API'] } }],
    ['thresholds', { thresholds: [{ ...threshold, approve: 2 }] }],
  ])('do not ask for the same with another %s', (_what, change) => {
    expect(asksForTheSame(aRequest(), aRequest(change))).toBe(false);
  });

  it('do so whatever was made of the request, in whatever order maps come, and with fields of a newer version', () => {
    const annotations = { a: ['1'], b: ['2'] };
    const worked = { revision: 'next', state: 'approved', reviews: [], resolveReason: 'yes' } as const;
    const newer = { ...node, of_a_newer_version: null, also: [] };

    expect(
      asksForTheSame(
        aRequest({ annotations, resources: [node] }),
        aRequest({ annotations: { b: ['2'], a: ['1'] }, resources: [newer], ...worked }),
      ),
    ).toBe(true);
  });
});
