import type { AccessRequest } from '../../core/access-request.ts';
import { awaitsShiftEnd, watchesLock } from '../../core/effects/access-end.ts';
import { backoffMs, type Backoff } from '../../core/values/backoff.ts';
import { mayBeRevoked } from '../../core/effects/revocation.ts';
import { dueEffects, isSettled } from '../../core/effects/due-effects.ts';
import type { FirstSince } from '../../core/effects/effect-context.ts';
import { whyNobodyIsAsked } from '../../core/effects/on-silence.ts';
import type { Effect } from '../../core/record/effect.ts';
import type { Look } from '../../core/silence.ts';
import type { Cause } from '../../core/values/cause.ts';
import { MINUTE, msBetween, SECOND } from '../../core/values/instant.ts';
import type { RecordedDecision } from '../../core/record/ledger-entry.ts';
import type { Policy } from '../../core/rule.ts';
import type { Story } from '../../core/record/story.ts';
import { whyAnswerLapsed } from '../../core/effects/reviews-on-behalf.ts';
import { DONE } from '../../ports/next.ts';
import { carryOut } from './carry-out.ts';
import type { ListOnPage } from './list-on-page.ts';
import { needsPlace, takePlace } from './take-place.ts';
import { causeOf } from '../cause-of.ts';
import type { Dependencies, PolicyInForce } from '../dependencies.ts';
import { asPage, type BegunPage } from './own-page.ts';
import type { Listening } from '../facts/listening.ts';
import { later, type ComeBack, type Stage } from '../stage.ts';
import { RequestChangedError } from './effect-attempt.ts';
import { intentionOf, type StoryWriter } from '../story-writer.ts';

const EFFECT_BACKOFF: Backoff = { firstMs: SECOND, maxMs: MINUTE };
/** A refusal that repeating does not mend: tried now and then, in case somebody mended its cause. */
const REFUSED_RETRY_MS = 5 * MINUTE;
/** Somebody waits who nobody knows of. */
const REFUSED_PAGE_RETRY_MS = MINUTE;

export interface CarriedOut {
  readonly story: Story;
  /** When to try again what failed; done when nothing did. */
  readonly retry: ComeBack;
  /** What is due next, but belongs to another stage; null when nothing is. */
  readonly left: Effect | null;
  /** The request as it is now, where it is not what was decided upon any more. */
  readonly changed?: AccessRequest;
}

interface Context {
  readonly stage: Stage;
  readonly justIntended: ReadonlySet<Effect['key']>;
  readonly listening: Pick<Listening, 'pageTried'>;
  readonly listOnPage: ListOnPage;
  readonly firstSince?: FirstSince;
  /** The request, asked for while the decision was written down. */
  readonly seen?: Promise<AccessRequest | null>;
}

/**
 * Each due effect of the stage in turn: recorded as intended, done, recorded as done. The first failure ends the turn, but that of a page
 * keeps no other from being opened.
 */
