import { asksForTheSame, isWhole, type AccessRequest, type RequestId } from '../core/access-request.ts';
import { dueEffects } from '../core/effects/due-effects.ts';
import { reviewKey } from '../core/effects/own-review.ts';
import type { Effect } from '../core/record/effect.ts';
import { endingOf, isDone, withEvent, type Story } from '../core/record/story.ts';
import { msBetween, SECOND, type Instant } from '../core/values/instant.ts';
import { DONE, type Next } from '../ports/next.ts';
import type { LedgerEvent } from '../core/record/ledger-entry.ts';
import { soleClaim, type Claim } from '../ports/claims.ts';
import type { ObservedRequest } from '../ports/teleport.ts';
import { lacksBinding } from '../core/answers/two-people.ts';
import { isOpposed, timeComesInMs } from '../core/coming.ts';
import { allPages, listeningPagesOf } from '../core/effects/asking-pages.ts';
import { whyNobodyIsAsked } from '../core/effects/on-silence.ts';
import { escalationOf } from '../core/effects/paging-rule.ts';
import { carryOutDue, stageOf } from './effects/carry-out-due.ts';
import type { Dependencies, PolicyInForce } from './dependencies.ts';
import { followUp } from './follow-up/follow-up.ts';
import { firstOnPages } from './follow-up/first-on-page.ts';
import { PageBoard } from './follow-up/page-board.ts';
import { createListOnPage, type ListOnPage } from './effects/list-on-page.ts';
import { createListening, type Listening } from './facts/listening.ts';
import { makeDecision, type Waiting } from './make-decision.ts';
import { later, soonest, type ComeBack, type Handled, type Stage, type StagedRequest } from './stage.ts';
import { createStoryWriter, intentionOf, type StoryWriter } from './story-writer.ts';

type InForce = Dependencies & PolicyInForce;

interface Known {
  readonly id: RequestId;
  readonly request: AccessRequest | null;
  /** When it was asked for by its id; null where it is as it was told of. */
  readonly foundAt: Instant | null;
}

/** How soon a decision made without facts is tried to be made again. */
const PROVISIONAL_RETRY_MS = 15 * SECOND;
/** How soon it is looked again for a shift that should have begun. */
const COME_RETRY_MS = 5 * SECOND;
/** An approval that could not be given for so long is decided anew: the shift may be over by now. */
const APPROVAL_FRESH_MS = 30 * SECOND;

/** So long what was found by its id is as good as asked for anew. */
const FOUND_HOLDS_MS = SECOND;

/** What the steps of one handling share. */
interface Handling {
  readonly writer: StoryWriter;
  readonly inForce: InForce;
  readonly signal: AbortSignal;
  readonly beside: Beside;
  /** Requests that wait for facts. */
  readonly waiting: Map<RequestId, Waiting>;
}

/**
 * One request, from what the ledger knows of it to what can be done for it now: the ten steps of `docs/architecture.md`. It is
 * safe to call for any request at any time and as often as one likes; only one call per request may run at once, which the claim
 * stands for where there are several replicas. Gives in which stage it goes on, and when. Throws LedgerUnavailableError or
 * ClaimLostError, and then nothing was done that is not recorded as intended.
 */
