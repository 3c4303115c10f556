import { isResolved, type AccessRequest, type RequestId } from '../core/access-request.ts';
import { backoffMs, type Backoff } from '../core/backoff.ts';
import { dueEffects, escalationOf, isSettled } from '../core/due-effects.ts';
import type { Effect } from '../core/effect.ts';
import { MINUTE, msBetween, SECOND, type Instant } from '../core/instant.ts';
import type { Ending, LedgerEvent } from '../core/ledger-entry.ts';
import type { Policy } from '../core/rule.ts';
import { storyOf, withEvent, type Story } from '../core/story.ts';
import { carryOut } from './carry-out.ts';
import { causeOf } from './cause-of.ts';
import type { Dependencies, PolicyInForce } from './dependencies.ts';
import { makeDecision } from './make-decision.ts';

/** A request as Teleport has it now; null when Teleport has it no more. */
export interface Observation {
  readonly id: RequestId;
  readonly request: AccessRequest | null;
}

/** What is left to do, and when to come back for it. */
export interface Handled {
  readonly comeBackInMs: number | null;
}

const EFFECT_BACKOFF: Backoff = { firstMs: SECOND, maxMs: MINUTE };
/** A refusal that repeating does not mend: tried now and then, in case somebody mended its cause. */
const REFUSED_RETRY_MS = 5 * MINUTE;
/** How soon a decision made without facts is tried to be made again. */
const PROVISIONAL_RETRY_MS = 15 * SECOND;

/**
 * One request, from what the ledger knows of it to what can be done for it now: the ten steps of the README. It is safe to
 * call for any request at any time and as often as one likes; only one call per request may run at once. Throws
 * LedgerUnavailableError, and then nothing was done that is not recorded as intended.
 */
export function createRequestHandler(
  dependencies: Dependencies,
): (observed: Observation, signal: AbortSignal) => Promise<Handled> {
  const waiting = new Map<RequestId, { readonly since: Instant; readonly attempt: number }>();

  return async function handleRequest(observed, signal) {
    const inForce = dependencies.policyInForce();
    const ledger = createStoryWriter(observed.id, dependencies);
    let story = await ledger.read();

    const ending = endingOf(observed, story, dependencies.clock.now());
    if (ending !== null) waiting.delete(observed.id);
    if (ending !== null && story.decided !== null && story.ended === null) {
      story = await ledger.write(story, [{ kind: 'ended', requestId: observed.id, ending }]);
      dependencies.reporter.ended({ requestId: observed.id, ending });
    }

    if (ending === null && observed.request !== null && needsDecision(story)) {
      const began = dependencies.clock.now();
      const made = await makeDecision(observed.request, story, dependencies, {
        signal,
        inForce,
        waiting: waiting.get(observed.id) ?? { since: began, attempt: 0 },
      });
      if (made.kind === 'postponed') {
        waiting.set(observed.id, made.waiting);
        return { comeBackInMs: made.retryInMs };
      }
      waiting.delete(observed.id);
      if (made.kind === 'decided') {
        const { decided } = made;
        const first = dueEffects(withEvent(story, decided), inForce.policy, dependencies.setting).slice(0, 1);
        story = await ledger.write(story, [
          decided,
          ...first.flatMap((effect) => intention(story, decided.requestId, effect)),
        ]);
        dependencies.reporter.decided({ decided, durationMs: msBetween(began, dependencies.clock.now()) });
        warnIfNobodyIsPaged(story, inForce.policy, dependencies);
        return carryOutDue(
          story,
          ledger,
          { ...dependencies, policy: inForce.policy },
          signal,
          new Set(first.map(({ key }) => key)),
        );
      }
    }
    return carryOutDue(story, ledger, { ...dependencies, policy: inForce.policy }, signal, new Set());
  };
}

/** Not yet decided, or decided without facts that may be had by now, or approved and refused by Teleport. */
function needsDecision({ decided, effects, ended }: Story): boolean {
  if (ended !== null) return false;
  if (decided === null) return true;
  const refusal = effects.get('review')?.lastFailure ?? null;
  const refused = refusal !== null && !refusal.transient && decided.facts.reviewRefused === null;
  const { verdict, provisional } = decided.decision;
  return (provisional && verdict !== 'approve') || refused;
}

