import { describe, expect, it } from 'vitest';
import { isOver } from '../../../src/core/effects/is-over.ts';
import type { Effect } from '../../../src/core/record/effect.ts';
import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import { MINUTE, plusMs } from '../../../src/core/values/instant.ts';
import {
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  someFacts,
} from '../../support/builders.ts';
import { done, ended, intended, story } from '../telling.ts';

const EXPIRES = plusMs(NOW, 10 * MINUTE);
const request = aRequest({ accessExpires: EXPIRES });
const approved = aRecordedDecision({ request });
const promised = { ...approved, endsAccess: [aRule()] };
const { requestId, decisionId } = approved;
const review: Effect = { kind: 'review', key: 'review', decisionId, propose: 'approved', reason: 'on call' };
const abstained = aRecordedDecision({ request, policy: aPolicy({ rules: [] }) });
const granted = [...done(review), ended()];
const postponed: LedgerEvent = { kind: 'postponed', requestId, since: NOW, why: '' };

describe('by its entries alone', () => {
  it.each<readonly [string, readonly LedgerEvent[], boolean]>([
    ['nothing at all', [], true],
    ['a decision that was put off', [postponed], false],
    ['one that was put off, and ended', [postponed, ended()], true],
    ['an approval that is not given yet', [approved], false],
    ['one that waits for people', [aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }) })], false],
    ['an abstention', [abstained], true],
    ['an abstention after something was begun', [abstained, intended(review)], false],
    ['access that no decision promised to end', [approved, ...granted], true],
    ['the same by rules that promise nothing', [{ ...approved, endsAccess: [] }, ...granted], true],
    ['access that is promised to end', [promised, ...granted], false],
    ['access that others gave', [promised, ended()], true],
    ['access whose lock somebody took away', [promised, ...granted, { kind: 'unlocked', requestId }], true],
    ['a denied one', [promised, ...done(review), ended({ state: 'denied', by: 'sre-3', reason: '' })], true],
  ])('%s is over: %#', (_what, events, over) => {
    expect(isOver(story(events), NOW)).toBe(over);
  });

  it('access is over a minute before Teleport ends it, which then takes the lock away itself', () => {
    const told = story([promised, ...granted]);
    const forEver = story([{ ...promised, request: aRequest({ accessExpires: null }) }, ...granted]);

    expect(isOver(told, plusMs(EXPIRES, -MINUTE - 1))).toBe(false);
    expect(isOver(told, plusMs(EXPIRES, -MINUTE))).toBe(true);
    expect(isOver(forEver, plusMs(EXPIRES, MINUTE))).toBe(false);
  });
});