export function createRequestHandler(
  dependencies: Dependencies,
): (observed: StagedRequest, signal: AbortSignal, claim?: Claim) => Promise<Handled> {
  const waiting = new Map<RequestId, Waiting>();
  const listening = createListening(dependencies);
  const board = new PageBoard(dependencies.clock.now());
  const beside: Beside = {
    ...{ listening, board, listOnPage: createListOnPage(dependencies) },
  };

  async function handleRequest(
    given: StagedRequest,
    signal: AbortSignal,
    claim: Claim = soleClaim,
  ): Promise<Handled> {
    const inForce = { ...dependencies, ...dependencies.policyInForce() };
    const writer = createStoryWriter(given.id, inForce, claim);
    const handling: Handling = { writer, inForce, signal, beside, waiting };
    const { stage = 'decision' } = given;
    const known = await writer.read();
    if (stage !== 'decision') {
      const after = await afterTheDecision(stage, known, handling);
      return 'changed' in after
        ? handleRequest({ id: given.id, request: after.changed }, signal, claim)
        : after;
    }

    const observed = await asItIs(given, known, handling);
    const begun = await recordEnding(observed, known, handling);
    if (begun.ended !== null) {
      waiting.delete(observed.id);
      listening.forget(observed.id);
      board.leave(observed.id);
      // Others may wait where it was asked about, and a webhook names only whose page it was.
      for (const { incident } of allPages(begun)) board.callFirst(incident.id);
    }
    const turn = await decideIfNeeded(observed, begun, handling);
    if (turn.state === 'postponed') return { ...later(turn.retryInMs), isPostponed: true };
    if (turn.state === 'outdated') return handleRequest(given, signal, claim);

    const { intended: justIntended, seen } = turn;
    const context = { stage, justIntended, ...beside, ...(seen === undefined ? {} : { seen }) };
    const carried = await carryOutDue(turn.story, writer, inForce, signal, context);
    const { story, retry, left, changed } = carried;
    if (changed !== undefined) return handleRequest({ id: observed.id, request: changed }, signal, claim);
    if (left !== null) return goOn(stageOf(left));
    const isNews = turn.state === 'decided' || story.decided === null;
    if (retry.is === 'done' && !isNews) return goOn('follow-up');
    return soonest(retry, nextLook(story, inForce.clock.now()));
  }

  return async (given, signal, claim) => {
    const handled = await handleRequest(given, signal, claim);
    const called = board.takeCalls();
    return called.length === 0 ? handled : { ...handled, called };
  };
}

/** What requests have in common in this process. */
interface Beside {
  readonly listening: Listening;
  readonly board: PageBoard;
  readonly listOnPage: ListOnPage;
}

/** What was decided is carried on; what has happened since is decided upon by the first stage again. */
async function afterTheDecision(
  stage: 'page' | 'follow-up',
  known: Story,
  handling: Handling,
): Promise<Handled | { readonly changed: AccessRequest }> {
  const { writer, inForce, signal, beside } = handling;
  // Before anybody is paged again, the pages that there are are listened to: the next one may be needless, or fail for long.
  const followed =
    stage === 'follow-up' || allPages(known).length > 0
      ? await follow(known, handling)
      : { story: known, next: DONE };
  const firstSince = await firstOnPages(followed.story, inForce, beside.board);
  const context = { stage, justIntended: new Set<string>(), firstSince, ...beside };
  const carried = await carryOutDue(followed.story, writer, inForce, signal, context);
  const { story, retry, left, changed } = carried;
  if (changed !== undefined) return { changed };
  if (story.ended === null) beside.board.wait(writer.requestId, listeningPagesOf(story));
  if (left !== null) return goOn(stageOf(left));
  if (stage === 'follow-up')
    return soonest(retry, followed.next, provisionalLook(story, inForce.clock.now()));
  if (retry.is === 'done' && story.ended !== null) return goOn('follow-up');
  return soonest(retry, nextLook(story, inForce.clock.now()));
}

/**
 * What a listing says may have been resolved since; what is found by id has not. Nobody is paged for what is over. Of what comes back
 * by itself there is no news: it is as it was decided upon. And news that differ from that may be older.
 */
async function asItIs(
  { id, request, listed }: ObservedRequest,
  story: Story,
  { inForce: { requests, clock }, signal }: Handling,
): Promise<Known> {
  const asTold = (told: AccessRequest | null): Known => ({ id, request: told, foundAt: null });
  const found = async (): Promise<Known> => {
    const foundAt = clock.now();
    return { id, request: await requests.find(id, signal), foundAt };
  };
  if (request === null) return asTold(null);
  const { ended, decided } = story;
  // Before it is decided anew: somebody may have reviewed it meanwhile.
  if (timeComesInMs(story, clock.now()) === 0) return await found();
  if (listed === undefined && isWhole(request)) {
    const isAsDecided = ended !== null || decided === null || asksForTheSame(decided.request, request);
    return isAsDecided ? asTold(request) : await found();
  }
  const isNews = request.state !== 'pending' && request.state !== ended?.state;
  if (!isNews && ended !== null) return asTold(decided?.request ?? null);
  if (!isNews && listed === undefined && decided !== null) return asTold(decided.request);
  return await found();
}

