import type { RequestId } from '../core/access-request.ts';
import type { Effect } from '../core/record/effect.ts';
import { subjectOf, type LedgerEvent } from '../core/record/ledger-entry.ts';
import { storyOf, withEvent, type Story } from '../core/record/story.ts';
import type { Claim } from '../ports/claims.ts';
import type { Dependencies } from './dependencies.ts';

/** The ledger as one request sees it: a story that is read once and grows with what is written. */
export interface StoryWriter {
  readonly requestId: RequestId;
  /** Throws ClaimLostError when another replica may have the request by now: then nothing may be done for it here. */
  readonly ensureHeld: () => void;
  read(): Promise<Story>;
  /** Writes all events or none, and gives the story with them. Throws ClaimLostError when the claim is over. */
  write(story: Story, events: readonly LedgerEvent[]): Promise<Story>;
  settle(settled: boolean): Promise<void>;
}

export function createStoryWriter(
  requestId: RequestId,
  { ledger, clock }: Pick<Dependencies, 'ledger' | 'clock'>,
  { fence, ensureHeld }: Pick<Claim, 'fence' | 'ensureHeld'>,
): StoryWriter {
  // Its entries that are known here: one that others write meanwhile, an account of use for instance, keeps the request open.
  let known = 0;
  // Whatever is written for a request opens it.
  let isOpen = false;
  return {
    requestId,
    ensureHeld,
    async read() {
      const entries = await ledger.entriesOf(requestId);
      known = entries.length;
      return storyOf(entries);
    },
    async write(story, events) {
      if (events.length === 0) return story;
      const at = clock.now();
      await ledger.append(events, at, fence);
      known += events.filter((event) => subjectOf(event) === requestId).length;
      isOpen = true;
      return events.reduce((grown, event) => withEvent(grown, { event, at }), story);
    },
    async settle(settled) {
      // What another replica has begun since then must not be taken for settled.
      ensureHeld();
      if (settled) await ledger.settle(requestId, known);
      else if (!isOpen) await ledger.reopen(requestId);
      isOpen = !settled;
    },
  };
}

/** The entry that an effect is intended by; none where it was intended before. */
export function intentionOf(story: Story, requestId: RequestId, effect: Effect): readonly LedgerEvent[] {
  return story.effects.has(effect.key) ? [] : [{ kind: 'effect-intended', requestId, effect }];
}
