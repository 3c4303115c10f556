import { describe, expect, it } from 'vitest';
import { HOUR, plusMs } from '../../../src/core/values/instant.ts';
import {
  lastsNoLongerThan,
  reasonIsGiven,
  startsNow,
} from '../../../src/core/conditions/request-conditions.ts';
import { aRequest, aRule, at, NOW, someFacts } from '../../support/builders.ts';

const asked = { rule: aRule(), request: aRequest(), facts: someFacts(), now: NOW };

describe('the reason', () => {
  it('is given', () => {
    expect(reasonIsGiven(asked)).toEqual({
      name: 'reason-given',
      answer: 'met',
      detail: 'a reason is given',
      remedy: null,
      transient: false,
    });
  });

  it('is a reason however short', () => {
    expect(reasonIsGiven({ ...asked, request: aRequest({ reason: 'x' }) }).answer).toBe('met');
  });

  it.each(['', '   ', '\n\t', '\u200b\u202e', '\u3164'])(
    'is not given by %j, in which nothing can be read',
    (reason) => {
      expect(reasonIsGiven({ ...asked, request: aRequest({ reason }) })).toEqual({
        name: 'reason-given',
        answer: 'not-met',
        detail: 'no reason is given, and the rule requires one',
        remedy: 'a reason',
        transient: false,
      });
    },
  );
});

describe('the start of the access', () => {
  it.each([plusMs(NOW, -HOUR), NOW])('is at once when it is %s', (startsAt) => {
    expect(startsNow(asked, startsAt)).toEqual({
      name: 'starts-now',
      answer: 'met',
      detail: 'the access starts at once',
      remedy: null,
      transient: false,
    });
  });

  it('is later by as little as a millisecond, and who is on call then is not known', () => {
    expect(startsNow(asked, plusMs(NOW, 1))).toEqual({
      name: 'starts-now',
      answer: 'not-met',
      detail:
        'the access is to start later, at 2026-03-03T02:14:07.001Z: who is on call then cannot be known now',
      remedy: 'a start at once',
      transient: false,
    });
  });

  it('is measured by this machine, since PagerDuty has no part in it', () => {
    const facts = someFacts({ onCall: { state: 'known', at: at('2026-03-03T02:15:00Z'), rows: [] } });

    expect(startsNow({ ...asked, facts }, plusMs(NOW, 1)).answer).toBe('not-met');
  });
});

describe('the length of the access', () => {
  it('is within the rule’s, if it ends at that from now or before', () => {
    expect(lastsNoLongerThan(asked, 8 * HOUR)).toEqual({
      name: 'max-duration',
      answer: 'met',
      detail: 'the access ends at 2026-03-03T10:14:07.000Z, within 8 h',
      remedy: null,
      transient: false,
    });
    expect(lastsNoLongerThan(asked, 9 * HOUR).answer).toBe('met');
  });

  it('is counted from the request’s own time, if this machine’s clock is behind Teleport’s', () => {
    const request = aRequest({ created: plusMs(NOW, 2_000), accessExpires: plusMs(NOW, 8 * HOUR + 2_000) });

    expect(lastsNoLongerThan({ ...asked, request }, 8 * HOUR).answer).toBe('met');
    expect(lastsNoLongerThan({ ...asked, request: { ...request, created: null } }, 8 * HOUR).answer).toBe(
      'not-met',
    );
    expect(lastsNoLongerThan({ ...asked, request: { ...request, created: NOW } }, 8 * HOUR).answer).toBe(
      'not-met',
    );
  });

  it('is beyond it by as little as a millisecond', () => {
    expect(lastsNoLongerThan(asked, 8 * HOUR - 1)).toEqual({
      name: 'max-duration',
      answer: 'not-met',
      detail: 'the access would last until 2026-03-03T10:14:07.000Z, the rule allows 8 h',
      remedy: 'access for no longer than 8 h',
      transient: false,
    });
  });

  it('is counted from the request where this machine’s clock is behind Teleport’s, or Teleport gives no time', () => {
    const request = aRequest({ created: plusMs(NOW, 1) });

    expect(lastsNoLongerThan({ ...asked, request }, 8 * HOUR - 1).answer).toBe('met');
    expect(lastsNoLongerThan({ ...asked, request }, 8 * HOUR - 2).answer).toBe('not-met');
    expect(lastsNoLongerThan({ ...asked, request: aRequest({ created: null }) }, 8 * HOUR).answer).toBe(
      'met',
    );
  });

  it('is not known where Teleport does not say when the access ends', () => {
    expect(lastsNoLongerThan({ ...asked, request: aRequest({ accessExpires: null }) }, HOUR)).toEqual({
      name: 'max-duration',
      answer: 'unknown',
      detail: 'Teleport does not say when the access would end',
      remedy: 'that it can be known',
      transient: false,
    });
  });
});
