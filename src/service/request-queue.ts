import { isResolved } from '../core/access-request.ts';
import { backoffMs, type Backoff } from '../core/values/backoff.ts';
import { SECOND } from '../core/values/instant.ts';
import type { Claims } from '../ports/claims.ts';
import { AlreadyRecordedError } from '../ports/ledger.ts';
import { claimed } from '../review/claimed.ts';
import type { Dependencies } from '../review/dependencies.ts';
import { createRequestHandler, type Observation } from '../review/handle-request.ts';
import { KeyedQueue } from '../watcher/keyed-queue.ts';

/** How many requests are handled at once: most of that time they wait for Teleport or PagerDuty. */
const CONCURRENCY = 128;
const HANDLING_BACKOFF: Backoff = { firstMs: 2 * SECOND, maxMs: 30 * SECOND };

/** Requests side by side, the events of one request in order; whatever fails is reported here and comes back. */
export function createRequestQueue(dependencies: Dependencies, claims: Claims): KeyedQueue<Observation> {
  const { reporter, random } = dependencies;
  const handleRequest = claimed(createRequestHandler(dependencies), claims);
  const failures = new Map<string, number>();
  return new KeyedQueue<Observation>({
    concurrency: CONCURRENCY,
    keyOf: ({ id }) => id,
    supersedes: (_newer, { request }) => request !== null && !isResolved(request),
    async handle(observed, signal) {
      try {
        const { comeBackInMs } = await handleRequest(observed, signal);
        failures.delete(observed.id);
        return comeBackInMs;
      } catch (error) {
        if (signal.aborted) return null;
        if (error instanceof AlreadyRecordedError) return 0;
        const attempt = (failures.get(observed.id) ?? 0) + 1;
        failures.set(observed.id, attempt);
        const retryInMs = backoffMs(HANDLING_BACKOFF, attempt, random());
        const cause = error instanceof Error ? error.message : String(error);
        reporter.handlingFailed({ requestId: observed.id, cause, retryInMs });
        return retryInMs;
      }
    },
  });
}
