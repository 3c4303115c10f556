import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { z } from 'zod';
import { HOUR, instantOf, MINUTE, SECOND, type Instant } from '../../core/values/instant.ts';
import { PagerDutyError } from '../../ports/pagerduty.ts';
import { firstIssue, malformed, sentence, timedOut, type Operation } from './errors.ts';

const REQUEST_TIMEOUT_MS = 5 * SECOND;
const LONGEST_ANSWER = 65_536;
/** PagerDuty: a token lives for a day and cannot be refreshed, only had anew. */
const RENEW_BEFORE_MS = HOUR;
/** After a renewal that failed, the token in use goes on for so long before the next attempt. */
const RETRY_AFTER_MS = MINUTE;

/** What reading who is on call takes, and what writing pages and notes takes: two tokens, so that a leaked one can do less. */
export const READ_SCOPES = [
  'oncalls.read',
  'users.read',
  'schedules.read',
  'escalation_policies.read',
  'services.read',
  'incidents.read',
] as const;
/** Names of teams are looked up by it: needed only where rules name teams, and done without elsewhere. */
export const TEAMS_SCOPE = 'teams.read';
/** By them it is seen whether pages can have a type and fields of their own. */
export const PAGE_TYPE_SCOPES = ['incident_types.read', 'custom_fields.read'] as const;
export const WRITE_SCOPES = ['incidents.write'] as const;

/** PagerDuty's answer to a token request. */
const Token = z.object({
  access_token: z.string().min(1),
  scope: z.string(),
  expires_in: z.number().positive(),
});

export interface OAuthOptions {
  /** `https://identity.pagerduty.com/oauth/token`, for both service regions. */
  readonly tokenUrl: string;
  /** Region and subdomain of the account, for instance `us.acme`. */
  readonly account: string;
  readonly clientId: string;
  /** Asked for at each renewal, so that the secret can be changed while the service runs. */
  readonly clientSecret: () => string;
  readonly scopes: readonly string[];
  /** Asked for as well, and done without. */
  readonly optionalScopes?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` as in an environment; no proxy unless told. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>;
}

export interface TokenState {
  /** Null before the first token. */
  readonly expires: Instant | null;
  /** Scopes that are needed and were not granted: PagerDuty leaves them out without an error. */
  readonly missingScopes: readonly string[];
}

export interface TokenSource {
  /** A token that PagerDuty should accept. Throws PagerDutyError. */
  token(): Promise<string>;
  /** PagerDuty does not accept this token: it is not given again. */
  refuse(token: string): void;
  state(): TokenState;
}

interface Held {
  readonly token: string;
  readonly expiresMs: number;
  readonly missingScopes: readonly string[];
}

/**
 * Tokens by OAuth client credentials. One is had when it is first needed, and another an hour before it ends, while the old one
 * is still in use; those who ask at the same moment share a request.
 */
export function createTokenSource(options: OAuthOptions): TokenSource {
  const { now } = options;
  let held: Held | null = null;
  let renewing: Promise<Held> | null = null;
  let notBeforeMs = 0;

  function renew(): Promise<Held> {
    renewing ??= requestToken(options)
      .then((token) => (held = token))
      .finally(() => {
        renewing = null;
      });
    return renewing;
  }

  return {
    async token() {
      const left = held === null ? 0 : held.expiresMs - now();
      if (held === null || left <= 0) return (await renew()).token;
      if (left < RENEW_BEFORE_MS && now() >= notBeforeMs) {
        notBeforeMs = now() + RETRY_AFTER_MS;
        // What goes wrong now is told by the one who finds no token left.
        renew().catch(() => undefined);
      }
      return held.token;
    },
    refuse(token) {
      if (held?.token === token) held = null;
    },
    state: () => ({
      expires: held === null ? null : instantOf(held.expiresMs),
      missingScopes: held?.missingScopes ?? [],
    }),
  };
}

async function requestToken(options: OAuthOptions): Promise<Held> {
  const { tokenUrl, account, clientId, scopes, optionalScopes = [], now } = options;
  const operation: Operation = {
    doing: 'get an OAuth token',
    scope: scopes.join(' '),
    host: new URL(tokenUrl).host,
  };
  const askedAtMs = now();
  const response = await post(
    options,
    new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: options.clientSecret(),
      scope: [`as_account-${account}`, ...scopes, ...optionalScopes].join(' '),
    }),
    operation,
  );
  if (response.status !== 200) throw refusal(response.status, operation);
  const parsed = Token.safeParse(response.body);
  if (!parsed.success) throw malformed(operation, firstIssue(parsed.error), response.status);
  const granted = new Set(parsed.data.scope.split(/\s+/u));
  return {
    token: parsed.data.access_token,
    expiresMs: askedAtMs + parsed.data.expires_in * SECOND,
    missingScopes: scopes.filter((scope) => !granted.has(scope)),
  };
}

async function post(
  { tokenUrl, proxyEnv = {} }: OAuthOptions,
  form: URLSearchParams,
  operation: Operation,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const transport = tokenUrl.startsWith('https:') ? https : http;
  const agent = new transport.Agent({ proxyEnv: { ...proxyEnv } });
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  try {
    const request = transport.request(tokenUrl, { method: 'POST', agent, signal, headers });
    request.on('error', () => undefined);
    request.end(form.toString());
    const [response] = (await once(request, 'response', { signal })) as [http.IncomingMessage];
    return { status: response.statusCode ?? 0, body: parsedJson(await textOf(response)) };
  } catch {
    // What is thrown may quote the request, and with it the secret.
    if (signal.aborted) throw timedOut(operation, REQUEST_TIMEOUT_MS);
    const problem = `the connection to ${operation.host} failed; check the name, the network path, and PagerDuty's status page`;
    throw new PagerDutyError('unavailable', sentence(operation, problem), { transient: true });
  } finally {
    agent.destroy();
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > LONGEST_ANSWER) return '';
  }
  return text;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The error body may repeat what was sent, so it is not quoted. */
function refusal(status: number, operation: Operation): PagerDutyError {
  if (status === 429 || status === 408 || status >= 500) {
    const problem = `${operation.host} failed (${status}); see PagerDuty's status page`;
    return new PagerDutyError('unavailable', sentence(operation, problem), { transient: true, status });
  }
  const problem = `${operation.host} refused (${status}); check pagerduty.oauth: client_id, the secret, and the account's region and subdomain`;
  return new PagerDutyError('unauthorised', sentence(operation, problem), { transient: false, status: null });
}
