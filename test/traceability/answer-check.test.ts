import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { createAnswerCheck } from '../../src/traceability/answer-check.ts';
import {
  anAnswer,
  anAnswered,
  aPolicy,
  aRecordedDecision,
  onCallWith,
  someAnswerFacts,
  someFacts,
} from '../support/builders.ts';

const escalated = () => aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }) });
const requestId = escalated().requestId;
const ended = { state: 'expired', by: null, reason: '' } as const;

/** The codes of what is found in the ledger of these entries. */
function found(...events: readonly LedgerEvent[]): readonly string[] {
  const policies = new Map([[escalated().policyDigest, aPolicy()]]);
  const check = createAnswerCheck(policies);
  return events.flatMap((event, index) => check(event, index + 1)).map(({ code }) => code);
}

describe('an answer in the ledger', () => {
  it('is borne out by the decision in force when it came, also where that is an approval', () => {
    expect(found(escalated(), anAnswered())).toEqual([]);
    expect(found(aRecordedDecision(), anAnswered())).toEqual([]);
  });

  it('is a fault where that decision has it the other way round', () => {
    const uncovered = aRecordedDecision({ policy: aPolicy({ rules: [] }) });

    expect(found(escalated(), anAnswered({ counted: false }))).toEqual(['answer-differs']);
    expect(found(aRecordedDecision(), anAnswered({ counted: false }))).toEqual(['answer-differs']);
    expect(found(escalated(), uncovered, anAnswered())).toEqual(['answer-differs']);
    expect(found(escalated(), uncovered, anAnswered({ counted: false }))).toEqual([]);
  });

  it('did not count where it could not be found out in time whether it does', () => {
    const cause = { code: 'unavailable', message: 'PagerDuty failed (503)', transient: true } as const;
    const facts = { ...someAnswerFacts(), onCall: { state: 'unknown', cause } as const };

    expect(found(escalated(), anAnswered({ counted: false, facts }))).toEqual([]);
    expect(found(escalated(), anAnswered({ counted: true, facts }))).toEqual(['answer-differs']);
  });

  it('is not judged after the end, nor without its decision', () => {
    expect(
      found(escalated(), { kind: 'ended', requestId, ending: ended }, anAnswered({ counted: false })),
    ).toEqual([]);
    expect(found(anAnswered())).toEqual([]);
  });

  it('that ends access is judged by whoever may end it, as long as that is heard', () => {
    const answer = anAnswer({ propose: 'revoked' });
    const revoked = (counted: boolean) => anAnswered({ answer, counted });
    const approved = { ...ended, state: 'approved' } as const;
    const given = { kind: 'ended', requestId, ending: approved, hearsRevoke: true } as const;

    expect(found(escalated(), given, revoked(true))).toEqual([]);
    expect(found(escalated(), given, revoked(false))).toEqual(['answer-differs']);
    expect(found(escalated(), given, anAnswered({ counted: false, facts: null }))).toEqual([]);
    expect(found(escalated(), { ...given, hearsRevoke: undefined } as never, revoked(false))).toEqual([]);
    expect(found(escalated(), revoked(true))).toEqual(['answer-differs']);
  });

  it('is still judged when thousands of requests were decided since', () => {
    const others = Array.from({ length: 2_500 }, (_, index) => ({
      ...aRecordedDecision(),
      requestId: `0194f8a2-6c1e-7b3a-9d52-${String(index).padStart(12, '0')}`,
    }));

    expect(found(escalated(), ...others, anAnswered({ counted: false }))).toEqual(['answer-differs']);
  });
});
