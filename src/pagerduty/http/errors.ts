import { z } from 'zod';
import { PagerDutyError } from '../../ports/pagerduty.ts';

/** What was being done, for messages. It holds neither query nor body: those carry e-mail addresses and free text. */
export interface Operation {
  /** Completes "could not …", for instance `read on-call rows`. */
  readonly doing: string;
  /** The OAuth scope that PagerDuty asks for, for instance `oncalls.read`. */
  readonly scope: string;
  readonly host: string;
  /**
   * PagerDuty limits it further than by key. Documented for GET /oncalls, POST /incidents and PUT /incidents, without numbers
   * (REST API v2 reference).
   */
  readonly limitedApart?: true;
}

/** What PagerDuty tells with a 429, which may be nothing: null. */
export interface RateLimitHint {
  /** `ratelimit-limit`: by it the limit that was reached is told from others. */
  readonly limit: number | null;
  /** `ratelimit-reset`, in milliseconds: when to ask again. */
  readonly resetMs: number | null;
}

/** A 429, with PagerDuty's own hints. */
export class RateLimitedError extends PagerDutyError implements RateLimitHint {
  readonly limit: number | null;
  readonly resetMs: number | null;

  /** `not sent`: PagerDuty was not asked, because it had told that nothing is left. */
  constructor(operation: Operation, { limit, resetMs }: RateLimitHint, sent: 'sent' | 'not sent' = 'sent') {
    const remedy =
      resetMs === null ? 'ask again later' : `the limit resets in ${Math.ceil(resetMs / 1_000)} s`;
    const problem = `the key's rate limit is used up (${sent === 'sent' ? '429' : 'not asked'}); ${remedy}`;
    super('rate-limited', sentence(operation, problem), {
      transient: true,
      status: sent === 'sent' ? 429 : null,
    });
    this.limit = limit;
    this.resetMs = resetMs;
  }
}

/** No whole answer in time. */
export function timedOut(operation: Operation, afterMs: number): PagerDutyError {
  const problem = `${operation.host} gave no whole answer within ${Math.round(afterMs)} ms; check the network path and PagerDuty's status page`;
  return new PagerDutyError('timeout', sentence(operation, problem), { transient: true, silence: true });
}

/** The asker's own signal ended the call: its deadline has passed, or the service is shutting down. Says nothing of PagerDuty. */
export class GivenUpError extends PagerDutyError {
  constructor(operation: Operation, afterMs: number) {
    const problem = `given up after ${Math.round(afterMs)} ms because the asker's time was over before ${operation.host} had answered`;
    super('timeout', sentence(operation, problem), { transient: true });
  }
}

/** A 2xx that is not the answer PagerDuty documents. */
export function malformed(operation: Operation, detail: string, status: number | null): PagerDutyError {
  const problem = `the answer of ${operation.host} is not what PagerDuty documents: ${detail}`;
  return new PagerDutyError('malformed', sentence(operation, problem), { transient: false, status });
}

/** The first thing zod objects to, by its path, for instance ``field `oncalls[0].start`: invalid input``. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'it does not fit the schema';
  const complaint = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return `field \`${z.core.toDotPath(issue.path)}\`: ${complaint}`;
}

/** The source of the key failed, for instance a file that is gone; the reason is the `cause`, never in the text. */
export function noKey(cause: unknown, operation: Operation): PagerDutyError {
  if (cause instanceof PagerDutyError) return cause;
  const problem = 'the API key could not be had; check the file or the OAuth client it comes from';
  return new PagerDutyError('unauthorised', sentence(operation, problem), { transient: false, cause });
}

/** A key or `from` address that no HTTP header may hold. Checked before Node does, whose own error quotes the key. */
export function unusableHeader(operation: Operation, what: string): PagerDutyError {
  const problem = `${what} is empty or holds a character that no HTTP header may hold, such as a line break; check the file it comes from`;
  return new PagerDutyError('unauthorised', sentence(operation, problem));
}

