import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest, IncomingMessage } from 'node:http';
import type { RateLimitHint } from './errors.ts';

const CHANNEL = 'http.client.response.finish';

/** Marks a request as ours, so that its response is told from all others of the process. PagerDuty ignores it. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

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
export function guardAgainstRateLimit({ requestId, onRateLimited }: Watch): Disposable {
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
