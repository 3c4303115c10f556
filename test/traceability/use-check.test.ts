import { expect, it } from 'vitest';
import { checkUse } from '../../src/traceability/answer-check.ts';
import { aRecordedDecision, aRecordedUse, someEvidence } from '../support/builders.ts';

it('derives an account again from its evidence, and finds one that says something else', () => {
  const used = aRecordedUse();
  expect(checkUse(used, 7)).toEqual([]);
  expect(checkUse(aRecordedDecision(), 7)).toEqual([]);
  const gaps = [{ why: 'unreadable', detail: '' }] as const;
  const edited = [
    { ...used, outcome: 'used' },
    { ...used, totals: { ...used.totals, sessions: 1 } },
    { ...used, evidence: someEvidence({ gaps }) },
    { ...used, evidence: null },
  ] as (typeof used)[];
  for (const each of edited)
    expect(checkUse(each, 7)).toMatchObject([{ severity: 'fault', code: 'use-differs', seq: 7 }]);
});
