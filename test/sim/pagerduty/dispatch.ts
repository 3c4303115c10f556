import type { IncomingHttpHeaders } from 'node:http';
import type { Account } from './account.ts';
import { authenticate, authorize, fromUser, requireVersion } from './authentication.ts';
import { parseJson } from './http-body.ts';
import type { KeyKind } from './model.ts';
import { issueToken, TOKEN_PATH } from './oauth.ts';
import type { RateLimit } from './rate-limit.ts';
import { invalidInput, notFound, Refusal } from './refusal.ts';
import { matchRoute, type Reply } from './route.ts';
import { directoryRoutes } from './routes-directory.ts';
import { incidentNoteRoutes } from './routes-incident-notes.ts';
import { incidentTypeRoutes } from './routes-incident-types.ts';
import { incidentRoutes } from './routes-incidents.ts';
import { onCallRoutes } from './routes-on-call.ts';
import { webhookSubscriptionRoutes } from './routes-webhook-subscriptions.ts';

const ROUTES = [
  ...directoryRoutes,
  ...onCallRoutes,
  // Before an incident's own, one of which is `/incidents/:id`.
  ...incidentTypeRoutes,
  ...incidentRoutes,
  ...incidentNoteRoutes,
  ...webhookSubscriptionRoutes,
];

export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Dispatched {
  readonly reply: Reply;
  /** The rate limit's headers, on every answer to a good credential. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null when the credential was refused. */
  readonly keyKind: KeyKind | null;
}

/**
 * What PagerDuty answers to one request: first the credential is checked, then the rate limit, then whether the credential
 * reaches that far, and only then the request itself. Never throws: a fault of the simulator's own is a 500 with its stack.
 */
export function dispatch(account: Account, rateLimit: RateLimit, request: ReceivedRequest): Dispatched {
  if (request.url.pathname === TOKEN_PATH && request.method === 'POST') {
    return { reply: issueToken(account, new URLSearchParams(request.text)), headers: {}, keyKind: null };
  }
  let headers: Readonly<Record<string, string>> = {};
  let keyKind: KeyKind | null = null;
  try {
    const key = authenticate(account, request.headers);
    keyKind = key.kind;
    const operation = `${request.method} ${request.url.pathname}`;
    const limit = rateLimit.take(key.userId ?? key.id, operation, account.clock.now());
    if (!limit.isAllowed && rateLimit.bareRefusals) return { reply: { status: 429 }, headers, keyKind };
    headers = limit.headers;
    if (!limit.isAllowed) throw new Refusal({ status: 429, code: 2020, message: 'Rate Limit Exceeded' });

    requireVersion(request.headers, request.method);
    const match = matchRoute(ROUTES, request.method, request.url.pathname);
    if (match === undefined) throw notFound();
    authorize(account, key, match.route.scope, request.method);
    const hasBody =
      (request.method === 'POST' || request.method === 'PUT') && match.route.withoutBody !== true;
    const reply = match.route.handle({
      account,
      key,
      params: match.params,
      query: request.url.searchParams,
      body: hasBody ? requireJson(request) : undefined,
      from: () => fromUser(account, request.headers),
    });
    return { reply, headers, keyKind };
  } catch (error) {
    const refusal = error instanceof Refusal ? error : internalError(error);
    return { reply: { status: refusal.status, body: refusal.body(request.url.pathname) }, headers, keyKind };
  }
}

function requireJson(request: ReceivedRequest): unknown {
  const isJson = (request.headers['content-type'] ?? '').startsWith('application/json');
  const body = isJson ? parseJson(request.text) : undefined;
  if (body === undefined) throw invalidInput('the body must be JSON with Content-Type application/json');
  return body;
}

function internalError(error: unknown): Refusal {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Refusal({ status: 500, code: 2000, message: 'Internal Error', errors: [reason] });
}
