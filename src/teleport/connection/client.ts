import { Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/proto-loader';

import { TeleportError, type TeleportCall } from '../../ports/teleport.ts';
import { firstHop, type Address } from './dial.ts';
import type { IdentityCredentials } from './credentials.ts';
import { type Action, isAnswer, teleportErrorOf } from './errors.ts';
import type { Identity } from './identity.ts';
import { authorityOf } from '../../core/values/host.ts';

export interface ClientOptions {
  readonly addr: Address;
  /** Connections are opened at this HTTP proxy instead; the credentials do the rest. */
  readonly httpProxy: URL | null;
  readonly credentials: () => IdentityCredentials;
  /** How long one call may take, in milliseconds. */
  readonly callTimeoutMs: number;
  readonly onCall?: (call: TeleportCall) => void;
}

export interface CallOptions {
  readonly action: Action;
  readonly signal: AbortSignal;
}

export interface StreamOptions extends CallOptions {
  /** How long it may take as a whole; without end when absent. */
  readonly timeoutMs?: number;
  /** Later calls are made over a new connection; this one goes on over the old one until it is left. */
  readonly onSuperseded?: (() => void) | undefined;
}

/** A connection, and what goes on over it. */
interface Channel {
  readonly client: Client;
  readonly credentials: IdentityCredentials;
  readonly underWay: Set<UnderWay>;
}

interface UnderWay {
  readonly cancel: () => void;
  readonly onSuperseded?: (() => void) | undefined;
}

/** What `client.ts` needs of a method: the generated definitions fit. */
export type Method<Request, Response> = Pick<
  MethodDefinition<Request, unknown, unknown, Response>,
  'path' | 'requestSerialize' | 'responseDeserialize'
>;

/** Teleport's servers answer pings below a minute with "too many pings". */
const KEEPALIVE_MS = 90_000;
const KEEPALIVE_TIMEOUT_MS = 20_000;
/** Teleport's own clients come back between 20 ms and 5 s; grpc-js would wait up to two minutes. */
const RECONNECT_MIN_MS = 200;
const RECONNECT_MAX_MS = 5_000;
/** A page of 100 requests with long reasons and many reviews passes grpc's 4 MB. */
/** So much is on its way before this side has read any: who has asked for much is not waited for, chunk by chunk, by all who ask later. */
const WINDOW_BYTES = 2 ** 20;
const MAX_RECEIVE_BYTES = 16 * 1024 * 1024;

/**
 * One channel to Teleport, and older ones until what goes on over them has ended. Calls fail at once while there is no connection (no waiting for readiness): the callers
 * have their own retries, and an error that says why is worth more than a deadline that passes. Teleport's `version`
 * metadata is not sent: its window check is for Teleport's own clients.
 */
export class TeleportClient {
  readonly #options: ClientOptions;
  #channel: Channel;
  readonly #channels = new Set<Channel>();
  #closed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#channel = this.#open();
  }

  /** A unary call. Throws TeleportError, or the signal's own reason once the caller gave up. */
  async call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    { action, signal }: CallOptions,
  ): Promise<Response> {
    this.#refuseEnded(signal, action);
    const channel = this.#channel;
    const { client, credentials } = channel;
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const call = client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      new Metadata(),
      { deadline: Date.now() + this.#options.callTimeoutMs },
      (error: ServiceError | null, response?: Response) => {
        if (error !== null) reject(error);
        else if (response === undefined) reject(new Error('neither error nor response'));
        else resolve(response);
      },
    );
    const release = this.#register(channel, signal, { cancel: () => call.cancel() });
    const tell = this.#timed(method.path);
    try {
      const response = await promise;
      credentials.answered();
      tell(null);
      return response;
    } catch (error) {
      const failure = this.#failed(error, credentials, action, signal);
      tell(failure.kind);
      throw failure;
    } finally {
      release();
    }
  }

  /**
   * A server stream, endless unless it is given a time, read no faster than it is consumed. Leaving the loop cancels
   * the call; so does the signal, whose own reason is then thrown. Throws TeleportError for everything else but a
   * clean end.
   */
  async *stream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    { action, signal, timeoutMs, onSuperseded }: StreamOptions,
  ): AsyncGenerator<Response, void, void> {
    this.#refuseEnded(signal, action);
    const channel = this.#channel;
    const { client, credentials } = channel;
    const call = client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      new Metadata(),
      timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
    );
    // Cancelling after the loop is left makes grpc-js report the cancellation to nobody, which would end the process.
    call.on('error', () => undefined);
    const release = this.#register(channel, signal, { cancel: () => call.cancel(), onSuperseded });
    try {
      for await (const response of call as AsyncIterable<Response>) {
        credentials.answered();
        yield response;
      }
    } catch (error) {
      throw this.#failed(error, credentials, action, signal);
    } finally {
      call.cancel();
      release();
    }
  }

  /** A server stream that ends by itself, whole, in the time of one call. Throws as `stream`. */
  async collect<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<readonly Response[]> {
    const responses: Response[] = [];
    const { callTimeoutMs: timeoutMs } = this.#options;
    const tell = this.#timed(method.path);
    try {
      for await (const response of this.stream(method, request, { ...options, timeoutMs })) {
        responses.push(response);
      }
    } catch (error) {
      tell(error instanceof TeleportError ? error.kind : null);
      throw error;
    }
    tell(null);
    return responses;
  }

  /**
   * Makes later calls use a new connection unless the present one was made as `identity`. Calls under way go on over the old one,
   * which is closed when the last of them has ended: a channel that is closed earlier fails them at its next ping.
   */
  reconnectAs(identity: Identity): void {
    const old = this.#channel;
    const { connectedAs } = old.credentials;
    if (this.#closed || connectedAs === null || connectedAs.fingerprint === identity.fingerprint) return;
    this.#channel = this.#open();
    this.#closeIfDone(old);
    for (const { onSuperseded } of old.underWay) onSuperseded?.();
  }

  /** Ends the calls under way; they and later ones throw TeleportError `unavailable`. */
  close(): void {
    this.#closed = true;
    for (const { client, underWay } of this.#channels) {
      for (const { cancel } of underWay) cancel();
      client.close();
    }
  }

  #open(): Channel {
    const { addr, httpProxy, credentials: makeCredentials } = this.#options;
    const credentials = makeCredentials();
    const hop = firstHop(addr, httpProxy);
    const client = new Client(`dns:${authorityOf(hop)}`, credentials, {
      'grpc.default_authority': addr.text,
      'grpc.keepalive_time_ms': KEEPALIVE_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
      'grpc.keepalive_permit_without_calls': 1,
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MIN_MS,
      'grpc.min_reconnect_backoff_ms': RECONNECT_MIN_MS,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
      'grpc.max_receive_message_length': MAX_RECEIVE_BYTES,
      'grpc-node.flow_control_window': WINDOW_BYTES,
      'grpc.service_config_disable_resolution': 1,
      'grpc.enable_http_proxy': 0,
      'grpc.use_local_subchannel_pool': 1,
    });
    const channel = { client, credentials, underWay: new Set<UnderWay>() };
    this.#channels.add(channel);
    return channel;
  }

  #timed(path: string): (failure: TeleportCall['failure']) => void {
    const begun = performance.now();
    return (failure) =>
      this.#options.onCall?.({ method: path.slice(1), failure, durationMs: performance.now() - begun });
  }

  #refuseEnded(signal: AbortSignal, action: Action): void {
    if (signal.aborted) throw abortReason(signal, action);
    if (this.#closed) throw connectionClosed();
  }

  #register(channel: Channel, signal: AbortSignal, call: UnderWay): () => void {
    signal.addEventListener('abort', call.cancel, { once: true });
    channel.underWay.add(call);
    return () => {
      signal.removeEventListener('abort', call.cancel);
      channel.underWay.delete(call);
      this.#closeIfDone(channel);
    };
  }

  #closeIfDone(channel: Channel): void {
    if (channel === this.#channel || channel.underWay.size > 0) return;
    this.#channels.delete(channel);
    channel.client.close();
  }

  #failed(
    error: unknown,
    credentials: IdentityCredentials,
    action: Action,
    signal: AbortSignal,
  ): TeleportError {
    if (signal.aborted) throw abortReason(signal, action);
    if (this.#closed) return connectionClosed();
    if (isAnswer(error)) credentials.answered();
    return teleportErrorOf(error, {
      addr: this.#options.addr.text,
      action,
      connectionFailure: credentials.failure,
    });
  }
}

function connectionClosed(): TeleportError {
  return new TeleportError('unavailable', 'the connection to teleport has been closed');
}

/** A caller's deadline is a timeout like ours; any other reason is the caller's own and goes back unchanged. */
function abortReason(signal: AbortSignal, action: Action): unknown {
  const reason: unknown = signal.reason;
  if (!(reason instanceof DOMException) || reason.name !== 'TimeoutError') return reason;
  return new TeleportError('timeout', `teleport did not answer in time to ${action.does}`, {
    transient: true,
    cause: reason,
  });
}
