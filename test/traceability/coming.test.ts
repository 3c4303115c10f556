import { expect, it } from 'vitest';
import { decisionIdOf, digestOfContent } from '../../src/core/record/decision-identity.ts';
import { sha256 } from '../../src/ledger/rows.ts';
import { createDecisionCheck } from '../../src/traceability/decision-check.ts';
import { aRecordedDecision, NOW } from '../support/builders.ts';

it('when a decision is looked at again is a part of its digest, as all that follows from it is', () => {
  const { kind, requestId, number, decisionId, digest, ...before } = aRecordedDecision();
  const content = { ...before, comesAt: NOW };
  const check = createDecisionCheck(new Map(), { digest: sha256 } as never);
  const codesOf = (given: string, id: string) =>
    check({ kind, requestId, number, ...content, decisionId: id, digest: given }, 1).map(({ code }) => code);

  expect(codesOf(digest, decisionId)).toContain('decision-changed');
  expect(codesOf(digestOfContent(content, sha256), decisionIdOf(requestId, number, sha256))).not.toContain(
    'decision-changed',
  );
});
