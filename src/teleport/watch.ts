import type { AccessRequestEvent } from '../ports/teleport.ts';
import { TeleportError } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import type { Event__Output } from './proto/generated/proto/Event.ts';
import { Operation } from './proto/generated/proto/Operation.ts';
import { authService } from './connection/services.ts';
import { accessRequestOf } from './wire.ts';

const KIND = 'access_request';
const WATCH: Action = {
  does: 'watch access requests',
  needs: "the service's user needs a role that allows the verbs list and read on access_request",
};

/**
 * Teleport's event stream of access requests: exactly one `init`, then what happens after it. One kind is watched, so
 * partial success is not allowed: a missing permission is then PERMISSION_DENIED instead of silence. Without INIT in
 * `initTimeoutMs` (Teleport's own clients wait 15 s) it throws a transient TeleportError; ends quietly when the
 * server closes the stream afterwards, or the signal aborts.
 */
export async function* watchAccessRequests(
  client: TeleportClient,
  {
    signal,
    initTimeoutMs,
    onSuperseded,
  }: {
    readonly signal: AbortSignal;
    readonly initTimeoutMs: number;
    readonly onSuperseded?: (() => void) | undefined;
  },
): AsyncGenerator<AccessRequestEvent, void, void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), initTimeoutMs);
  let initialised = false;
  try {
    const events = client.stream(
      authService.WatchEvents,
      { Kinds: [{ Kind: KIND }], AllowPartialSuccess: false },
      { action: WATCH, signal: AbortSignal.any([signal, late.signal]), onSuperseded },
    );
    for await (const event of events) {
      if (initialised) {
        const read = eventOf(event);
        if (read !== null) yield read;
      } else {
        confirmInit(event);
        clearTimeout(timer);
        initialised = true;
        yield { kind: 'init' };
      }
    }
    if (!initialised) throw notInitialised('closed the watch of access requests before it began');
  } catch (error) {
    if (signal.aborted) return;
    if (late.signal.aborted) throw notInitialised('did not begin the watch of access requests in time');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A later event in the words of the port; null for kinds of resources and operations that are not ours. */
export function eventOf(event: Event__Output): AccessRequestEvent | null {
  switch (event.Type) {
    case Operation.PUT: {
      if (event.AccessRequest === undefined || event.AccessRequest === null) return null;
      const read = accessRequestOf(event.AccessRequest);
      return read.ok ? { kind: 'put', request: read.value } : { kind: 'malformed', detail: read.detail };
    }
    case Operation.DELETE: {
      if (event.ResourceHeader?.Kind !== KIND) return null;
      const id = event.ResourceHeader.Metadata?.Name ?? '';
      return id === ''
        ? { kind: 'malformed', detail: 'a deleted access request has no id' }
        : { kind: 'delete', id };
    }
    case Operation.INIT:
      return { kind: 'malformed', detail: 'a second INIT arrived in the same watch' };
    default:
      return null;
  }
}

/** Teleport sends INIT before everything else; from v13 on it names the kinds that it will send. */
function confirmInit(event: Event__Output): void {
  if (event.Type !== Operation.INIT) throw notInitialised('sent another event before INIT');
  const kinds = event.WatchStatus?.Spec?.Kinds ?? [];
  if (kinds.length === 0 || kinds.some(({ Kind }) => Kind === KIND)) return;
  throw new TeleportError('denied', `teleport does not send access requests: ${WATCH.needs}`);
}

function notInitialised(what: string): TeleportError {
  return new TeleportError(
    'unavailable',
    `teleport ${what}: the event system of the auth server may be starting`,
    { transient: true },
  );
}