export async function carryOutDue(
  begun: Story,
  writer: StoryWriter,
  dependencies: Dependencies & Pick<PolicyInForce, 'policy'>,
  signal: AbortSignal,
  { stage, seen, listening, listOnPage, firstSince, ...context }: Context,
): Promise<CarriedOut> {
  const justIntended = new Set(context.justIntended);
  const { policy, setting, reporter, clock } = dependencies;
  const { requestId } = writer;
  const failed = new Map<Effect['key'], number>();
  // Pages for which one is being opened that will do: that keeps no other team from being asked.
  const opening = new Set<Effect['key']>();
  let story = begun;
  for (;;) {
    const now = clock.now();
    const due = dueEffects(story, { policy, setting, now, ...(firstSince && { firstSince }) });
    const effect = due.find(({ key }) => !opening.has(key));
    const { decided } = story;
    if (decided === null) {
      // Over before it was decided, which is recorded if it was put off or arrived approved: nothing will come of it any more.
      if (story.ended !== null) await writer.settle(true);
      return { story, retry: DONE, left: null };
    }
    if (effect === undefined && opening.size > 0)
      return { story, retry: later(Math.min(...failed.values())), left: null };
    if (effect === undefined) {
      const watched =
        awaitsShiftEnd(story, { policy, now }) || watchesLock(story, now) || mayBeRevoked(story, now);
      await writer.settle(isSettled(story, due, watched));
      return { story, retry: DONE, left: null };
    }
    if (failed.has(effect.key)) return { story, retry: later(Math.min(...failed.values())), left: null };
    const isPage = effect.kind === 'page';
    const isBegunHere = justIntended.has(effect.key);
    // What comes after a page that is waited for is due all the same.
    const isHere = stageOf(effect) === stage || isBegunHere || opening.size > 0;
    if (!isHere) return { story, retry: DONE, left: effect };
    if (needsPlace(effect, story)) {
      const placed = await takePlace(effect, story, decided, writer, dependencies);
      if (placed === null) {
        opening.add(effect.key);
        failed.set(effect.key, openingLookMs(msBetween(decided.decidedAt, now)));
      } else {
        story = placed;
        justIntended.add(effect.key);
      }
      continue;
    }
    const { key } = effect;
    const before = isBegunHere ? undefined : story.effects.get(key);
    const again = before !== undefined;
    // An attempt of which nobody has heard: not even that it failed.
    const interruptedAt = before?.failures === 0 ? before.intendedAt : null;
    story = await writer.write(story, intentionOf(story, requestId, effect));
    const began = clock.now();
    try {
      const ensureHeld = (): void => writer.ensureHeld();
      const onlyLook = whyOnlyLook(story, effect, decided, policy);
      const heard = (look: Look, silence: Cause | null): void =>
        listening.pageTried(requestId, look, silence);
      const attempt = {
        ...{ requestId, decided, effect, again, interruptedAt, onlyLook, ensureHeld, heard },
        ...{ pages: begunPages(story, decided), listOnPage },
        ...(seen === undefined ? {} : { seen }),
      };
      const outcome = await carryOut(attempt, dependencies, signal);
      story = await writer.write(story, [{ kind: 'effect-done', requestId, key, outcome }]);
      reporter.effectDone({ requestId, key, outcome, durationMs: msBetween(began, clock.now()) });
      // Whom a finding reaches is nobody's concern: nobody has to answer it.
      const isUnheard = outcome.reaches === 'nobody' && effect.kind !== 'finding';
      const why = isUnheard ? whyNobodyIsAsked(story, decided, { policy }) : null;
      if (why !== null) reporter.nobodyToPage({ requestId, why });
    } catch (error) {
      signal.throwIfAborted();
      const changed = error instanceof RequestChangedError ? error : null;
      const cause =
        changed === null
          ? causeOf(error)
          : ({ code: 'refused', message: changed.message, transient: true } as const);
      story = await writer.write(story, [{ kind: 'effect-failed', requestId, key, cause }]);
      const failures = story.effects.get(key)?.failures ?? 1;
      const retryInMs = changed === null ? retryDelay(effect, cause.transient, failures, dependencies) : 0;
      reporter.effectFailed({ requestId, key, cause, failures, retryInMs });
      if (isPage && !cause.transient) reporter.nobodyToPage({ requestId, why: cause.message });
      failed.set(key, retryInMs);
      if (isPage) continue;
      const retry = later(retryInMs);
      return { story, retry, left: null, ...(changed === null ? {} : { changed: changed.request }) };
    }
  }
}

/** How soon it is looked again whether the page of another request is open by now. */
function openingLookMs(waitedMs: number): number {
  return Math.min(5 * SECOND, Math.max(SECOND, waitedMs / 10));
}

function begunPages({ effects }: Story, { request }: RecordedDecision): readonly BegunPage[] {
  return [...effects.values()].flatMap(({ intended, intendedAt }) => {
    const since = request.created ?? intendedAt;
    if (intended.kind === 'page') return [{ page: intended, since }];
    return intended.kind === 'finding' ? [{ page: asPage(intended), since }] : [];
  });
}

/** The request has ended; or the answer that a begun review on behalf is for does not count any more. */
function whyOnlyLook(story: Story, effect: Effect, decided: RecordedDecision, policy: Policy): string | null {
  if (story.ended !== null) return 'the request ended before it was reviewed';
  return effect.kind === 'vote' ? whyAnswerLapsed(story, effect, decided, policy) : null;
}

/** A refused review is decided anew at once, so that a person is asked; everything else waits. */
function retryDelay(
  { kind }: Effect,
  transient: boolean,
  failures: number,
  { random }: Pick<Dependencies, 'random'>,
): number {
  if (transient) return backoffMs(EFFECT_BACKOFF, failures, random());
  if (kind === 'page') return REFUSED_PAGE_RETRY_MS;
  return kind === 'review' && failures === 1 ? 0 : REFUSED_RETRY_MS;
}

/** Behind what it waits. Reviews on behalf and locks come with what was heard since the decision, so they belong where it is heard. */
export function stageOf(effect: Effect): Stage {
  if (effect.kind === 'review') return 'decision';
  // A note on a page that is open is not waited for by anybody else's page.
  return effect.kind === 'page' && effect.joins === undefined ? 'page' : 'follow-up';
}
