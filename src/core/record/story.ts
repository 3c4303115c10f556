import type { Cause } from '../values/cause.ts';
import type { Effect, EffectKey, Outcome } from './effect.ts';
import { isPast, type Instant } from '../values/instant.ts';
import type {
  AccessCheck,
  Ending,
  LedgerEvent,
  RecordedAnswer,
  RecordedDecision,
  RecordedUse,
} from './ledger-entry.ts';
import { isResolved, type AccessRequest } from '../access-request.ts';

export interface EffectProgress {
  readonly intended: Effect;
  /** The decision that was in force when it was intended. */
  readonly under: RecordedDecision | null;
  readonly intendedAt: Instant;
  readonly done: Outcome | null;
  /** When it was done; null until then. */
  readonly doneAt: Instant | null;
  readonly failures: number;
  readonly lastFailure: Cause | null;
}

/** What the ledger knows of one request, folded from its entries. */
export interface Story {
  /** Since when a decision is put off for want of facts; null where none was. */
  readonly postponedSince: Instant | null;
  /** The decision in force: the last one. */
  readonly decided: RecordedDecision | null;
  readonly effects: ReadonlyMap<EffectKey, EffectProgress>;
  /** Answers to the page, in the order in which they were heard. */
  readonly answers: readonly RecordedAnswer[];
  /** Pages that somebody resolved without an answer, or with too few of them. */
  readonly pagesResolved: readonly string[];
  /** Those among them that were merged into another incident: which, or null where it cannot be read. */
  readonly pagesMerged: ReadonlyMap<string, string | null>;
  /** Those among them that this service closed for the others on them. */
  readonly pagesClosed: readonly string[];
  /** Each time a page was found to reach nobody who could answer. */
  readonly unheard: readonly { readonly incidentId: string; readonly at: Instant }[];
  /** The last look at whether the access goes on. */
  readonly access: AccessCheck | null;
  /** How often a look found that it is over. */
  readonly timesEnded: number;
  /** Whether somebody took our last lock away. */
  readonly unlocked: boolean;
  /** Whether `revoke` is heard on its pages while its access lasts. */
  readonly hearsRevoke: boolean;
  readonly ended: Ending | null;
  /** When that was recorded. */
  readonly endedAt: Instant | null;
  /** A denial that was set after the approval, as Teleport allows. The access had been given by then: its end is still watched. */
  readonly overturned: Ending | null;
  /** Accounts of what the access was used for; the last one counts. */
  readonly used: readonly RecordedUse[];
}

export const emptyStory: Story = {
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
  ended: null,
  endedAt: null,
  overturned: null,
  used: [],
};

/** An event and when it was recorded. */
export interface Told {
  readonly event: LedgerEvent;
  readonly at: Instant;
}

/** The story after one more entry. Entries are folded in the order of the ledger. */
export function withEvent(story: Story, { event, at }: Told): Story {
  switch (event.kind) {
    case 'policy':
    case 'checkpoint':
    case 'sealed-from':
    case 'cut-off':
    case 'page-begun':
    case 'asked-on':
    case 'watched':
      return story;
    case 'postponed':
      return { ...story, postponedSince: event.since };
    case 'decided':
      return { ...story, decided: event };
    case 'answered':
      return { ...story, answers: [...story.answers, event] };
    case 'page-resolved':
      return withResolved(story, event);
    case 'page-unheard':
      return { ...story, unheard: [...story.unheard, { incidentId: event.incidentId, at }] };
    case 'access-checked':
      return { ...story, access: event, timesEnded: story.timesEnded + (event.ends ? 1 : 0) };
    case 'used':
      return { ...story, used: [...story.used, event] };
    case 'unlocked':
      return { ...story, unlocked: true };
    case 'ended':
      return event.after === undefined
        ? { ...story, ended: event.ending, endedAt: at, hearsRevoke: event.hearsRevoke === true }
        : { ...story, overturned: event.ending };
    case 'effect-intended':
      return withProgress(story, event.effect.key, {
        intended: event.effect,
        under: story.decided,
        intendedAt: at,
        done: null,
        doneAt: null,
        failures: 0,
        lastFailure: null,
      });
    case 'effect-done':
      return withDone(story, event, at);
    case 'effect-failed':
      return changed(story, event.key, ({ failures }) => ({
        failures: failures + 1,
        lastFailure: event.cause,
      }));
  }
}

/** A lock that is set stands, whatever became of the one before it. */
function withDone(story: Story, { key, outcome }: LedgerEvent & { kind: 'effect-done' }, at: Instant): Story {
  const grown = changed(story, key, () => ({ done: outcome, doneAt: at }));
  return story.effects.get(key)?.intended.kind === 'lock' ? { ...grown, unlocked: false } : grown;
}

function withResolved(
  story: Story,
  { incidentId, mergedInto, byService }: LedgerEvent & { kind: 'page-resolved' },
): Story {
  const pagesResolved = [...story.pagesResolved, incidentId];
  const pagesClosed = byService === true ? [...story.pagesClosed, incidentId] : story.pagesClosed;
  if (mergedInto === undefined) return { ...story, pagesResolved, pagesClosed };
  return {
    ...story,
    pagesResolved,
    pagesClosed,
    pagesMerged: new Map(story.pagesMerged).set(incidentId, mergedInto),
  };
}

export function storyOf(entries: Iterable<Told>): Story {
  let story = emptyStory;
  for (const entry of entries) story = withEvent(story, entry);
  return story;
}

export function isDone(story: Story, key: EffectKey): boolean {
  return (story.effects.get(key)?.done ?? null) !== null;
}

/** The incident that the person was working on, where one was found. */
export function liveIncidentOf({ effects }: Story): string | null {
  return effects.get('find-live-incident')?.done?.incidentId ?? null;
}

function changed(
  story: Story,
  key: EffectKey,
  change: (progress: EffectProgress) => Partial<EffectProgress>,
): Story {
  const progress = story.effects.get(key);
  return progress === undefined ? story : withProgress(story, key, { ...progress, ...change(progress) });
}

function withProgress(story: Story, key: EffectKey, progress: EffectProgress): Story {
  return { ...story, effects: new Map(story.effects).set(key, progress) };
}

/** How a request ended, by what Teleport has of it now (null: nothing any more); null while it is pending. */
export function endingOf(request: AccessRequest | null, story: Story, now: Instant): Ending | null {
  if (request === null) {
    const expires = story.decided?.request.requestExpires ?? null;
    return { state: isPast(expires, now) ? 'expired' : 'deleted', by: null, reason: '' };
  }
  if (!isResolved(request)) {
    // Teleport may list a request for some minutes after its expiry; it is over all the same.
    const expired = isPast(request.requestExpires, now);
    return expired ? { state: 'expired', by: null, reason: '' } : null;
  }
  const { state } = request;
  const deciding = request.reviews.filter(({ proposedState }) => proposedState === state).at(-1);
  const at = state === 'approved' ? (deciding?.created ?? null) : null;
  return {
    ...{ state, by: deciding?.author ?? null, reason: request.resolveReason },
    ...(at === null ? {} : { at }),
  };
}
