import { expect, test } from 'vitest';
import * as keys from '../../../src/core/record/effect-keys.ts';

test.each([
  [keys.nthReviewKey(1), 'review', 'review', null],
  [keys.nthReviewKey(2), 'review 2', 'review', 2],
  [keys.onBehalfKey('PSAM1RE', 1), 'vote PSAM1RE', 'vote', null],
  [keys.onBehalfKey('PSAM1RE', 2), 'vote PSAM1RE 2', 'vote', null],
  [keys.progressKey('vote PSAM1RE 2'), 'progress PSAM1RE 2', 'progress', null],
  [keys.pageKey(1), 'page', 'page', null],
  [keys.pageKey(3), 'page 3', 'page', 3],
  [keys.BREAK_GLASS_PAGE, 'break-glass page', 'break-glass', null],
  [keys.findingKey('never-used'), 'finding never-used', 'finding', null],
  [keys.LIVE_NOTE, 'live-note', 'live-note', null],
  [keys.reminderKey(1, 1), 'reminder 1', 'reminder', 1],
  [keys.reminderKey(2, 3), 'reminder 2 on page 3', 'reminder', 2],
  [keys.nextLevelKey(1), 'move-up', 'move-up', null],
  [keys.nextLevelKey(2), 'move-up 2', 'move-up', 2],
  [keys.replyKey('PNOTE01'), 'reply PNOTE01', 'reply', null],
  [keys.unansweredKey('Q1'), 'unanswered Q1', 'unanswered', null],
  [keys.mergedKey('Q1'), 'merged Q1', 'merged', null],
  [keys.replacedKey('Q1'), 'replaced Q1', 'replaced', null],
  [keys.replacedClosingKey(2), 'close-page replaced 2', 'close-page', null],
  [keys.leftClosingKey(2), 'close-page left 2', 'close-page', null],
  [keys.shiftEndKey('2026-03-03T10:00:00.000Z'), 'shift-end 2026-03-03T10:00:00.000Z', 'shift-end', null],
  [keys.closingKeys('page').note, 'closing-note', 'closing-note', null],
  [keys.closingKeys('page 2').close, 'close-page', 'close-page', null],
  [keys.closingKeys(keys.BREAK_GLASS_PAGE).note, 'closing-note break-glass', 'closing-note', null],
  [keys.closingKeys(keys.BREAK_GLASS_PAGE).close, 'close-page break-glass', 'close-page', null],
  [keys.earlierClosingKey(2), 'closing-note on page 2', 'closing-note', null],
  [keys.lockKeys(1).lock, 'lock', 'lock', null],
  [keys.lockKeys(2).lock, 'lock 2', 'lock', 2],
  [keys.lockKeys(1).lift, 'unlock', 'unlock', null],
  [keys.liftKeyOf('lock 2') ?? '', 'unlock 2', 'unlock', 2],
  [keys.revokingKey('PNOTE01'), 'lock revoked PNOTE01', 'lock', null],
  [keys.revokedKeys('PNOTE01').done, 'revoked PNOTE01', 'revoked', null],
  [keys.revokedKeys('PNOTE01').refused, 'revoked not PNOTE01', 'revoked', null],
  ['of-another-version 2x', 'of-another-version 2x', null, null],
])('the key %s stays as ledgers have it, and is told by its word', (key, stored, word, number) => {
  expect(key).toBe(stored);
  expect(keys.partsOf(key)).toEqual({ word, number });
});

test('a page is told by its number and its team', () => {
  expect(keys.pageIn('page')).toEqual({ number: 1, team: null });
  expect(keys.pageIn('page 12 of a b')).toEqual({ number: 12, team: 'a b' });
  expect(keys.pageIn('page b')).toBeNull();
});
