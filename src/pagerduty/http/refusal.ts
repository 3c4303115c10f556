import { z } from 'zod';
import { PagerDutyError } from '../../ports/pagerduty.ts';
import { RateLimitedError, sentence, unauthorised, type Operation } from './errors.ts';

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
