import { describe, expect, it } from 'vitest';
import { candidateRules } from '../../src/core/coverage.ts';
import {
  aPolicy,
  aRecordedDecision,
  anEscalation,
  aRequest,
  aRule,
  someTargets,
} from '../support/builders.ts';

const telling = (more: Parameters<typeof aRule>[0] = {}) =>
  aRule({ name: 'told', notifies: true, onCall: someTargets({ services: [] }), ...more });
const byAnnotation = anEscalation({ service: null, fromAnnotation: 'pagerduty_notify_service' });

describe('a rule that pages for every request', () => {
  it('approves nobody, on call or not, also beside a rule that would', () => {
    for (const rules of [[telling()], [aRule(), telling()]]) {
      const { decision } = aRecordedDecision({ policy: aPolicy({ rules }) });

      expect(decision).toMatchObject({ verdict: 'escalate', provisional: false });
      expect(decision.reasons.map(({ text }) => text).join()).toContain('asks people for every request');
    }
  });

  it.each([
    ['with a service of its own', telling(), {}, true],
    ['by its annotation', telling({ escalate: byAnnotation }), { pagerduty_notify_service: ['A'] }, true],
    ['by one that it has not', telling({ escalate: byAnnotation }), {}, false],
    ['that pages nowhere', telling({ escalate: null }), {}, false],
  ])('covers requests: %s', (_what, rule, annotations, covers) => {
    expect(candidateRules(aRequest({ annotations }), [rule])).toEqual(covers ? [rule] : []);
  });
});
