import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueEffects, isSettled } from '../../src/core/due-effects.ts';
import { onceKeyOf, type LedgerEvent } from '../../src/core/ledger-entry.ts';
import { withEvent } from '../../src/core/story.ts';
import { fuzzing } from './arbitrary-text.ts';
import { histories, lastStory, SETTING, type History, type Turn } from './histories.ts';

const KEYS = ['review', 'page', 'find-live-incident', 'live-note', 'closing-note', 'close-page'] as const;
/** More than there are effects: who needs as many turns goes round in circles. */
const ENOUGH_TURNS = 2 * KEYS.length + 1;

describe('the histories that the promises are tried on', () => {
  it.each(KEYS)('have %s done at least ten times in 1,000', (key) => {
    const stories = fc.sample(histories, { numRuns: 1_000, seed: fuzzing.seed }).map(lastStory);

    const done = stories.filter(({ effects }) => (effects.get(key)?.done ?? null) !== null);

    expect(done.length).toBeGreaterThanOrEqual(10);
  });
});

describe('whatever happens to a request', () => {
  it('an effect that is done is never due again', () => {
    checkEveryTurn(({ story, due }) => {
      for (const { key } of due) expect(story.effects.get(key)?.done ?? null).toBeNull();
    });
  });

  it('nothing is due twice at once', () => {
    checkEveryTurn(({ due }) => {
      expect(new Set(due.map(({ key }) => key)).size).toBe(due.length);
    });
  });

  it('nothing is intended, done or decided twice, so there is one page at most', () => {
    check(({ turns }) => {
      const keys = turns.map(({ event }) => onceKeyOf(event)).filter((key) => key !== null);

      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  it('an effect that is intended stays due, in its first wording, until it is done', () => {
    checkEveryTurn(({ event, before, dueBefore, due }) => {
      // A decision that replaces another, or the end of the request, may make it needless.
      if (event.kind === 'decided' || event.kind === 'ended') return;
      const pending = dueBefore.flatMap(({ key }) => before.effects.get(key)?.intended ?? []);
      const finished = event.kind === 'effect-done' ? event.key : null;

      for (const effect of pending) {
        if (effect.key !== finished) expect(due).toContainEqual(effect);
      }
    });
  });

  it('an effect is worded once, and for the incident of its request', () => {
    checkEveryTurn(({ story, due }) => {
      for (const effect of due) {
        expect(effect).toEqual(story.effects.get(effect.key)?.intended ?? effect);
        if ('incidentKey' in effect) {
          expect(effect.incidentKey).toBe(`oncall-approver/${story.decided?.request.id ?? ''}`);
        }
      }
    });
  });

  it('a review proposes what the decision in force says, while the request is pending', () => {
    checkEveryTurn(({ story, due }) => {
      const review = due.find(({ key }) => key === 'review');
      if (review?.key !== 'review' || story.ended !== null) return;

      expect(review.propose).toBe(story.decided?.decision.verdict === 'approve' ? 'approved' : 'denied');
    });
  });

  it('after its end nobody is paged or reviewed any more, save for a review that had begun', () => {
    checkEveryTurn(({ story, due }) => {
      if (story.ended === null) return;
      const keys = due.map(({ key }) => key);

      expect(keys).not.toContain('page');
      if (keys.includes('review')) expect(story.effects.has('review')).toBe(true);
      if (keys.includes('close-page')) expect(story.effects.has('page')).toBe(true);
    });
  });

  it('an abstention never leads to anything', () => {
    checkEveryTurn(({ story, dueBefore, due }) => {
      if (story.decided?.decision.verdict !== 'abstain' || dueBefore.length > 0) return;

      expect(due).toEqual([]);
    });
  });

  it('doing what is due comes to an end, and a request that has ended is then settled', () => {
    check(({ policy, turns }) => {
      let story = lastStory({ policy, turns });
      let due = dueEffects(story, policy, SETTING);
      for (let turn = 0; turn < ENOUGH_TURNS && due.length > 0; turn += 1) {
        story = done(due).reduce(withEvent, story);
        due = dueEffects(story, policy, SETTING);
      }

      expect(due).toEqual([]);
      expect(isSettled(story, due)).toBe(
        story.decided === null || story.ended !== null || story.decided.decision.verdict === 'abstain',
      );
    });
  });
});

/** The first of what is due, intended and done. */
function done(due: Turn['due']): readonly LedgerEvent[] {
  return due.slice(0, 1).flatMap((effect): LedgerEvent[] => {
    const requestId = '0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1b44';
    const outcome = { summary: 'done', ours: true, incidentId: 'Q1INCIDENT', url: null };
    return [
      { kind: 'effect-intended', requestId, effect },
      { kind: 'effect-done', requestId, key: effect.key, outcome },
    ];
  });
}

function check(holds: (history: History) => void): void {
  fc.assert(fc.property(histories, holds), fuzzing);
}

function checkEveryTurn(holds: (turn: Turn) => void): void {
  check(({ turns }) => {
    turns.forEach(holds);
  });
}