function isProvisional({ decided, ended }: Story): boolean {
  return ended === null && decided?.decision.provisional === true && decided.decision.verdict !== 'approve';
}

/** Each due effect in turn: recorded as intended, done, recorded as done. The first failure ends the turn. */
async function carryOutDue(
  begun: Story,
  ledger: StoryWriter,
  dependencies: Dependencies & Pick<PolicyInForce, 'policy'>,
  signal: AbortSignal,
  justIntended: ReadonlySet<Effect['key']>,
): Promise<Handled> {
  const { policy, setting, reporter, clock } = dependencies;
  let story = begun;
  for (;;) {
    const due = dueEffects(story, policy, setting);
    const [effect] = due;
    if (effect === undefined) {
      if (story.decided !== null) await ledger.settle(isSettled(story, due));
      return { comeBackInMs: isProvisional(story) ? PROVISIONAL_RETRY_MS : null };
    }
    const { requestId, key } = { requestId: ledger.requestId, key: effect.key };
    const again = story.effects.has(key) && !justIntended.has(key);
    const intended = intention(story, requestId, effect);
    if (intended.length > 0) story = await ledger.write(story, intended);
    const began = clock.now();
    try {
      const outcome = await carryOut({ requestId, effect, again }, dependencies, signal);
      story = await ledger.write(story, [{ kind: 'effect-done', requestId, key, outcome }]);
      reporter.effectDone({ requestId, key, outcome, durationMs: msBetween(began, clock.now()) });
    } catch (error) {
      signal.throwIfAborted();
      const cause = causeOf(error);
      story = await ledger.write(story, [{ kind: 'effect-failed', requestId, key, cause }]);
      const failures = story.effects.get(key)?.failures ?? 1;
      const retryInMs = retryDelay(key, cause.transient, failures, dependencies);
      reporter.effectFailed({ requestId, key, cause, failures, retryInMs });
      return { comeBackInMs: retryInMs };
    }
  }
}

/** A refused review is decided anew at once, so that a person is asked; everything else waits. */
function retryDelay(
  key: Effect['key'],
  transient: boolean,
  failures: number,
  { random }: Dependencies,
): number {
  if (transient) return backoffMs(EFFECT_BACKOFF, failures, random());
  return key === 'review' && failures === 1 ? 0 : REFUSED_RETRY_MS;
}

function intention(story: Story, requestId: RequestId, effect: Effect): LedgerEvent[] {
  return story.effects.has(effect.key) ? [] : [{ kind: 'effect-intended', requestId, effect }];
}

function endingOf({ request }: Observation, story: Story, now: Instant): Ending | null {
  if (request === null) {
    const expires = story.decided?.request.requestExpires ?? null;
    return { state: expires !== null && expires <= now ? 'expired' : 'deleted', by: null, reason: '' };
  }
  if (!isResolved(request)) {
    // Teleport may list a request for some minutes after its expiry (`teleport-wire.md` §3.9); it is over all the same.
    const expired = request.requestExpires !== null && request.requestExpires <= now;
    return expired ? { state: 'expired', by: null, reason: '' } : null;
  }
  const { state } = request;
  const deciding = request.reviews.filter(({ proposedState }) => proposedState === state).at(-1);
  return { state, by: deciding?.author ?? null, reason: request.resolveReason };
}

function warnIfNobodyIsPaged({ decided }: Story, policy: Policy, { reporter }: Dependencies): void {
  if (decided?.decision.verdict === 'escalate' && escalationOf(decided, policy) === null) {
    reporter.nobodyToPage({ requestId: decided.requestId });
  }
}

type StoryWriter = ReturnType<typeof createStoryWriter>;

/** The ledger as one request sees it: a story that is read once and grows with what is written. */
function createStoryWriter(requestId: RequestId, { ledger, clock }: Dependencies) {
  return {
    requestId,
    async read(): Promise<Story> {
      return storyOf((await ledger.entriesOf(requestId)).map(({ event }) => event));
    },
    async write(story: Story, events: readonly LedgerEvent[]): Promise<Story> {
      await ledger.append(events, clock.now());
      return events.reduce(withEvent, story);
    },
    async settle(settled: boolean): Promise<void> {
      await ledger.markSettled(requestId, settled);
    },
  };
}