/** An id that would ask PagerDuty about something else, or about everything. */
export function unusableId(id: string, operation: Operation): PagerDutyError {
  return new PagerDutyError('refused', sentence(operation, `\`${id}\` is no id`));
}

/**
 * Whatever a call threw → PagerDutyError. pdjs throws an `Error` when there was no answer, and the bare `Response`
 * (of any status, 200 included) when there was one whose body is no JSON. The thrown value never becomes the
 * `cause`: its text quotes the URL with its query, and for bad headers the key.
 */
export function toPagerDutyError(thrown: unknown, operation: Operation): PagerDutyError {
  if (thrown instanceof PagerDutyError) return thrown;
  if (isResponse(thrown)) return notJson(thrown, operation);
  return noAnswer(thrown, operation);
}

export function sentence(operation: Operation, problem: string): string {
  return `could not ${operation.doing}: ${problem}`;
}

interface ThrownResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

function isResponse(thrown: unknown): thrown is ThrownResponse {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'status' in thrown &&
    typeof thrown.status === 'number' &&
    'headers' in thrown
  );
}

function notJson({ status, headers }: ThrownResponse, operation: Operation): PagerDutyError {
  const type = headers.get('content-type')?.split(';')[0] ?? 'no content type';
  // PagerDuty has been seen to send 401 as empty HTML, so that status keeps its meaning; others may be anyone's.
  if (status === 401) return unauthorised(operation);
  const problem = `${operation.host} answered ${status} with a body (${type}) that is no JSON, was cut off, or is too big; a proxy or gateway may be in between, check pagerduty.api_url`;
  const silence = status >= 500;
  return new PagerDutyError('unavailable', sentence(operation, problem), {
    transient: true,
    status,
    silence,
  });
}

function unauthorised(operation: Operation): PagerDutyError {
  const problem = `${operation.host} does not accept the API key (401); it is wrong, has expired, or belongs to the other service region (api.pagerduty.com is US, api.eu.pagerduty.com is EU): compare it with Integrations, API Access Keys in PagerDuty`;
  return new PagerDutyError('unauthorised', sentence(operation, problem), { transient: false, status: 401 });
}

function noAnswer(thrown: unknown, operation: Operation): PagerDutyError {
  if (propertyOf(thrown, 'type') === 'no-redirect' || propertyOf(thrown, 'type') === 'invalid-redirect') {
    const problem = `${operation.host} answered with a redirect, which is not followed because the API key would travel along; set pagerduty.api_url to the API itself`;
    return new PagerDutyError('unavailable', sentence(operation, problem));
  }
  const code = propertyOf(thrown, 'code') ?? 'no code';
  const certificate = /CERT|TLS|SSL|SIGNATURE|ISSUER/.test(code);
  const remedy = certificate
    ? 'its certificate is not trusted; if a proxy inspects TLS, give its CA to Node by NODE_EXTRA_CA_CERTS'
    : "check the name, the network path, and PagerDuty's status page";
  const problem = `the connection to ${operation.host} failed (${code}); ${remedy}`;
  const options = { transient: !certificate, silence: !certificate };
  return new PagerDutyError('unavailable', sentence(operation, problem), options);
}

function propertyOf(thrown: unknown, name: 'code' | 'type'): string | null {
  if (typeof thrown !== 'object' || thrown === null || !(name in thrown)) return null;
  const value: unknown = Reflect.get(thrown, name);
  return typeof value === 'string' ? value : null;
}

/** Too much failed just now: PagerDuty is left alone for a moment, and then tried with one request. */
export function leftAlone(operation: Operation): PagerDutyError {
  const problem = `${operation.host} has failed too often in a row and is left alone for some seconds; see PagerDuty's status page`;
  return new PagerDutyError('unavailable', sentence(operation, problem), { transient: true });
}

