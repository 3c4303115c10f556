import type { AccessRequest, RequestId } from '../core/access-request.ts';
import { dueEffects } from '../core/effects/due-effects.ts';
import { reviewKey } from '../core/effects/own-review.ts';
import type { Effect } from '../core/effects/effect.ts';
import { endingOf } from '../core/record/ending.ts';
import { msBetween, SECOND, type Instant } from '../core/values/instant.ts';
import type { LedgerEvent } from '../core/record/ledger-entry.ts';
import { escalationOf } from '../core/effects/page-effects.ts';
import { isDone, withEvent, type Story } from '../core/record/story.ts';
import { carryOutDue } from './carry-out-due.ts';
import type { Dependencies, PolicyInForce } from './dependencies.ts';
import { followUp } from './follow-up.ts';
import { makeDecision, type Waiting } from './make-decision.ts';
import { createStoryWriter, intentionOf, type StoryWriter } from './story-writer.ts';

/** A request as Teleport has it now; null when Teleport has it no more. */
export interface Observation {
  readonly id: RequestId;
  readonly request: AccessRequest | null;
}

/** What is left to do, and when to come back for it. */
export interface Handled {
  readonly comeBackInMs: number | null;
}

type InForce = Dependencies & PolicyInForce;

/** How soon a decision made without facts is tried to be made again. */
const PROVISIONAL_RETRY_MS = 15 * SECOND;
/** An approval that could not be given for so long is decided anew: the shift may be over by now. */
const APPROVAL_FRESH_MS = 30 * SECOND;

/**
 * One request, from what the ledger knows of it to what can be done for it now: the ten steps of the README. It is safe to
 * call for any request at any time and as often as one likes; only one call per request may run at once. Throws
 * LedgerUnavailableError, and then nothing was done that is not recorded as intended.
 */
export function createRequestHandler(
  dependencies: Dependencies,
): (observed: Observation, signal: AbortSignal) => Promise<Handled> {
  const waiting = new Map<RequestId, Waiting>();

  return async function handleRequest(observed, signal) {
    const inForce = { ...dependencies, ...dependencies.policyInForce() };
    const writer = createStoryWriter(observed.id, inForce);
    const begun = await recordEnding(observed, await writer.read(), writer, inForce);
    if (begun.ended !== null) waiting.delete(observed.id);

    const turn = await decideIfNeeded(observed, begun, writer, inForce, signal, waiting);
    if (turn.state === 'postponed') return { comeBackInMs: turn.retryInMs };

    const followed =
      turn.state === 'decided'
        ? { story: turn.story, comeBackInMs: null }
        : await follow(turn.story, writer, inForce, signal);
    const { story, retryInMs } = await carryOutDue(followed.story, writer, inForce, signal, turn.intended);
    return { comeBackInMs: soonest([retryInMs, followed.comeBackInMs, nextLook(story, turn.state)]) };
  };
}

/** Notes how the request ended, if it has and was ours. */
async function recordEnding(
  { id, request }: Observation,
  story: Story,
  writer: StoryWriter,
  { clock, reporter }: InForce,
): Promise<Story> {
  const ending = endingOf(request, story, clock.now());
  if (ending === null || story.ended !== null) return story;
  if (story.decided === null) return { ...story, ended: ending };
  reporter.ended({ requestId: id, ending });
  return writer.write(story, [{ kind: 'ended', requestId: id, ending }]);
}

type Turn =
  | { readonly state: 'postponed'; readonly retryInMs: number }
  | {
      readonly state: 'decided' | 'as-before';
      readonly story: Story;
      /** Effects that were recorded as intended just now, together with the decision. */
      readonly intended: ReadonlySet<Effect['key']>;
    };

async function decideIfNeeded(
  { request }: Observation,
  story: Story,
  writer: StoryWriter,
  inForce: InForce,
  signal: AbortSignal,
  waiting: Map<RequestId, Waiting>,
): Promise<Turn> {
  const asBefore = { state: 'as-before', story, intended: new Set<string>() } as const;
  const { clock, reporter, policy, setting } = inForce;
  const began = clock.now();
  if (request === null || !needsDecision(story, began)) return asBefore;
  const made = await makeDecision(request, story, inForce, {
    signal,
    waiting: waiting.get(request.id) ?? { since: began, attempt: 0 },
  });
  if (made.kind === 'postponed') {
    waiting.set(request.id, made.waiting);
    return { state: 'postponed', retryInMs: made.retryInMs };
  }
  waiting.delete(request.id);
  if (made.kind === 'unchanged') return asBefore;
  const { decided } = made;
  const now = clock.now();
  // Decision and first intention share a commit: nothing but the review itself is left on the way of an approval.
  const ahead = dueEffects(withEvent(story, { event: decided, at: now }), { policy, setting, now }).slice(
    0,
    1,
  );
  const intentions = ahead.flatMap((effect) => intentionOf(story, request.id, effect));
  const written = await writer.write(story, [decided, ...intentions]);
  reporter.decided({ decided, durationMs: msBetween(began, clock.now()) });
  if (decided.decision.verdict === 'escalate' && escalationOf(decided, policy) === null) {
    reporter.nobodyToPage({ requestId: request.id });
  }
  return { state: 'decided', story: written, intended: new Set(intentions.map(keyOf)) };
}

/** Not yet decided; decided without facts that may be had by now; refused by Teleport; or approved too long ago to act on it. */
function needsDecision(story: Story, now: Instant): boolean {
  const { decided, effects, ended } = story;
  if (ended !== null) return false;
  if (decided === null) return true;
  const key = reviewKey(story, decided);
  const refusal = effects.get(key)?.lastFailure ?? null;
  if (refusal !== null && !refusal.transient && decided.facts.reviewRefused === null) return true;
  if (decided.decision.verdict !== 'approve') return decided.decision.provisional;
  return !isDone(story, key) && msBetween(decided.decidedAt, now) > APPROVAL_FRESH_MS;
}

/** Hears what no event of Teleport tells, and records it. */
async function follow(
  story: Story,
  writer: StoryWriter,
  inForce: InForce,
  signal: AbortSignal,
): Promise<{ readonly story: Story; readonly comeBackInMs: number | null }> {
  const { events, comeBackInMs } = await followUp(story, inForce, signal);
  const grown = await writer.write(story, events);
  for (const event of events) report(event, inForce);
  return { story: grown, comeBackInMs };
}

function report(event: LedgerEvent, { reporter }: InForce): void {
  if (event.kind === 'answered') reporter.answered({ recorded: event });
  if (event.kind === 'page-resolved') reporter.pageResolved(event);
  if (event.kind === 'unlocked') reporter.unlocked(event);
  if (event.kind === 'access-checked') reporter.accessChecked({ checked: event });
}

/** After a decision or an answer the follow-up is due at once; a provisional decision is made again before long. */
function nextLook({ decided, ended, effects }: Story, turn: 'decided' | 'as-before'): number | null {
  if (decided === null) return null;
  const provisional =
    ended === null && decided.decision.provisional && decided.decision.verdict !== 'approve';
  if (provisional) return PROVISIONAL_RETRY_MS;
  const paged = [...effects.values()].some(({ intended, done }) => intended.kind === 'page' && done !== null);
  return turn === 'decided' && paged && ended === null ? PROVISIONAL_RETRY_MS : null;
}

function soonest(delays: readonly (number | null)[]): number | null {
  const known = delays.filter((delay) => delay !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function keyOf(event: LedgerEvent): string {
  return event.kind === 'effect-intended' ? event.effect.key : '';
}
