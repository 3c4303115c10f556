import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/core/facts.ts';
import { HOUR } from '../../src/core/values/instant.ts';
import type { Rule } from '../../src/core/rule.ts';
import { aCause, aRule, aWhen, onCallWith, someRequirements } from '../support/builders.ts';
import { decided, offCall, unreachable, unmet } from './deciding.ts';

const silent = { state: 'unknown', cause: aCause() } as const;
const refusing = { state: 'unknown', cause: aCause({ transient: false }) } as const;
const needsIncident = someRequirements({ openIncident: { urgency: null, involvement: 'any' } });

function provisional(facts: Partial<Facts>, ...rules: readonly Rule[]): boolean {
  return decided({ facts, rules }).provisional;
}

describe('a decision is made again while asking again may bring an approval', () => {
  const withIncident = aRule({ require: needsIncident });
  const withResponders = aRule({ responders: true });
  const forSres = aRule({ when: aWhen({ requesterRoles: ['sres'] }) });

  it.each<[string, Partial<Facts>, readonly Rule[]]>([
    ['who is on call is silent', unreachable, [aRule()]],
    ['the person is on call, and the incidents are silent', { incidents: silent }, [withIncident]],
    ['both are silent', { ...unreachable, incidents: silent }, [withIncident]],
    ['they are off call, but it is not known who asked', { ...offCall, incidents: silent }, [withResponders]],
    ['they may not be covered at all, and nothing else matters', { ...offCall, user: silent }, [forSres]],
    ['every rule that does not may yet', { incidents: silent }, [aRule({ name: 'met' }), withIncident]],
  ])('because %s', (_why, facts, rules) => {
    expect(provisional(facts, ...rules)).toBe(true);
  });

  it.each<[string, Partial<Facts>, readonly Rule[]]>([
    ['they are off call', { ...offCall, incidents: silent }, [withIncident]],
    [
      'one of two rules is known not to be met',
      unreachable,
      [aRule(), unmet({ name: 'strict', require: someRequirements({ maxDurationMs: HOUR }) })],
    ],
    ['nothing that is silent will speak', { onCall: refusing }, [aRule()]],
    ['the incidents will stay silent', { incidents: refusing }, [withIncident]],
    ['who they are will stay unknown', { ...offCall, user: refusing }, [forSres]],
    ['all is met', {}, [aRule()]],
    [
      'there is no incident, and the length is not known',
      { incidents: { state: 'known', incidents: [] }, ...unreachable },
      [withIncident],
    ],
  ])('but not because %s', (_why, facts, rules) => {
    expect(provisional(facts, ...rules)).toBe(false);
  });

  it('but not where one requirement is open and another is known not to be met', () => {
    const both = aRule({ require: { ...needsIncident, maxDurationMs: HOUR } });

    expect(provisional({ incidents: silent }, both)).toBe(false);
  });

  it('but not for a rule that is entitled in one way only by a refusal', () => {
    const facts = { onCall: onCallWith(), incidents: refusing } as const;

    expect(provisional(facts, withResponders)).toBe(false);
  });
});

it('a rule that does not cover the requester is no part of the decision', () => {
  const night = { timeZone: 'UTC', spans: [{ days: ['tue'] as const, from: 540, until: 1_020 }] };
  const closed = unmet({ name: 'closed', when: aWhen({ hours: night }), otherwise: 'deny' });

  expect(decided({ rules: [aRule(), closed] })).toMatchObject({
    verdict: 'approve',
    outcomes: [{ rule: 'prod-oncall' }],
  });
  expect(decided({ rules: [closed] }).reasons).toMatchObject([{ code: 'no-rule' }]);
});
