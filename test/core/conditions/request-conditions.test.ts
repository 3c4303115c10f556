import { describe, expect, it } from 'vitest';
import { HOUR, plusMs } from '../../../src/core/values/instant.ts';
import {
  lastsNoLongerThan,
  reasonIsGiven,
  startsNow,
} from '../../../src/core/conditions/request-conditions.ts';
import type { AccessRequest } from '../../../src/core/access-request.ts';
import type { Condition } from '../../../src/core/decision.ts';
import { aRequest, aRule, at, NOW, someFacts } from '../../support/builders.ts';

const asked = (request: Partial<AccessRequest> = {}) => ({
  ...{ rule: aRule(), request: aRequest(request), facts: someFacts(), now: NOW },
});
const lasts = (hours: number, request: Partial<AccessRequest> = {}) =>
  lastsNoLongerThan(asked(request), hours * HOUR);
const A_MS = 1 / HOUR;

it.each<[string, () => Condition, Condition['answer'], string, string | null]>([
  ['reason-given', () => reasonIsGiven(asked()), 'met', 'a reason is given', null],
  ['starts-now', () => startsNow(asked(), plusMs(NOW, -HOUR)), 'met', 'the access starts at once', null],
  ['starts-now', () => startsNow(asked(), NOW), 'met', 'the access starts at once', null],
  [
    'starts-now',
    () => startsNow(asked(), plusMs(NOW, 1)),
    'not-met',
    'the access is to start later, at 2026-03-03T02:14:07.001Z: who is on call then cannot be known now',
    'a start at once',
  ],
  ['max-duration', () => lasts(8), 'met', 'the access ends at 2026-03-03T10:14:07.000Z, within 8 h', null],
  [
    'max-duration',
    () => lasts(8 - A_MS),
    'not-met',
    'the access would last until 2026-03-03T10:14:07.000Z, the rule allows 8 h',
    'access for no longer than 8 h',
  ],
  [
    'max-duration',
    () => lasts(1, { accessExpires: null }),
    'unknown',
    'Teleport does not say when the access would end',
    'that it can be known',
  ],
])('%s tells what is so, and what would be needed: %#', (name, condition, answer, detail, remedy) => {
  expect(condition()).toEqual({ name, answer, detail, remedy, transient: false });
});

it.each(['', '   ', '\n\t', '\u200b\u202e', '\u3164'])(
  'a reason is not given by %j, in which nothing can be read',
  (reason) => {
    expect(reasonIsGiven(asked({ reason }))).toEqual({
      ...{ name: 'reason-given', answer: 'not-met', remedy: 'a reason', transient: false },
      detail: 'no reason is given, and the rule requires one',
    });
    expect(reasonIsGiven(asked({ reason: `${reason}x` })).answer).toBe('met');
  },
);

it('the start is measured by this machine, since PagerDuty has no part in it', () => {
  const facts = someFacts({ onCall: { state: 'known', at: at('2026-03-03T02:15:00Z'), rows: [] } });

  expect(startsNow({ ...asked(), facts }, plusMs(NOW, 1)).answer).toBe('not-met');
});

describe('the length of the access is counted', () => {
  it.each<[string, number, Partial<AccessRequest>, Condition['answer']]>([
    ['from now on', 9, {}, 'met'],
    ['from the request, where this clock is behind', 8 - A_MS, { created: plusMs(NOW, 1) }, 'met'],
    ['to the millisecond', 8 - 2 * A_MS, { created: plusMs(NOW, 1) }, 'not-met'],
    ['from now on where Teleport gives no time', 8, { created: null }, 'met'],
  ])('%s', (_how, hours, request, answer) => {
    expect(lasts(hours, request).answer).toBe(answer);
  });

  it.each([
    [plusMs(NOW, 2_000), 'met'],
    [null, 'not-met'],
    [NOW, 'not-met'],
  ])('to its own end, of a request of %s', (created, answer) => {
    expect(lasts(8, { created, accessExpires: plusMs(NOW, 8 * HOUR + 2_000) }).answer).toBe(answer);
  });
});