/** What is left needs no waiting, but belongs to another stage. */
function goOn(stage: Stage): Next<Stage> {
  return { is: 'at-once', item: stage };
}

/** Notes how the request ended, if it has and was ours. */
async function recordEnding(
  { id, request }: Known,
  story: Story,
  { writer, inForce: { clock, reporter } }: Handling,
): Promise<Story> {
  const ending = endingOf(request, story, clock.now());
  if (ending === null) return story;
  if (story.ended !== null) {
    const isOverturned = story.ended.state === 'approved' && ending.state === 'denied';
    if (!isOverturned || story.overturned !== null) return story;
    reporter.ended({ requestId: id, ending });
    return writer.write(story, [{ kind: 'ended', requestId: id, ending, after: 'approved' }]);
  }
  if (story.decided === null && story.postponedSince === null) {
    if (!arrivesApproved(request)) return { ...story, ended: ending };
    reporter.arrivedApproved({ request });
    return writer.write(story, [{ kind: 'ended', requestId: id, ending, arrived: request }]);
  }
  reporter.ended({ requestId: id, ending });
  // Where people were asked, or are told of broken glass, there is a page on which they may end it.
  const isPaged = allPages(story).length > 0 || story.decided?.decision.breakGlass === true;
  const hearsRevoke = ending.state === 'approved' && isPaged;
  return writer.write(story, [
    { kind: 'ended', requestId: id, ending, ...(hearsRevoke ? { hearsRevoke } : {}) },
  ]);
}

/** Nobody decided on it, not even by a rule of Teleport's own: an administrator made it so, or set its state. */
function arrivesApproved(request: AccessRequest | null): request is AccessRequest {
  return request?.state === 'approved' && request.reviews.length === 0;
}

type Turn =
  | { readonly state: 'postponed'; readonly retryInMs: number }
  /** Other rules came into force while it was decided upon, and nothing is written. */
  | { readonly state: 'outdated' }
  | {
      readonly state: 'decided' | 'as-before';
      readonly story: Story;
      /** Effects that were recorded as intended just now, together with the decision. */
      readonly intended: ReadonlySet<Effect['key']>;
      /** The request, looked at again while that was written down. */
      readonly seen?: Promise<AccessRequest | null>;
    };

async function decideIfNeeded(
  { request, foundAt }: Known,
  story: Story,
  { writer, inForce, signal, waiting, beside: { listening } }: Handling,
): Promise<Turn> {
  const asBefore = { state: 'as-before', story, intended: new Set<string>() } as const;
  const { clock, reporter, policy, policyDigest, setting } = inForce;
  const began = clock.now();
  if (request === null || !needsDecision(story, began, request, policyDigest)) return asBefore;
  const made = await makeDecision(request, story, inForce, {
    signal,
    listening,
    waiting: {
      // Whoever began to wait for the facts, this process or one before it: a person is asked by the same time.
      since: story.postponedSince ?? waiting.get(request.id)?.since ?? began,
      attempt: waiting.get(request.id)?.attempt ?? 0,
    },
  });
  if (made.kind === 'postponed') {
    waiting.set(request.id, made.waiting);
    if (story.postponedSince === null) {
      const { since } = made.waiting;
      await writer.write(story, [{ kind: 'postponed', requestId: request.id, since, why: made.why }]);
    }
    return { state: 'postponed', retryInMs: made.retryInMs };
  }
  waiting.delete(request.id);
  if (made.kind === 'unchanged') return asBefore;
  const { decided } = made;
  if (decided.decision.verdict === 'approve' && inForce.policyInForce().policyDigest !== policyDigest)
    return { state: 'outdated' };
  const now = clock.now();
  // Decision and review's intention share a commit: nothing but the review itself is left on the way of an approval.
  const ahead = dueEffects(withEvent(story, { event: decided, at: now }), { policy, setting, now })
    .slice(0, 1)
    .filter((effect) => stageOf(effect) === 'decision');
  const intentions = ahead.flatMap((effect) => intentionOf(story, request.id, effect));
  // It is looked at again while this is written: what changed since it was decided upon is not reviewed, at no cost of time.
  // A clock that was put back tells nothing.
  const isJustFound = foundAt !== null && Math.abs(msBetween(foundAt, now)) <= FOUND_HOLDS_MS;
  const look = () => (isJustFound ? Promise.resolve(request) : inForce.requests.find(request.id, signal));
  const seen = intentions.length === 0 ? undefined : look();
  seen?.catch(() => undefined);
  const written = await writer.write(story, [decided, ...intentions]);
  reporter.decided({ decided, durationMs: msBetween(began, clock.now()) });
  if (decided.decision.verdict === 'escalate' && escalationOf(decided, policy) === null) {
    const why =
      'no service to page is configured for it: answer it in Teleport, and name one in `escalate.service` of its rule';
    reporter.nobodyToPage({ requestId: request.id, why });
  }
  const intended = new Set(intentions.map(keyOf));
  return { state: 'decided', story: written, intended, ...(seen === undefined ? {} : { seen }) };
}

