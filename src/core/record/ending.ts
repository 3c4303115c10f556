import { isResolved, type AccessRequest } from '../access-request.ts';
import { isPast, type Instant } from '../values/instant.ts';
import type { Ending } from './ledger-entry.ts';
import type { Story } from './story.ts';

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
  return { state, by: deciding?.author ?? null, reason: request.resolveReason };
}
