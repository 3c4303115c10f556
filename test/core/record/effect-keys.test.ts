import { expect, test } from 'vitest';
import * as keys from '../../../src/core/record/effect-keys.ts';

// Each is made when its test runs: what is made while this file is loaded no mutant changes.
test.each<[string, () => string, string | null, number | null]>([
  ['review', () => keys.nthReviewKey(1), 'review', null],
  ['review 2', () => keys.nthReviewKey(2), 'review', 2],
  ['vote PSAM1RE', () => keys.onBehalfKey('PSAM1RE', 1), 'vote', null],
  ['vote PSAM1RE 2', () => keys.onBehalfKey('PSAM1RE', 2), 'vote', null],
  ['progress PSAM1RE 2', () => keys.progressKey('vote PSAM1RE 2'), 'progress', null],
  ['page', () => keys.pageKey(1), 'page', null],
  ['page 3', () => keys.pageKey(3), 'page', 3],
  ['break-glass page', () => keys.BREAK_GLASS_PAGE, 'break-glass', null],
  ['finding never-used', () => keys.findingKey('never-used'), 'finding', null],
  ['live-note', () => keys.LIVE_NOTE, 'live-note', null],
  ['reminder 1', () => keys.reminderKey(1, 1), 'reminder', 1],
  ['reminder 2 on page 3', () => keys.reminderKey(2, 3), 'reminder', 2],
  ['move-up', () => keys.nextLevelKey(1), 'move-up', null],
  ['move-up 2', () => keys.nextLevelKey(2), 'move-up', 2],
  ['reply PNOTE01', () => keys.replyKey('PNOTE01'), 'reply', null],
  ['unanswered Q1', () => keys.unansweredKey('Q1'), 'unanswered', null],
  ['merged Q1', () => keys.mergedKey('Q1'), 'merged', null],
  ['replaced Q1', () => keys.replacedKey('Q1'), 'replaced', null],
  ['close-page replaced 2', () => keys.replacedClosingKey(2), 'close-page', null],
  ['close-page left 2', () => keys.leftClosingKey(2), 'close-page', null],
  [
    'shift-end 2026-03-03T10:00:00.000Z',
    () => keys.shiftEndKey('2026-03-03T10:00:00.000Z'),
    'shift-end',
    null,
  ],
  ['closing-note', () => keys.closingKeys('page').note, 'closing-note', null],
  ['close-page', () => keys.closingKeys('page 2').close, 'close-page', null],
  ['closing-note break-glass', () => keys.closingKeys(keys.BREAK_GLASS_PAGE).note, 'closing-note', null],
  ['close-page break-glass', () => keys.closingKeys(keys.BREAK_GLASS_PAGE).close, 'close-page', null],
  ['closing-note on page 2', () => keys.earlierClosingKey(2), 'closing-note', null],
  ['lock', () => keys.lockKeys(1).lock, 'lock', null],
  ['lock 2', () => keys.lockKeys(2).lock, 'lock', 2],
  ['unlock', () => keys.lockKeys(1).lift, 'unlock', null],
  ['unlock 2', () => keys.liftKeyOf('lock 2') ?? '', 'unlock', 2],
  ['lock revoked PNOTE01', () => keys.revokingKey('PNOTE01'), 'lock', null],
  ['revoked PNOTE01', () => keys.revokedKeys('PNOTE01').done, 'revoked', null],
  ['revoked not PNOTE01', () => keys.revokedKeys('PNOTE01').refused, 'revoked', null],
  ['of-another-version 2x', () => 'of-another-version 2x', null, null],
])('the key %s stays as ledgers have it, and is told by its word', (stored, key, word, number) => {
  expect(key()).toBe(stored);
  expect(keys.partsOf(stored)).toEqual({ word, number });
});

test('what lifts a lock is known of those that a shift brought, and of none that a person set', () => {
  const locks = ['lock', 'lock 12', keys.revokingKey('PNOTE01'), 'lock revoked 2', 'page', 'reminder 2'];

  expect(locks.map(keys.liftKeyOf)).toEqual(['unlock', 'unlock 12', null, null, null, null]);
});

test('a page is told by its number and its team', () => {
  expect(keys.pageIn('page')).toEqual({ number: 1, team: null });
  expect(keys.pageIn('page 12 of a b')).toEqual({ number: 12, team: 'a b' });
  expect(keys.pageIn('page b')).toBeNull();
});
