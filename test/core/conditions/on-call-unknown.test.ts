import { describe, expect, it } from 'vitest';
import type { Condition, Proof } from '../../../src/core/decision.ts';
import type { Facts, TargetFact } from '../../../src/core/facts.ts';
import { requesterIsOnCall } from '../../../src/core/conditions/on-call-condition.ts';
import type { OnCallTargets } from '../../../src/core/rule.ts';
import {
  aCause,
  aRequest,
  aRule,
  aTargetFact,
  NOW,
  onCallWith,
  someFacts,
  someTargets,
} from '../../support/builders.ts';

function onCall(
  facts: Partial<Facts>,
  targets: Partial<OnCallTargets> = {},
): { readonly condition: Condition; readonly proof: Proof | null } {
  const rule = aRule({ onCall: someTargets(targets) });
  return requesterIsOnCall({ rule, request: aRequest(), facts: someFacts(facts), now: NOW });
}

describe('it is unknown whether the requester is on call', () => {
  const services = ['Payments API', 'Search API'];

  function lost(transient: boolean, asked = 'Search API'): TargetFact {
    const cause = aCause({ message: `no answer about ${asked}`, transient });
    return { kind: 'service', asked, state: 'unknown', cause };
  }

  it('while one target could not be looked up and no other has a row', () => {
    expect(onCall({ onCall: onCallWith(), targets: [aTargetFact(), lost(false)] }, { services })).toEqual({
      condition: {
        name: 'on-call',
        answer: 'unknown',
        detail: 'no answer about Search API',
        remedy: 'that it can be known',
        transient: false,
      },
      proof: null,
    });
  });

  it.each([
    [false, false, false],
    [true, false, true],
    [false, true, true],
    [true, true, true],
  ])('with causes that pass (%s, %s), so that asking again may help: %s', (one, other, transient) => {
    const targets = [lost(one, 'Payments API'), lost(other)];

    expect(onCall({ targets }, { services }).condition).toEqual({
      name: 'on-call',
      answer: 'unknown',
      detail: 'no answer about Payments API and no answer about Search API',
      remedy: transient ? 'that it can be known: it is asked again' : 'that it can be known',
      transient,
    });
  });

  it('for a target that nobody looked up', () => {
    expect(onCall({ targets: [] }).condition).toEqual({
      name: 'on-call',
      answer: 'unknown',
      detail: 'service Payments API was not looked up',
      remedy: 'that it can be known: it is asked again',
      transient: true,
    });
  });

  it.each([true, false])('while who asks is not known (it may pass: %s)', (transient) => {
    const cause = aCause({ message: 'PagerDuty answers 503', transient });

    expect(onCall({ requester: { state: 'unknown', cause } })).toMatchObject({
      condition: { name: 'on-call', answer: 'unknown', detail: 'PagerDuty answers 503', transient },
      proof: null,
    });
  });

  it.each([true, false])('while the rows cannot be had (it may pass: %s)', (transient) => {
    const cause = aCause({ message: 'PagerDuty answers 503', transient });

    expect(onCall({ onCall: { state: 'unknown', cause } })).toMatchObject({
      condition: { name: 'on-call', answer: 'unknown', detail: 'PagerDuty answers 503', transient },
      proof: null,
    });
  });

  it('for good when PagerDuty has no such person: a person is asked rather than anybody refused', () => {
    const why = 'no PagerDuty user has the address `sre-1@example.com`';

    expect(onCall({ requester: { state: 'unrecognised', why } })).toMatchObject({
      condition: { name: 'on-call', answer: 'unknown', detail: why, transient: false },
      proof: null,
    });
  });

  it('where nobody asked for the rows', () => {
    expect(onCall({ onCall: { state: 'not-asked' } }).condition).toMatchObject({
      answer: 'unknown',
      detail: 'who is on call was not asked',
      transient: false,
    });
  });
});