/**
 * Not yet decided; decided without facts that may be had by now, or by an earlier version, which lacked some; refused by Teleport;
 * approved too long ago to act on it, or by other rules than those in force; or changed since.
 */
function needsDecision(story: Story, now: Instant, request: AccessRequest, policyDigest: string): boolean {
  const { decided, effects, ended } = story;
  if (ended !== null) return false;
  if (decided === null) return true;
  const key = reviewKey(story, decided);
  const refusal = effects.get(key)?.lastFailure ?? null;
  if (refusal !== null && !refusal.transient && decided.facts.reviewRefused === null) return true;
  if (!asksForTheSame(decided.request, request)) return true;
  const { verdict } = decided.decision;
  // Whether anybody's answer counts may depend on it.
  if (verdict === 'escalate' && lacksBinding(decided)) return true;
  if (verdict === 'escalate' && timeComesInMs(story, now) === 0 && !isOpposed(request)) return true;
  if (verdict !== 'approve') return decided.decision.provisional;
  const isOld = msBetween(decided.decidedAt, now) > APPROVAL_FRESH_MS;
  return !isDone(story, key) && (isOld || decided.policyDigest !== policyDigest);
}

/** Hears what no event of Teleport tells, and records it. */
async function follow(
  story: Story,
  { writer, inForce, signal, beside }: Handling,
): Promise<{ readonly story: Story; readonly next: ComeBack }> {
  let grown = story;
  const record = async (event: LedgerEvent): Promise<void> => {
    grown = await writer.write(grown, [event]);
    report(event, inForce);
  };
  const { events, next } = await followUp(story, { ...inForce, ...beside, record }, signal);
  for (const event of events) await record(event);
  const why =
    grown.decided === null || grown === story ? null : whyNobodyIsAsked(grown, grown.decided, inForce);
  if (why !== null) inForce.reporter.nobodyToPage({ requestId: writer.requestId, why });
  return { story: grown, next };
}

function report(event: LedgerEvent, { reporter }: InForce): void {
  if (event.kind === 'answered') reporter.answered({ recorded: event });
  if (event.kind === 'page-resolved') reporter.pageResolved(event);
  if (event.kind === 'unlocked') reporter.unlocked(event);
  if (event.kind === 'access-checked') reporter.accessChecked({ checked: event });
}

/** The first look at a page that was just opened; a provisional decision is made again before long. */
function nextLook(story: Story, now: Instant): ComeBack {
  const { ended, effects } = story;
  const paged = [...effects.values()].some(({ intended, done }) => intended.kind === 'page' && done !== null);
  const look = provisionalLook(story, now);
  return paged && ended === null ? soonest(later(PROVISIONAL_RETRY_MS), look) : look;
}

/** The time for which somebody asked a moment too early is not missed. */
function provisionalLook(story: Story, now: Instant): ComeBack {
  const { decided, ended } = story;
  if (decided === null || ended !== null) return DONE;
  const comesInMs = timeComesInMs(story, now);
  if (comesInMs !== null) return later(comesInMs === 0 ? COME_RETRY_MS : comesInMs);
  const { provisional, verdict } = decided.decision;
  return provisional && verdict !== 'approve' ? later(PROVISIONAL_RETRY_MS) : DONE;
}

function keyOf(event: LedgerEvent): string {
  return event.kind === 'effect-intended' ? event.effect.key : '';
}
