import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/core/effect.ts';
import type { Ending, LedgerEvent } from '../../src/core/ledger-entry.ts';
import { emptyStory, storyOf, withEvent } from '../../src/core/story.ts';
import { aCause, aPolicy, aRecordedDecision } from '../builders.ts';

const decided = aRecordedDecision();
const { requestId } = decided;
const review: Effect = { key: 'review', propose: 'approved', reason: 'on call' };
const outcome = { summary: 'the request is approved', ours: true, incidentId: null, url: null };
const ending: Ending = { state: 'approved', by: 'oncall-approver', reason: '' };

const intended: LedgerEvent = { kind: 'effect-intended', requestId, effect: review };
const done: LedgerEvent = { kind: 'effect-done', requestId, key: 'review', outcome };

function failed(message: string): LedgerEvent {
  return { kind: 'effect-failed', requestId, key: 'review', cause: aCause({ message }) };
}

describe('the story of a request', () => {
  it('is empty before anything is written', () => {
    expect(storyOf([])).toBe(emptyStory);
    expect(emptyStory).toEqual({ decided: null, effects: new Map(), ended: null });
  });

  it('holds the last decision', () => {
    const second = aRecordedDecision({ number: 2 });

    expect(storyOf([decided]).decided).toBe(decided);
    expect(storyOf([decided, second]).decided).toBe(second);
  });

  it('keeps what was intended, undone and without failures at first', () => {
    expect(storyOf([decided, intended]).effects.get('review')).toEqual({
      intended: review,
      done: null,
      failures: 0,
      lastFailure: null,
    });
  });

  it('counts the failures of an effect and keeps the last one', () => {
    const progress = storyOf([intended, failed('503'), failed('504')]).effects.get('review');

    expect(progress).toEqual({
      intended: review,
      done: null,
      failures: 2,
      lastFailure: aCause({ message: '504' }),
    });
  });

  it('keeps what came of an effect beside its failures', () => {
    expect(storyOf([intended, failed('503'), done]).effects.get('review')).toEqual({
      intended: review,
      done: outcome,
      failures: 1,
      lastFailure: aCause({ message: '503' }),
    });
  });

  it('keeps effects apart by their keys', () => {
    const close: Effect = { key: 'close-page', incidentKey: 'oncall-approver/1' };

    const { effects } = storyOf([intended, { kind: 'effect-intended', requestId, effect: close }, done]);

    expect([...effects.keys()]).toEqual(['review', 'close-page']);
    expect(effects.get('close-page')?.done).toBeNull();
    expect(effects.get('review')?.done).toBe(outcome);
  });

  it('keeps how the request ended', () => {
    expect(storyOf([decided, { kind: 'ended', requestId, ending }]).ended).toBe(ending);
  });

  it.each([
    ['a policy', { kind: 'policy', digest: '41c7be', policy: aPolicy() }],
    ['the doing of what was never intended', done],
    ['the failure of what was never intended', failed('503')],
  ] satisfies [string, LedgerEvent][])('is not changed by %s', (_what, event) => {
    const before = storyOf([decided]);

    expect(withEvent(before, event)).toBe(before);
  });

  it('is a new one with every event, and leaves the one before as it was', () => {
    const before = storyOf([decided, intended]);

    withEvent(before, done);
    withEvent(before, failed('503'));
    withEvent(before, { kind: 'ended', requestId, ending });

    expect(before).toEqual(storyOf([decided, intended]));
  });
});
