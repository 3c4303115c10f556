import type { SeenRequest } from '../../src/core/access-request.ts';
import type { AccessRequestEvent, AccessRequests } from '../../src/ports/teleport.ts';
import { Mailbox } from './mailbox.ts';

/** One call of `watch`, in the hands of the test. */
export interface Stream {
  readonly signal: AbortSignal;
  yields(event: AccessRequestEvent): void;
  /** The identity was renewed. */
  superseded(): void;
  ends(): void;
  fails(error: Error): void;
}

/** One call of `listPending`, in the hands of the test. */
export interface Listing {
  answers(pending: readonly SeenRequest[], malformed?: readonly string[]): void;
  fails(error: Error): void;
}

/**
 * Teleport's requests as far as the watch uses them. As the port has it, a stream ends quietly when its signal aborts, and a
 * listing then fails.
 */
export class FakeAccessRequests implements AccessRequests {
  readonly #streams = new Mailbox<Stream>();
  readonly #listings = new Mailbox<Listing>();

  stream(): Promise<Stream> {
    return this.#streams.next();
  }

  listing(): Promise<Listing> {
    return this.#listings.next();
  }

  /** Listings that were asked for and that the test has not seen. */
  get unseenListings(): number {
    return this.#listings.unread;
  }

  async *watch(signal: AbortSignal, onSuperseded?: () => void): AsyncIterable<AccessRequestEvent> {
    const happenings = new Mailbox<AccessRequestEvent | Error | 'end'>();
    signal.addEventListener('abort', () => happenings.put('end'));
    this.#streams.put({
      signal,
      yields: (event) => happenings.put(event),
      superseded: () => onSuperseded?.(),
      ends: () => happenings.put('end'),
      fails: (error) => happenings.put(error),
    });
    for (;;) {
      const happening = await happenings.next();
      if (happening === 'end') return;
      if (happening instanceof Error) throw happening;
      yield happening;
    }
  }

  listPending(signal: AbortSignal, onMalformed: (detail: string) => void): Promise<readonly SeenRequest[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly SeenRequest[]>();
    signal.addEventListener('abort', () => reject(new Error('the listing was aborted')));
    this.#listings.put({
      answers(pending, malformed = []) {
        for (const detail of malformed) onMalformed(detail);
        resolve(pending);
      },
      fails: reject,
    });
    return promise;
  }

  find(): Promise<never> {
    return neverAsked();
  }

  review(): Promise<never> {
    return neverAsked();
  }

  setState(): Promise<never> {
    return neverAsked();
  }
}

function neverAsked(): Promise<never> {
  return Promise.reject(new Error('the watch only looks'));
}
