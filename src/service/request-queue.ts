import { isResolved, seenOf } from '../core/access-request.ts';
import { backoffMs, type Backoff } from '../core/values/backoff.ts';
import { MINUTE, SECOND } from '../core/values/instant.ts';
import { DONE } from '../ports/next.ts';
import type { Claims } from '../ports/claims.ts';
import { AlreadyRecordedError, LedgerForgedError } from '../ports/ledger.ts';
import type { Tracing } from '../ports/tracing.ts';
import { withClaim } from '../review/with-claim.ts';
import type { Dependencies } from '../review/dependencies.ts';
import { createRequestHandler } from '../review/handle-request.ts';
import type { Stage, StagedRequest } from '../review/stage.ts';
import { KeyedQueue } from '../watcher/keyed-queue.ts';
import { messageOf } from '../core/values/cause.ts';

/** How many requests are handled at once, by stage: most of that time they wait for Teleport or PagerDuty. */
const PLACES: Readonly<Record<Stage, number>> = { decision: 128, page: 64, 'follow-up': 64 };
/** And how many of one requester: few decisions, so that others' requests are seen soon; many pages, since those share notes. */
const MOST_OF_ONE: Readonly<Record<Stage, number>> = { decision: 24, page: 32, 'follow-up': 32 };
/** PagerDuty takes two pages and two notes at a time: with more places those would only keep decisions from the processor. */
const PLACES_BESIDE_DECISIONS = 8;
const HANDLING_BACKOFF: Backoff = { firstMs: 2 * SECOND, maxMs: 30 * SECOND };

/** So many are held whole while they wait for a place or for facts; of more, what is needed is asked for when their turn comes. */
const MOST_HELD = 2_000;

/** Two replicas may race more than once over the same request, but not for ever. */
const REPETITIONS_AT_ONCE = 20;
/** Somebody has to mend the ledger, or the key. */
const FORGED_LOOK_MS = 2 * MINUTE;

/**
 * Requests side by side, the events of one request in order, decisions never behind pages; whatever fails is reported here and
 * comes back.
 */
export function createRequestQueue(
  dependencies: Dependencies,
  claims: Claims,
  tracing: Tracing | null = null,
): KeyedQueue<StagedRequest, Stage> {
  const { reporter, random } = dependencies;
  const handled = withClaim(createRequestHandler(dependencies), claims);
  const handleRequest = tracing === null ? handled : traced(handled, tracing);
  const failures = new Map<string, number>();
  const repetitions = new Map<string, number>();
  const forged = new Set<string>();
  const postponed = new Set<string>();
  const queue = new KeyedQueue<StagedRequest, Stage>({
    places: PLACES,
    mostOfOne: MOST_OF_ONE,
    urgent: { lane: 'decision', placesBeside: PLACES_BESIDE_DECISIONS },
    keyOf: ({ id }) => id,
    ownerOf: ({ id, request }) => request?.requester ?? id,
    kept: (observed, waiting) =>
      waiting < MOST_HELD || observed.request === null
        ? observed
        : { ...observed, request: seenOf(observed.request), listed: true },
    laneOf: ({ stage = 'decision' }) => stage,
    // Where an end waits in a later stage, it is in the ledger already.
    supersedes: (_newer, { request, stage = 'decision' }) =>
      stage !== 'decision' || (request !== null && !isResolved(request)),
    async handle(observed, signal) {
      const { id, request, listed } = observed;
      const seen = request && seenOf(request);
      const fromTheStart = { id, request: seen, ...(listed === undefined ? {} : { listed }) };
      try {
        const next = await handleRequest(observed, signal);
        for (const each of next.called ?? []) queue.push(queue.repeating(each) ?? unseen(each));
        const isHeld = next.isPostponed === true && (postponed.has(id) || postponed.size < MOST_HELD);
        if (isHeld) postponed.add(id);
        else postponed.delete(id);
        repetitions.delete(id);
        if (forged.delete(id)) reporter.recordSound({ requestId: id });
        if (next.is === 'at-once') return { is: next.is, item: { id, request: seen, stage: next.item } };
        failures.delete(id);
        if (next.is === 'done') return next;
        return { is: next.is, inMs: next.inMs, item: isHeld ? { ...fromTheStart, request } : fromTheStart };
      } catch (error) {
        if (signal.aborted) return DONE;
        if (error instanceof LedgerForgedError) {
          if (!forged.has(id)) reporter.recordForged({ requestId: id, cause: error.message });
          forged.add(id);
          return { is: 'later', item: fromTheStart, inMs: FORGED_LOOK_MS };
        }
        if (error instanceof AlreadyRecordedError) {
          const times = (repetitions.get(id) ?? 0) + 1;
          repetitions.set(id, times);
          // What was written once is read the next time. Where it is not, something else is wrong, and haste does not mend it.
          if (times <= REPETITIONS_AT_ONCE) return { is: 'later', item: fromTheStart, inMs: 0 };
        }
        const attempt = (failures.get(id) ?? 0) + 1;
        failures.set(id, attempt);
        const retryInMs = backoffMs(HANDLING_BACKOFF, attempt, random());
        const cause = messageOf(error);
        reporter.handlingFailed({ requestId: id, cause, retryInMs });
        return { is: 'later', item: fromTheStart, inMs: retryInMs };
      }
    },
  });
  return queue;
}

function traced(handle: HandleClaimed, tracing: Tracing): HandleClaimed {
  return (observed, signal) => {
    const { id: requestId, stage = 'decision' } = observed;
    return tracing.handling({ requestId, stage }, () => handle(observed, signal));
  };
}

type HandleClaimed = ReturnType<typeof withClaim>;

/** Of a request that comes back by itself nothing is new: it is as the ledger has it. */
function unseen(id: string): StagedRequest {
  return { id, request: { id, revision: '', requester: '', state: 'pending', created: null } };
}
