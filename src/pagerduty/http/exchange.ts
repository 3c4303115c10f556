import { randomUUID } from 'node:crypto';
import { ClientRequest, IncomingMessage, type Agent } from 'node:http';
import { api } from '@pagerduty/pdjs';
import type { RateLimitHeaders } from './budget.ts';
import {
  GivenUpError,
  RateLimitedError,
  timedOut,
  toPagerDutyError,
  type Operation,
  type RateLimitHint,
} from './errors.ts';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

export type Query = Readonly<Record<string, string | readonly string[]>>;

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly query: Query;
  readonly body: object | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string;
  readonly tokenType: 'token' | 'bearer';
  readonly agent: Agent;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  readonly operation: Operation;
}

/** What came back, of any status, with a JSON body of any shape. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly date: string | null;
  /** Null when PagerDuty told nothing of its rate limit. */
  readonly rateLimit: RateLimitHeaders | null;
}

/**
 * Sends exactly one HTTP request through pdjs and gives its answer, of whatever status. Throws PagerDutyError of kind
 * `timeout` after `timeoutMs` or when the signal aborts, `rate-limited` on 429, `unavailable` when there was no
 * answer or none in JSON. Nothing outlives the call: no timer, no listener, no open socket of a call given up.
 */
export async function exchange(request: Exchange, signal: AbortSignal): Promise<Reply> {
  const { operation, timeoutMs } = request;
  const requestId = randomUUID();
  const begun = performance.now();
  const stop = new AbortController();
  const onGivenUp = (): void => stop.abort(new GivenUpError(operation, performance.now() - begun));
  const timer = setTimeout(() => stop.abort(timedOut(operation, timeoutMs)), timeoutMs);
  const guard = guardAgainstRateLimit({
    requestId,
    onRateLimited: (hint) => stop.abort(new RateLimitedError(operation, hint)),
  });
  try {
    signal.addEventListener('abort', onGivenUp);
    if (signal.aborted) onGivenUp();
    return await Promise.race([send(request, requestId, stop.signal), aborted(stop.signal)]);
  } catch (thrown) {
    const error = toPagerDutyError(stop.signal.aborted ? stop.signal.reason : thrown, operation);
    // Closes the connection of an answer that was not read to its end, which may be endless.
    stop.abort(error);
    throw error;
  } finally {
    guard[Symbol.dispose]();
    clearTimeout(timer);
    signal.removeEventListener('abort', onGivenUp);
  }
}

/** Asynchronous, so that what pdjs throws at once (a bad header) arrives as a rejection like everything else. */
async function send(request: Exchange, requestId: string, signal: AbortSignal): Promise<Reply> {
  signal.throwIfAborted();
  const parameters = {
    method: request.method,
    // The full URL: pdjs's own `server` forces https and its `endpoint` repeats queries.
    url: request.url,
    queryParameters: Object.fromEntries(
      Object.entries(request.query).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : [...value],
      ]),
    ),
    ...(request.body === null ? {} : { data: request.body }),
    token: request.key,
    tokenType: request.tokenType,
    headers: { ...request.headers, [REQUEST_ID_HEADER]: requestId },
    signal,
    redirect: 'error' as const,
    agent: request.agent,
    size: request.maxBodyBytes,
    // Anything but 0 is a timer that ends nothing and keeps the process alive for as long.
    requestTimeout: 0,
    // Should the guard ever miss a 429: pdjs then wakes after our deadline, finds the signal aborted, sends nothing.
    retryTimeout: request.timeoutMs + 1_000,
  };
  const response = await api(parameters);
  const body: unknown = response.data;
  const header = (name: string): string | null => response.headers.get(name);
  return { status: response.status, body, date: header('date'), rateLimit: rateLimitOf(header) };
}

/** PagerDuty: three numbers, the last one in seconds from now. */
function rateLimitOf(header: (name: string) => string | null): RateLimitHeaders | null {
  const numbers = ['limit', 'remaining', 'reset'].map((name) => header(`ratelimit-${name}`) ?? '');
  if (!numbers.every((number) => /^\d{1,6}$/.test(number))) return null;
  const [limit = 0, remaining = 0, resetSeconds = 0] = numbers.map(Number);
  return limit === 0 ? null : { limit, remaining, resetMs: resetSeconds * 1_000 };
}

/** Rejects when the signal aborts, because pdjs may notice that late or never. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

const CHANNEL = 'http.client.response.finish';

/** Marks a request as ours, so that its response is told from all others of the process. PagerDuty ignores it. */
const REQUEST_ID_HEADER = 'X-Request-Id';

interface Watch {
  readonly requestId: string;
  /** Called at once, before the HTTP client sees the response. */
  readonly onRateLimited: (hint: RateLimitHint) => void;
}

/**
 * Tells of a 429 as it arrives. pdjs would swallow it and send the request three more times, 20 s apart, whatever
 * `ratelimit-reset` says, POST included; no option turns that off. The caller aborts the call instead, so that pdjs
 * sends one request only. Dispose when the call is over.
 */
function guardAgainstRateLimit({ requestId, onRateLimited }: Watch): Disposable {
  function onResponse(message: unknown): void {
    const { request, response } = message as { request: unknown; response: unknown };
    if (!(request instanceof ClientRequest) || !(response instanceof IncomingMessage)) return;
    if (response.statusCode !== 429) return;
    // node-fetch hands header values over as lists of one.
    if (String(request.getHeader(REQUEST_ID_HEADER)) !== requestId) return;
    const seconds = numberIn(response.headers['ratelimit-reset']);
    onRateLimited({
      limit: numberIn(response.headers['ratelimit-limit']),
      resetMs: seconds === null ? null : seconds * 1_000,
    });
  }
  subscribe(CHANNEL, onResponse);
  return { [Symbol.dispose]: () => void unsubscribe(CHANNEL, onResponse) };
}

/** PagerDuty: `ratelimit-reset` is a number of seconds from now; some 429s come without any such header. */
function numberIn(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
