import { describe, expect, it } from 'vitest';
import { MINUTE, plusMs } from '../../src/core/values/instant.ts';
import {
  aCause,
  aPolicy,
  aRecordedDecision,
  aRule,
  NOW,
  onCallWith,
  someFacts,
  someRequirements,
} from '../support/builders.ts';
import { handle, type There } from '../support/handled.ts';
import { told } from '../support/told.ts';

const escalated = (overrides: object = {}) =>
  told(MINUTE, aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }), ...overrides }));

describe('a request that was decided on', () => {
  const soon = () => escalated({ comesAt: NOW });
  const against = {
    author: 'sre-3',
    proposedState: 'denied',
    reason: '',
    created: NOW,
    submittedBy: null,
  } as const;
  it.each<[string, There, string, string]>([
    ['is decided again', { story: soon() }, 'approve 2, review…, review', 'find, review'],
    ['is left at that while it would be decided the same', { story: soon(), onCall: 'off call' }, '', 'find'],
    ['is left at that once one is against it', { story: soon(), found: { reviews: [against] } }, '', 'find'],
    ['is left at that before', { story: escalated({ comesAt: plusMs(NOW, 1) }) }, '', ''],
  ])('a moment too early, when its time has come, %s', async (_what, there, recorded, asked) => {
    expect(await handle({}, there)).toMatchObject({ recorded, asked });
  });

  it('without other facts than before is recorded again where its reasons are others', async () => {
    const require = someRequirements({ openIncident: { urgency: null, involvement: 'any' } });
    const incidents = { state: 'unknown', cause: aCause() } as const;
    const story = escalated({
      facts: someFacts({ incidents }),
      policy: aPolicy({ rules: [aRule({ require })] }),
    });

    expect(await handle({}, { story, onCall: 'unknown' })).toMatchObject({ recorded: 'escalate 2' });
  });

  it('is not decided by what could not be had because the service stops', async () => {
    for (const story of [
      [],
      escalated({ facts: someFacts({ onCall: { state: 'unknown', cause: aCause() } }) }),
    ])
      await expect(handle({}, { story, onCall: 'unknown', isStopping: true })).rejects.toThrow(
        'the service stops',
      );
  });
});