/** More questions are waiting than can be answered in any useful time. */
export function tooMany(operation: Operation): PagerDutyError {
  return new PagerDutyError(
    'unavailable',
    sentence(operation, 'too many questions are waiting for PagerDuty'),
    { transient: true },
  );
}

const LONGEST_QUOTE = 300;

/** A detail: a text, or with `/v3` an object whose texts are shown. */
const Detail = z.union([z.string(), z.record(z.string(), z.unknown())]);

/**
 * PagerDuty's error body. `errors` is documented as a list of texts, seen as a single text, and under `/v3` has objects; `error` was
 * seen as a list. Only the frame is insisted upon: that it is PagerDuty who answers.
 */
const ErrorBody = z.object({
  error: z.union([
    z.object({
      code: z.union([z.number(), z.string()]).nullish(),
      message: z.string().nullish(),
      errors: z.union([z.array(Detail), Detail]).nullish(),
    }),
    z.array(Detail),
  ]),
});

interface Refusal {
  readonly status: number;
  readonly body: unknown;
  /** Never repeated, even where PagerDuty (or a gateway) echoes it. */
  readonly key: string;
}

/**
 * An answer outside of 2xx → PagerDutyError. Decided by HTTP status alone, since PagerDuty declares its list of
 * error codes open-ended; code and message are quoted for the reader.
 */
export function refusalError(refusal: Refusal, operation: Operation): PagerDutyError {
  const { status } = refusal;
  const words = quote(refusal);
  const said = words === null ? `(${status})` : `(${status}, ${words})`;
  const fail = (kind: PagerDutyError['kind'], problem: string, transient = false): PagerDutyError =>
    new PagerDutyError(kind, sentence(operation, problem), { transient, status, silence: status >= 500 });

  if (status === 401) return unauthorised(operation);
  if (status === 429) return new RateLimitedError(operation, { limit: null, resetMs: null });
  if (status === 408 || status >= 500) {
    return fail('unavailable', `${operation.host} failed ${said}; see PagerDuty's status page`, true);
  }
  // Only PagerDuty's own 4xx settles anything: a gateway in between has its own idea of "not found".
  if (words === null) {
    const problem = `${operation.host} answered ${said} without PagerDuty's error body; a proxy or gateway may be in between, check pagerduty.api_url`;
    return fail('unavailable', problem, true);
  }
  switch (status) {
    case 402:
      return fail('forbidden', `the account's PagerDuty plan does not include it ${said}`);
    case 403:
      return fail(
        'forbidden',
        `the API key has no right to ${operation.doing} ${said}; give an OAuth app the scope \`${operation.scope}\`, or use a key with ${operation.scope.endsWith('.write') ? 'full access' : 'access to the whole account'}`,
      );
    case 404:
      return fail('not-found', `PagerDuty has no such thing, or the key may not see it ${said}`);
    default:
      return fail('refused', `PagerDuty refused ${said}`);
  }
}

/** Of an object its texts, one after the other, for instance a field and what is wrong with it. */
function textOf(detail: z.infer<typeof Detail>): string {
  if (typeof detail === 'string') return detail;
  return Object.values(detail)
    .flat()
    .filter((value) => typeof value === 'string')
    .join(' ');
}

function quote({ body, key }: Refusal): string | null {
  const parsed = ErrorBody.safeParse(body);
  if (!parsed.success) return null;
  const { error } = parsed.data;
  const parts = Array.isArray(error)
    ? error.map(textOf)
    : [
        (error.code ?? null) === null ? '' : `code ${error.code}`,
        error.message ?? '',
        ...[error.errors ?? []].flat().map(textOf),
      ];
  const words = parts
    .filter((part) => part !== '')
    .join(', ')
    .replaceAll(key, '[redacted]')
    .replaceAll(/[\p{Cc}`]+/gu, ' ');
  return words === '' ? 'no code' : `\`${words.slice(0, LONGEST_QUOTE).toWellFormed()}\``;
}
