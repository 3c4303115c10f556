import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest, IncomingMessage } from 'node:http';

const CHANNEL = 'http.client.response.finish';

/** Marks a request as ours, so that its response is told from all others of the process. PagerDuty ignores it. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

interface Watch {
  readonly requestId: string;
  /** Called at once, before the HTTP client sees the response, with `ratelimit-reset` in milliseconds or null. */
  readonly onRateLimited: (resetMs: number | null) => void;
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
    onRateLimited(resetMsOf(response.headers['ratelimit-reset']));
  }
  subscribe(CHANNEL, onResponse);
  return { [Symbol.dispose]: () => void unsubscribe(CHANNEL, onResponse) };
}

/** PagerDuty: `ratelimit-reset` is a number of seconds from now; some 429s come without it. */
function resetMsOf(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : null;
}
