import { describe, expect, it } from 'vitest';
import { judge } from '../../src/core/conditions.ts';
import { HOUR, plusMs } from '../../src/core/instant.ts';
import { aCause, aRequest, aRule, at, NOW, someFacts } from '../builders.ts';

const asked = { rule: aRule(), request: aRequest(), facts: someFacts(), now: NOW };

function conditionNames(overrides: Partial<typeof asked>): readonly string[] {
  return judge({ ...asked, ...overrides }).conditions.map(({ name }) => name);
}

describe('the conditions of a rule', () => {
  it('are being on call, a reason where one is required, and a start now where another was asked for', () => {
    expect(conditionNames({})).toEqual(['on-call', 'reason-given']);
    expect(conditionNames({ rule: aRule({ require: { reason: false } }) })).toEqual(['on-call']);
    expect(conditionNames({ request: aRequest({ startsAt: NOW }) })).toEqual([
      'on-call',
      'reason-given',
      'starts-now',
    ]);
  });
});

describe('the reason', () => {
  it('is given', () => {
    expect(judge(asked).conditions[1]).toEqual({
      name: 'reason-given',
      answer: 'met',
      detail: 'a reason is given',
      transient: false,
    });
  });

  it('is a reason however short', () => {
    expect(judge({ ...asked, request: aRequest({ reason: 'x' }) }).conditions[1]?.answer).toBe('met');
  });

  it.each(['', '   ', '\n\t', '\u200b\u202e'])(
    'is not given by %j, in which nothing can be read',
    (reason) => {
      expect(judge({ ...asked, request: aRequest({ reason }) }).conditions[1]).toEqual({
        name: 'reason-given',
        answer: 'not-met',
        detail: 'no reason is given, and the rule requires one',
        transient: false,
      });
    },
  );
});

describe('the start of the access', () => {
  it.each([plusMs(NOW, -HOUR), NOW])('is at once when it is %s', (startsAt) => {
    expect(judge({ ...asked, request: aRequest({ startsAt }) }).conditions[2]).toEqual({
      name: 'starts-now',
      answer: 'met',
      detail: 'the access starts at once',
      transient: false,
    });
  });

  it('is later by as little as a millisecond, and who is on call then is not known', () => {
    expect(judge({ ...asked, request: aRequest({ startsAt: plusMs(NOW, 1) }) }).conditions[2]).toEqual({
      name: 'starts-now',
      answer: 'not-met',
      detail:
        'the access is to start later, at 2026-03-03T02:14:07.001Z: who is on call then cannot be known now',
      transient: false,
    });
  });

  it('is measured by this machine, since PagerDuty has no part in it', () => {
    const facts = someFacts({ onCall: { state: 'known', at: at('2026-03-03T02:15:00Z'), rows: [] } });
    const request = aRequest({ startsAt: plusMs(NOW, 1) });

    expect(judge({ ...asked, request, facts }).conditions[2]?.answer).toBe('not-met');
  });
});

describe('being on call is unknown', () => {
  const cause = aCause({ message: 'PagerDuty answers 503' });

  it.each([
    ['when the requester could not be looked up', { requester: { state: 'unknown', cause } as const }],
    ['when the rows could not be had', { onCall: { state: 'unknown', cause } as const }],
    [
      'when the only target could not be looked up',
      { targets: [{ kind: 'service', asked: 'Payments API', state: 'unknown', cause } as const] },
    ],
  ])('%s, and asking again helps if the cause passes', (_when, unknown) => {
    for (const transient of [true, false]) {
      const facts = someFacts(JSON.parse(JSON.stringify(unknown), setTransient(transient)) as typeof unknown);

      expect(judge({ ...asked, facts })).toMatchObject({
        conditions: [
          { name: 'on-call', answer: 'unknown', detail: 'PagerDuty answers 503', transient },
          { name: 'reason-given' },
        ],
        proof: null,
      });
    }
  });

  it('for good when PagerDuty has no such person: a person is asked rather than anybody refused', () => {
    const why = 'no PagerDuty user has the address `sre-1@example.com`';
    const facts = someFacts({ requester: { state: 'unrecognised', why } });

    expect(judge({ ...asked, facts })).toMatchObject({
      conditions: [{ name: 'on-call', answer: 'unknown', detail: why, transient: false }, {}],
      proof: null,
    });
  });
});

/** The same facts with causes that pass, or do not. */
function setTransient(transient: boolean) {
  return (key: string, value: unknown): unknown => (key === 'transient' ? transient : value);
}
