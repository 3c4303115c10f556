import { seenOf, type AccessRequest, type RequestId, type SeenRequest } from '../core/access-request.ts';
import type { AccessRequestArchive, AccessRequestEvent, AccessRequests } from '../ports/teleport.ts';
import { TeleportError } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { listedBy } from './paging.ts';
import type { AccessRequestFilter } from './proto/generated/types/AccessRequestFilter.ts';
import type { AccessRequestV3__Output } from './proto/generated/types/AccessRequestV3.ts';
import { RequestState } from './proto/generated/types/RequestState.ts';
import { authService } from './connection/services.ts';
import { watchAccessRequests } from './watch.ts';
import { accessRequestOf, readOrThrow, wireStateOf } from './wire.ts';

const PAGE_SIZE = 100;
const INIT_TIMEOUT_MS = 15_000;

const MFA =
  'where the cluster asks for MFA for admin actions, only a Machine ID bot (tbot) or a certificate signed on the auth server may do it';
const LIST: Action = {
  does: 'list access requests',
  needs: "the service's user needs a role that allows the verbs list and read on access_request",
};
const REVIEW: Action = {
  does: 'review the access request',
  needs:
    'it may be resolved or reviewed by this user already; otherwise the user needs a role whose review_requests.roles ' +
    `covers every requested role, and ${MFA}`,
};
const SET_STATE: Action = {
  does: 'set the state of the access request',
  needs: `the service's user needs a role that allows the verb update on access_request, and ${MFA}`,
};

/** Access requests over gRPC. Calls throw TeleportError, or the signal's own reason once the caller gave up. */
export class TeleportAccessRequests implements AccessRequests, AccessRequestArchive {
  readonly #client: TeleportClient;
  readonly #initTimeoutMs: number;
  /** Set by the first UNIMPLEMENTED: early v15 has no ListAccessRequests, and every version has the stream. */
  #listsByStream = false;

  constructor(client: TeleportClient, options: { readonly initTimeoutMs?: number } = {}) {
    this.#client = client;
    this.#initTimeoutMs = options.initTimeoutMs ?? INIT_TIMEOUT_MS;
  }

  watch(signal: AbortSignal, onSuperseded?: () => void): AsyncIterable<AccessRequestEvent> {
    return watchAccessRequests(this.#client, { signal, initTimeoutMs: this.#initTimeoutMs, onSuperseded });
  }

  listPending(signal: AbortSignal, onMalformed: (detail: string) => void): Promise<readonly SeenRequest[]> {
    return this.#listReadable({ State: RequestState.PENDING }, signal, { onMalformed, keep: seenOf });
  }

  /** Without a filter Teleport lists every state. */
  listAll(signal: AbortSignal, onMalformed: (detail: string) => void): Promise<readonly AccessRequest[]> {
    return this.#listReadable({}, signal, { onMalformed, keep: (request) => request });
  }

  async #listReadable<T>(
    filter: AccessRequestFilter,
    signal: AbortSignal,
    { onMalformed, keep }: { onMalformed: (detail: string) => void; keep: (request: AccessRequest) => T },
  ): Promise<readonly T[]> {
    const listed = await this.#list(filter, signal, (message) => {
      const read = accessRequestOf(message);
      if (read.ok) return [keep(read.value)];
      onMalformed(read.detail);
      return [];
    });
    return listed.flat();
  }

  async find(id: RequestId, signal: AbortSignal): Promise<AccessRequest | null> {
    if (id === '') throw new TeleportError('invalid', 'an access request has an id');
    const messages = await this.#list({ ID: id }, signal, (each) => each);
    const message = messages.find(({ Metadata }) => Metadata?.Name === id);
    return message === undefined ? null : readOrThrow(accessRequestOf(message));
  }

  async review(
    { id, propose, reason, onBehalfOf }: Parameters<AccessRequests['review']>[0],
    signal: AbortSignal,
  ): Promise<AccessRequest> {
    // Without an author Teleport takes the caller; roles and annotations in a review are refused.
    const message = await this.#client.call(
      authService.SubmitAccessReview,
      {
        RequestID: id,
        Review: {
          ProposedState: wireStateOf(propose),
          Reason: reason,
          // An older Teleport ignores the mark, sees a foreign author, and refuses.
          ...(onBehalfOf === undefined ? {} : { Author: onBehalfOf, submitted_on_behalf_of_author: true }),
        },
      },
      { action: REVIEW, signal },
    );
    return readOrThrow(accessRequestOf(message));
  }

  async setState(
    { id, state, reason }: Parameters<AccessRequests['setState']>[0],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#client.call(
      authService.SetAccessRequestState,
      { ID: id, State: wireStateOf(state), Reason: reason },
      { action: SET_STATE, signal },
    );
  }

  /** Messages are many times as big as what is kept of them, so each is read as it comes. */
  async #list<T>(
    filter: AccessRequestFilter,
    signal: AbortSignal,
    read: (message: AccessRequestV3__Output) => T,
  ): Promise<readonly T[]> {
    const options = { action: LIST, signal };
    if (!this.#listsByStream) {
      try {
        return await listedBy(
          this.#client,
          {
            what: 'access requests',
            method: authService.ListAccessRequests,
            requestAt: (start) => ({ Filter: filter, Limit: PAGE_SIZE, StartKey: start }),
            rows: (page) => page.AccessRequests.map(read),
            next: (page) => page.NextKey,
          },
          options,
        );
      } catch (error) {
        if (!(error instanceof TeleportError) || error.kind !== 'unsupported') throw error;
        this.#listsByStream = true;
      }
    }
    return (await this.#client.collect(authService.GetAccessRequestsV2, filter, options)).map(read);
  }
}
