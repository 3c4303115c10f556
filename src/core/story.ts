import type { Cause } from './cause.ts';
import type { Effect, EffectKey, Outcome } from './effect.ts';
import type { Ending, LedgerEvent, RecordedDecision } from './ledger-entry.ts';

export interface EffectProgress {
  readonly intended: Effect;
  readonly done: Outcome | null;
  readonly failures: number;
  readonly lastFailure: Cause | null;
}

/** What the ledger knows of one request, folded from its entries. */
export interface Story {
  /** The decision in force: the last one. */
  readonly decided: RecordedDecision | null;
  readonly effects: ReadonlyMap<EffectKey, EffectProgress>;
  readonly ended: Ending | null;
}

export const emptyStory: Story = { decided: null, effects: new Map(), ended: null };

/** The story after one more entry. Entries are folded in the order of the ledger. */
export function withEvent(story: Story, event: LedgerEvent): Story {
  switch (event.kind) {
    case 'policy':
    case 'checkpoint':
      return story;
    case 'decided':
      return { ...story, decided: event };
    case 'ended':
      return { ...story, ended: event.ending };
    case 'effect-intended':
      return withProgress(story, event.effect.key, {
        intended: event.effect,
        done: null,
        failures: 0,
        lastFailure: null,
      });
    case 'effect-done': {
      const progress = story.effects.get(event.key);
      return progress === undefined
        ? story
        : withProgress(story, event.key, { ...progress, done: event.outcome });
    }
    case 'effect-failed': {
      const progress = story.effects.get(event.key);
      return progress === undefined
        ? story
        : withProgress(story, event.key, {
            ...progress,
            failures: progress.failures + 1,
            lastFailure: event.cause,
          });
    }
  }
}

export function storyOf(events: Iterable<LedgerEvent>): Story {
  let story = emptyStory;
  for (const event of events) story = withEvent(story, event);
  return story;
}

function withProgress(story: Story, key: EffectKey, progress: EffectProgress): Story {
  return { ...story, effects: new Map(story.effects).set(key, progress) };
}
