import { setTimeout as delay } from 'node:timers/promises';
import { instantOf, SECOND, type Instant } from '../../src/core/values/instant.ts';
import { PagerDutyError, type Ask } from '../../src/ports/pagerduty.ts';
import type { Call, PagerDutyClient } from '../../src/pagerduty/http/client.ts';
import {
  firstIssue,
  GivenUpError,
  malformed,
  timedOut,
  refusalError,
} from '../../src/pagerduty/http/errors.ts';
import { createPatience, withRetries } from '../../src/pagerduty/http/retry.ts';
import type { Account } from '../sim/pagerduty/account.ts';
import type { CallLog } from '../sim/pagerduty/call-log.ts';
import { dispatch } from '../sim/pagerduty/dispatch.ts';
import type { Fault, Faults } from '../sim/pagerduty/faults.ts';
import { letTimePass } from '../sim/pagerduty/incident-life.ts';
import { RateLimit } from '../sim/pagerduty/rate-limit.ts';
import { FULL_ACCESS_KEY } from '../sim/pagerduty/reference-world.ts';

const HOST = 'pagerduty.example.com';
const FROM = 'oncall-approver@example.com';
/** As `PagerDutyClient.call` gives it. */
interface Answered<T> {
  readonly body: T;
  readonly at: Instant | null;
  readonly status: number;
}

/** The simulated account as it is asked with a key that may do everything: the same answers and faults, without HTTP. */
export function inProcessPagerDuty(world: {
  readonly account: Account;
  readonly faults: Faults;
  readonly calls: CallLog;
}): PagerDutyClient {
  const { account, faults, calls } = world;
  const rateLimit = new RateLimit();
  const patience = createPatience(4 * SECOND);

  async function once<T>(call: Call<T>, ask: Ask): Promise<Answered<T>> {
    const { method = 'GET', query = {}, body, doing, scope } = call;
    const operation = { doing, scope, host: HOST };
    const url = new URL(`https://${HOST}/${call.path.map(encodeURIComponent).join('/')}`);
    for (const [name, values] of Object.entries(query))
      for (const value of [values].flat()) url.searchParams.append(name, value);
    if (ask.signal.aborted) throw new GivenUpError(operation, 0);
    if (method === 'GET') ask.onRead?.();
    else ask.onWrite?.();
    const finish = calls.start({
      ...{
        method,
        path: url.pathname,
        at: account.clock.now(),
        keyKind: 'full',
        body,
        status: null,
        fault: null,
      },
      query: Object.fromEntries(
        [...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)]),
      ),
      from: method === 'GET' ? null : FROM,
    });
    const { latencyMs, fault } = faults.take({
      method,
      path: url.pathname,
      offset: Number(query['offset'] ?? 0),
    });
    const timeoutMs = call.aside?.timeoutMs ?? patience.timeoutMs(doing);
    const late = (): Error => {
      patience.timedOut(doing);
      return timedOut(operation, timeoutMs);
    };
    await passes(Math.min(latencyMs, timeoutMs), ask.signal, () => new GivenUpError(operation, latencyMs));
    if (latencyMs > timeoutMs) throw late();
    letTimePass(account);
    const headers = {
      authorization: `Token token=${FULL_ACCESS_KEY}`,
      accept: 'application/vnd.pagerduty+json;version=2',
      'content-type': 'application/json',
      from: FROM,
    };
    const isDone = fault === undefined || fault.after === true || method === 'GET';
    const text = body === undefined ? '' : JSON.stringify(body);
    const reply = isDone
      ? dispatch(account, rateLimit, { method, url, headers, text }).reply
      : { status: 200 };
    if (fault !== undefined) {
      finish({ fault: fault.kind });
      throw await failureOf(
        fault,
        ask.signal,
        (status, body) => refusalError({ status, body, key: FULL_ACCESS_KEY }, operation),
        {
          late,
          timeoutMs,
          gone: () =>
            new PagerDutyError('unavailable', `${HOST} cannot be reached`, {
              transient: true,
              silence: true,
            }),
          odd: () => malformed(operation, 'it is of another shape', 200),
          givenUp: () => new GivenUpError(operation, 0),
        },
      );
    }
    finish({ status: reply.status });
    const content: unknown = JSON.parse(JSON.stringify(('body' in reply ? reply.body : null) ?? {}));
    if (reply.status >= 300)
      throw refusalError({ status: reply.status, body: content, key: FULL_ACCESS_KEY }, operation);
    const parsed = call.answer.safeParse(content);
    if (!parsed.success) throw malformed(operation, firstIssue(parsed.error), reply.status);
    const at = instantOf(Math.floor(account.clock.now().getTime() / SECOND) * SECOND);
    return { body: parsed.data, at, status: reply.status };
  }

  return {
    host: HOST,
    from: FROM,
    limits: () => ({ key: 960, own: 960 }),
    budget: () => ({ limit: 960, remaining: 960, breakerOpen: false }),
    call: (call, ask) =>
      (call.method ?? 'GET') === 'GET' && call.aside === undefined
        ? withRetries(() => once(call, ask), { signal: ask.signal, random: () => 0.5 })
        : once(call, ask),
    [Symbol.dispose]: () => undefined,
  };
}

interface Failures {
  readonly late: () => Error;
  readonly timeoutMs: number;
  readonly gone: () => Error;
  readonly odd: () => Error;
  readonly givenUp: () => Error;
}

async function failureOf(
  { kind, status }: Fault,
  signal: AbortSignal,
  refused: (status: number, body: unknown) => Error,
  { late, timeoutMs, gone, odd, givenUp }: Failures,
): Promise<Error> {
  switch (kind) {
    case 'status':
    case 'half-page':
      return refused(status ?? 500, { error: {} });
    case 'html':
      return refused(status ?? 502, null);
    case 'rate-limited':
      return refused(429, { error: {} });
    case 'stall-headers':
    case 'stall-body':
      await passes(timeoutMs, signal, givenUp);
      return late();
    case 'reset':
      return gone();
    case 'empty':
    case 'null-body':
    case 'wrong-shape':
    case 'no-date':
    case 'latency':
      return odd();
  }
}

async function passes(ms: number, signal: AbortSignal, givenUp: () => Error): Promise<void> {
  try {
    if (ms > 0) await delay(ms, undefined, { signal });
  } catch {
    throw givenUp();
  }
}
