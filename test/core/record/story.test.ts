import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../src/core/record/effect.ts';
import type { Ending, LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import {
  emptyStory,
  isDone,
  storyOf as foldedOf,
  withEvent as withTold,
  type Story,
} from '../../../src/core/record/story.ts';
import { aCause, anAnswered, aPolicy, aRecordedDecision, NOW } from '../../support/builders.ts';
import { leftAlone } from '../telling.ts';

const decided = aRecordedDecision({ decision: leftAlone });
const { requestId } = decided;
const review: Effect = {
  kind: 'review',
  key: 'review',
  decisionId: decided.decisionId,
  propose: 'approved',
  reason: 'on call',
};
const outcome = { summary: 'the request is approved', ours: true, incidentId: null, url: null };
const ending: Ending = { state: 'approved', by: 'oncall-approver', reason: '' };

const intended: LedgerEvent = { kind: 'effect-intended', requestId, effect: review };
const done: LedgerEvent = { kind: 'effect-done', requestId, key: 'review', outcome };

const checkpoint: LedgerEvent = {
  kind: 'checkpoint',
  origin: '0a',
  through: { seq: 41, at: NOW, hash: '1b' },
  removed: { from: 1, entries: 41, decisions: 7 },
  before: NOW,
  policies: [],
};

/** Every event of these stories was recorded at `NOW`. */
function storyOf(events: readonly LedgerEvent[]): Story {
  return foldedOf(events.map((event) => ({ event, at: NOW })));
}

function withEvent(story: Story, event: LedgerEvent): Story {
  return withTold(story, { event, at: NOW });
}

function failed(message: string): LedgerEvent {
  return { kind: 'effect-failed', requestId, key: 'review', cause: aCause({ message }) };
}

describe('the story of a request', () => {
  it('is empty before anything is written', () => {
    expect(storyOf([])).toBe(emptyStory);
    expect(emptyStory).toEqual({
      postponedSince: null,
      decided: null,
      effects: new Map(),
      answers: [],
      pagesResolved: [],
      pagesMerged: new Map(),
      pagesClosed: [],
      unheard: [],
      access: null,
      timesEnded: 0,
      unlocked: false,
      hearsRevoke: false,
      overturned: null,
      used: [],
      ended: null,
      endedAt: null,
    });
  });

  it('knows since when a decision was put off', () => {
    const postponed = { kind: 'postponed', requestId: 'r', since: NOW, why: 'PagerDuty is down' } as const;

    expect(storyOf([postponed]).postponedSince).toBe(NOW);
  });

  it('keeps how the request ended beside the denial that overturned it', () => {
    const denial: Ending = { state: 'denied', by: null, reason: 'not now' };
    const told = storyOf([
      decided,
      { kind: 'ended', requestId, ending },
      { kind: 'ended', requestId, ending: denial, after: 'approved' },
    ]);

    expect(told).toMatchObject({ ended: ending, overturned: denial });
  });

  it('keeps what was intended, undone and without failures at first', () => {
    expect(storyOf([decided, intended]).effects.get('review')).toEqual({
      intended: review,
      under: decided,
      intendedAt: NOW,
      done: null,
      doneAt: null,
      failures: 0,
      lastFailure: null,
    });
  });

  it('counts the failures of an effect and keeps the last one', () => {
    expect(storyOf([intended, failed('503'), failed('504')]).effects.get('review')).toEqual({
      intended: review,
      under: null,
      intendedAt: NOW,
      done: null,
      doneAt: null,
      failures: 2,
      lastFailure: aCause({ message: '504' }),
    });
  });

  it('keeps what came of an effect beside its failures', () => {
    expect(storyOf([intended, failed('503'), done]).effects.get('review')).toEqual({
      intended: review,
      under: null,
      intendedAt: NOW,
      done: outcome,
      doneAt: NOW,
      failures: 1,
      lastFailure: aCause({ message: '503' }),
    });
  });

  it('keeps how the request ended', () => {
    expect(storyOf([decided, { kind: 'ended', requestId, ending }]).ended).toBe(ending);
  });

  it('keeps the answers, the pages resolved without one, and the last look at the access', () => {
    const [one, two] = [anAnswered(), anAnswered({ counted: false })];
    const look = {
      kind: 'access-checked',
      requestId,
      ends: false,
      why: '',
      until: NOW,
      onCall: decided.facts.onCall,
    } as const;
    const last = { ...look, ends: true, until: null };
    const resolved = { kind: 'page-resolved', requestId, incidentId: 'Q2PAGE' } as const;

    const story = storyOf([
      one,
      resolved,
      two,
      { ...resolved, incidentId: 'Q3PAGE', mergedInto: 'Q4' },
      look,
      last,
    ]);

    expect(story.answers).toEqual([one, two]);
    expect(story.pagesResolved).toEqual(['Q2PAGE', 'Q3PAGE']);
    expect([...story.pagesMerged]).toEqual([['Q3PAGE', 'Q4']]);
    expect(story.access).toBe(last);
    expect(story.unlocked).toBe(false);
  });

  it('tells whether an effect is done', () => {
    expect(isDone(storyOf([]), 'review')).toBe(false);
    expect(isDone(storyOf([intended, failed('503')]), 'review')).toBe(false);
    expect(isDone(storyOf([intended, done]), 'review')).toBe(true);
  });

  it.each([
    ['a checkpoint', checkpoint],
    ['a mark', { kind: 'sealed-from', ledger: 'one of many', through: null }],
    ['an end cut off', { kind: 'cut-off', known: { seq: 9, hash: '' }, found: { seq: 7, hash: '' } }],
    ['a policy', { kind: 'policy', digest: '41c7be', policy: aPolicy() }],
    ['a watch', { kind: 'watched', target: { kind: 'service', id: 'PSERVC1' }, until: NOW }],
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
