import http from 'node:http';
import https from 'node:https';
import { z } from 'zod';
import { instantOf, SECOND, type Instant } from '../../core/values/instant.ts';
import {
  PagerDutyError,
  type Ask,
  type PagerDutyBudget,
  type PagerDutyExchange,
} from '../../ports/pagerduty.ts';
import {
  firstIssue,
  malformed,
  noKey,
  unusableHeader,
  unusableId,
  refusalError,
  type Operation,
} from './errors.ts';
import { exchange, type Query, type Reply } from './exchange.ts';
import { createGate, type Gate, MOST_CONNECTIONS } from './gate.ts';
import { createPatience, withRetries } from './retry.ts';

const REQUEST_TIMEOUT_MS = 4 * SECOND;
const MAX_BODY_BYTES = 8 * 2 ** 20;
/** Unused connections are closed before the other side does it, which would fail the next write unclearly. */
const IDLE_CONNECTION_MS = 30 * SECOND;

export type KeySource = () => string | Promise<string>;

export interface PagerDutyClientOptions {
  /** `https://api.pagerduty.com`, `https://api.eu.pagerduty.com`, or any other http(s) URL, with or without a path. */
  readonly apiUrl: string;
  /**
   * Asked for every call, so that keys can be renewed while the service runs; asked again after a 401, and where the key is
   * another one by then, the call is repeated with it. The same function for both when they are one key: PagerDuty counts by key.
   */
  readonly readKey: KeySource;
  readonly writeKey: KeySource;
  /** Told of each key that PagerDuty does not accept (401), before it is asked for again. */
  readonly onKeyRefused?: (key: string) => void;
  /** `token` for API keys, `bearer` for OAuth. */
  readonly tokenType: 'token' | 'bearer';
  /** E-mail address of the PagerDuty user that notes and incidents are written as. */
  readonly from: string;
  /** This service's own version, for the User-Agent. */
  readonly version: string;
  /** For one HTTP request, 4,000 unless told; three times as long for what timed out before. The time for a whole question is the asker's signal. */
  readonly requestTimeoutMs?: number;
  /** A longer answer is refused; 8 MiB unless told: policies of big accounts list hundreds of services a row. */
  readonly maxBodyBytes?: number;
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` as in an environment; no proxy unless told. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>;
  /** Told of every HTTP request once it is over, but for those asked aside; must not throw. */
  readonly onExchange?: (exchange: PagerDutyExchange) => void;
  /** Between 0 and 1, for the jitter of retries; Math.random unless told. */
  readonly random?: () => number;
}

export interface Call<T> extends Omit<Operation, 'host'> {
  /** GET unless told. */
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** Segments of the path, each sent as one segment whatever it holds. */
  readonly path: readonly string[];
  readonly query?: Query;
  readonly body?: object;
  readonly answer: z.ZodType<T>;
  /**
   * Once, and past everything that keeps calls back but the rate limit: for a read whose failure is to tell of PagerDuty, and not of
   * what stands before it here.
   */
  readonly aside?: { readonly timeoutMs: number };
}

export interface ApiResponse<T> {
  readonly body: T;
  /** PagerDuty's `Date`; null when it sent none that can be read. */
  readonly at: Instant | null;
  readonly status: number;
}

export interface PagerDutyClient extends Disposable {
  readonly host: string;
  readonly from: string;
  /** What may still be asked with the reading key. */
  budget(): PagerDutyBudget;
  /** The reading key's limit, and that of one operation by itself. */
  limits: Gate['limits'];
  /**
   * One call: 2xx, a JSON object, and of the given shape, or a PagerDutyError. GET is tried up to three times on
   * transient failures while the asker's signal lives, everything else once.
   */
  call<T>(call: Call<T>, ask: Ask): Promise<ApiResponse<T>>;
}

/** Throws TypeError for an `apiUrl` that is none. Dispose it to close its idle connections. */
export function createPagerDutyClient(options: PagerDutyClientOptions): PagerDutyClient {
  const base = baseUrl(options.apiUrl);
  const agent = new (base.protocol === 'https:' ? https.Agent : http.Agent)({
    keepAlive: true,
    timeout: IDLE_CONNECTION_MS,
    // One more, for what is asked aside.
    maxSockets: MOST_CONNECTIONS + 1,
    ...(options.proxyEnv === undefined ? {} : { proxyEnv: { ...options.proxyEnv } }),
  });
  const random = options.random ?? Math.random;
  const patience = createPatience(options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);

  const readGate = createGate();
  const writeGate = options.writeKey === options.readKey ? readGate : createGate();

  async function once<T>(call: Call<T>, ask: Ask): Promise<ApiResponse<T>> {
    const operation = { doing: call.doing, scope: call.scope, host: base.host };
    const source = isRead(call) ? options.readKey : options.writeKey;
    const key = await keyFrom(source, operation);
    try {
      return await sendWith(key, call, ask);
    } catch (error) {
      // 401 is the one answer after which a write may be sent again: nothing was done.
      if (!(error instanceof PagerDutyError) || error.status !== 401) throw error;
      options.onKeyRefused?.(key);
      const renewed = await keyFrom(source, operation);
      if (renewed === key) throw error;
      return await sendWith(renewed, call, ask);
    }
  }

  async function sendWith<T>(key: string, call: Call<T>, ask: Ask): Promise<ApiResponse<T>> {
    const { method = 'GET', doing, scope } = call;
    const apart = call.limitedApart === undefined ? {} : { limitedApart: call.limitedApart };
    const operation = { doing, scope, host: base.host, ...apart };
    const reading = isRead(call);
    const from = reading ? {} : { From: usable(options.from, 'the `from` address', operation) };
    const request = {
      method,
      url: `${base.origin}${base.pathname.replace(/\/+$/, '')}${pathOf(call.path, operation)}`,
      query: call.query ?? {},
      body: call.body ?? null,
      headers: {
        Accept: 'application/vnd.pagerduty+json;version=2',
        'Content-Type': 'application/json',
        'User-Agent': `oncall-approver/${options.version}`,
        ...from,
      },
      key,
      tokenType: options.tokenType,
      agent,
      timeoutMs: call.aside?.timeoutMs ?? patience.timeoutMs(doing),
      maxBodyBytes: options.maxBodyBytes ?? MAX_BODY_BYTES,
      operation,
    };
    const gate = reading ? readGate : writeGate;
    const pass = call.aside === undefined ? gate.pass : gate.passAside;
    const { answer } = await pass(operation, ask, () =>
      told(call, async () => {
        if (reading && !ask.signal.aborted) ask.onRead?.();
        if (!reading) ask.onWrite?.();
        const reply = await exchange(request, ask.signal);
        return { answer: accept(reply, call.answer, key, operation), rateLimit: reply.rateLimit };
      }),
    );
    return answer;
  }

  async function told<T>({ doing, aside }: Call<unknown>, send: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const tell = (failure: PagerDutyError | null): void => {
      const durationMs = performance.now() - begun;
      if (failure === null) patience.answered(doing, durationMs);
      else if (failure.kind === 'timeout' && failure.silence) patience.timedOut(doing);
      // What is asked aside must not make up for what fails beside it: `/readyz` would call that well.
      if (aside === undefined) options.onExchange?.({ doing, failure, durationMs });
    };
    try {
      const reply = await send();
      tell(null);
      return reply;
    } catch (error) {
      if (error instanceof PagerDutyError) tell(error);
      throw error;
    }
  }

  return {
    host: base.host,
    from: options.from,
    budget: () => readGate.state(),
    limits: (operation) => readGate.limits(operation),
    call: (call, ask) =>
      isRead(call) && call.aside === undefined
        ? withRetries(() => once(call, ask), { signal: ask.signal, random })
        : once(call, ask),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function isRead({ method = 'GET' }: Call<unknown>): boolean {
  return method === 'GET';
}

/** pdjs resolves for every status and any JSON: only a 2xx with an object of the right shape is an answer. */
function accept<T>(reply: Reply, schema: z.ZodType<T>, key: string, operation: Operation): ApiResponse<T> {
  const { status, body } = reply;
  if (status < 200 || status > 299) throw refusalError({ status, body, key }, operation);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw malformed(operation, 'the body is no JSON object', status);
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw malformed(operation, firstIssue(parsed.error), status);
  return { body: parsed.data, at: httpDate(reply.date), status };
}

function baseUrl(apiUrl: string): URL {
  const url = URL.parse(apiUrl);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.username !== '') {
    throw new TypeError(`PagerDuty's API URL is no plain http(s) URL: \`${apiUrl}\``);
  }
  return url;
}

/** An empty segment would ask for the whole collection, and dots would climb out of it. */
function pathOf(segments: readonly string[], operation: Operation): string {
  const unfit = segments.find((segment) => /^\.{0,2}$/.test(segment));
  if (unfit !== undefined) throw unusableId(unfit, operation);
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}

async function keyFrom(source: KeySource, operation: Operation): Promise<string> {
  try {
    return usable(await source(), 'the API key', operation);
  } catch (error) {
    throw noKey(error, operation);
  }
}

function usable(value: string, what: string, operation: Operation): string {
  if (!/^[\x21-\x7e]+$/.test(value)) throw unusableHeader(operation, what);
  return value;
}

/** RFC 9110's IMF-fixdate only: `Date.parse` alone would read a year into almost anything. */
function httpDate(header: string | null): Instant | null {
  if (header === null || !/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header)) return null;
  const epochMs = Date.parse(header);
  return Number.isNaN(epochMs) ? null : instantOf(epochMs);
}
