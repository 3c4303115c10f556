import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from './account.ts';
import type { CallLog } from './call-log.ts';
import { dispatch, type Dispatched } from './dispatch.ts';
import { MINUTE_MS } from './durations.ts';
import type { Fault, Faults } from './faults.ts';
import { answer, answerWithFault } from './http-answer.ts';
import { parseJson, readBody } from './http-body.ts';
import { letTimePass } from './incident-life.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Recorder } from './recorder.ts';
import { Refusal } from './refusal.ts';

export interface RestServerOptions {
  readonly account: Account;
  readonly calls: CallLog;
  readonly faults: Faults;
  readonly rateLimit: RateLimit;
  /** Milliseconds added to every call, read anew each time. */
  readonly latencyMs: () => number;
  readonly record?: Recorder | undefined;
}

const NOT_CARRIED_OUT: Dispatched = { reply: { status: 200, body: {} }, headers: {}, keyKind: null };

/** PagerDuty's REST API v2, not yet listening. */
export function createRestServer(options: RestServerOptions): Server {
  const server = createServer((request, response) => {
    serve(request, response, options).catch((error: unknown) => {
      if (error instanceof Refusal) {
        const reply = { status: error.status, body: error.body() };
        answer(response, reply, { date: options.account.clock.now(), headers: {} });
        return;
      }
      response.destroy();
      // A client that hangs up in mid-request is no fault of ours; anything else must be seen.
      if (request.complete) server.emit('error', error);
    });
  });
  // Longer than any client keeps an idle connection, so that no request meets a socket that is just being closed.
  server.keepAliveTimeout = MINUTE_MS;
  return server;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: RestServerOptions,
): Promise<void> {
  const { account, calls, faults, rateLimit } = options;
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const text = await readBody(request);
  const finish = calls.start({
    method,
    path: url.pathname,
    query: groupQuery(url.searchParams),
    at: account.clock.now(),
    from: request.headers.from ?? null,
    keyKind: null,
    body: parseJson(text),
    status: null,
    fault: null,
  });

  const offset = Number(url.searchParams.get('offset') ?? 0);
  const { latencyMs, fault } = faults.take({ method, path: url.pathname, offset });
  const waitMs = latencyMs + options.latencyMs();
  if (waitMs > 0) await delay(waitMs, undefined, { ref: false });

  letTimePass(account);
  const { reply, headers, keyKind } = isCarriedOut(method, fault)
    ? dispatch(account, rateLimit, { method, url, headers: request.headers, text })
    : NOT_CARRIED_OUT;
  const date = account.clock.now();
  if (fault === undefined) {
    const body = isForm(request) ? Object.fromEntries(new URLSearchParams(text)) : parseJson(text);
    const replyHeaders = { ...headers, date: date.toUTCString() };
    options.record?.({ at: date, method, url, headers: request.headers, body, reply, replyHeaders });
    // Told before the answer leaves, so that a client holding it finds the call complete.
    finish({ status: reply.status, keyKind });
    answer(response, reply, { date, headers });
  } else {
    const status = answerWithFault(response, reply, fault, { date, headers });
    finish({ status, keyKind, fault: fault.kind });
  }
}

/** Tokens are asked for by a form. */
function isForm({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
}

/** Reads change nothing, so they always are: faults that spoil a good answer need one. */
function isCarriedOut(method: string, fault: Fault | undefined): boolean {
  return fault === undefined || fault.after === true || fault.kind === 'no-date' || method === 'GET';
}

function groupQuery(params: URLSearchParams): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
}
