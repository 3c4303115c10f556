import { describe, expect, it } from 'vitest';
import { canonicalName, pinKeyOf, whyNotMeant } from '../../../src/core/roster/pin.ts';

const named = (asked: string) => ({ kind: 'service', asked }) as const;

describe('a name in a rule', () => {
  it('is believed of the id that it first led to, and of the id that is written in its place', () => {
    expect(whyNotMeant(named('Payments'), { id: 'PONE123', first: 'PONE123' })).toBeNull();
    for (const first of [null, 'PTWO123'])
      expect(whyNotMeant(named(' PONE123 '), { id: 'PONE123', first })).toBeNull();
  });

  it.each([
    [
      'PTWO123',
      'service `Pay ments` was PTWO123 when it was first looked up, and is PONE123 now: find out in PagerDuty who gave it that name, and write the id of the one that is meant in place of the name',
    ],
    [
      null,
      'what service `Pay ments` led to when it was first looked up is missing from table `first_address` of the ledger, or was changed there by somebody else: restore it from a backup, or write the id PONE123 in place of the name where that is the one that is meant',
    ],
  ])('is not known where it first led to %s', (first, message) => {
    expect(whyNotMeant(named('Pay\nments'), { id: 'PONE123', first })).toEqual({
      ...{ code: 'ambiguous', transient: false },
      message,
    });
  });

  it.each([
    ['Payments API', ' payments api ', true],
    ['Café', 'CAFE\u0301', true],
    ['PSERVC1', ' PSERVC1', true],
    // An id is an id before it is a name; what only looks like one is a name.
    ['PSERVC1', 'pservc1', false],
    ['PSERVC', 'pservc', false],
    ['QSERVC1234567A', 'qservc1234567a', false],
    ['PSERV', 'pserv', true],
    ['QSERVC1234567AB', 'qservc1234567ab', true],
    ['XPSERVC1', 'xpservc1', true],
    ['PSERVC1-', 'pservc1-', true],
    ['Payments', 'Payment', false],
  ])('is kept once for %s and for %s: %s', (one, other, same) => {
    expect(pinKeyOf(named(one)) === pinKeyOf(named(other))).toBe(same);
    expect(pinKeyOf(named(one))).not.toBe(pinKeyOf({ kind: 'schedule', asked: one }));
    expect(pinKeyOf(named(one))).toContain(' ');
  });

  it('is the same by case and composition', () => {
    expect(canonicalName(' CAFE\u0301 ')).toBe('café');
  });
});
