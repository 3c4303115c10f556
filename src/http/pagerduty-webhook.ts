import type { FastifyRequest } from 'fastify';
import { HOUR, msBetween, epochMsOf, SECOND } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { IncidentNews, WebhookOutcome } from '../ports/webhooks.ts';
import { RefusedError, type HttpPlugin } from './server.ts';
import {
  webhookEventIn,
  isSigned,
  signaturesIn,
  type WebhookEvent,
  type WebhookSecret,
} from './webhook-event.ts';
import { remember } from '../core/values/remember.ts';

export interface PagerDutyWebhookOptions {
  /** Those of the subscription: two while one takes the place of the other. Read at every webhook. */
  readonly secrets: readonly WebhookSecret[];
  readonly clock: Clock;
  /** Everything that was sent, and what became of it. */
  readonly onWebhook: (event: WebhookSeen) => void;
  /** News of an incident; must not throw, and is not waited for. */
  readonly onNews: (news: IncidentNews) => void;
}

export interface WebhookSeen {
  readonly outcome: WebhookOutcome;
  /** PagerDuty's name of the event; null where it is not known to be PagerDuty's. */
  readonly eventType: string | null;
  /** The address it came from: of the reverse proxy, where there is one. */
  readonly source: string;
}

export const WEBHOOK_PATH = '/webhooks/pagerduty';

/** PagerDuty sends none that are larger. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** PagerDuty tries for 48 hours; what is older is a replay. Both margins are wide: a refusal would lose the event. */
const OLDEST_MS = 49 * HOUR;
const AHEAD_MS = HOUR;
const REMEMBERED_EVENTS = 10_000;
/** PagerDuty takes 429 for "later". A burst is what a big incident brings; whoever is refused has spent ten. */
const LIMIT = { burst: 200, perSecond: 20, sources: 1_000 };
const REFUSAL_COST = 10;

const STATUS_OF = {
  unsigned: [401, 'the signature is missing'],
  forged: [401, 'the signature is wrong'],
  malformed: [400, 'this is no webhook of version 3'],
  late: [400, 'the event is too old'],
  early: [400, 'the event is from the future'],
} as const satisfies Partial<Record<WebhookOutcome, readonly [number, string]>>;

type Refusal = keyof typeof STATUS_OF;
type Judged =
  | { readonly outcome: Refusal; readonly event: null }
  | { readonly outcome: Exclude<WebhookOutcome, Refusal>; readonly event: WebhookEvent };

/**
 * `POST /webhooks/pagerduty`: webhooks v3. What is authentic is answered 202 at once, whatever it is about, and looked into
 * afterwards. PagerDuty repeats a webhook after 5xx, 429 and silence, and drops it after any other refusal: so these are for
 * what no repetition can mend, and 5xx for faults of ours.
 */
export function pagerDutyWebhook(options: PagerDutyWebhookOptions): HttpPlugin {
  const { clock, onWebhook, onNews } = options;
  const limit = createSourceLimit({ clock, ...LIMIT });
  const judge = createJudge(options);

  return (server) => {
    // The signature is over the bytes as they came, whatever they claim to be.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    server.addHook('onRequest', async (request, reply) => {
      const source = sourceOf(request);
      if (limit.take(source, 1)) return undefined;
      onWebhook({ outcome: 'limited', eventType: null, source });
      return reply.header('retry-after', '10').code(429).send({ error: 'too many at once' });
    });
    server.addHook('onError', (request, _reply, error, done) => {
      const source = sourceOf(request);
      if (error.statusCode !== undefined && error.statusCode < 500) limit.take(source, REFUSAL_COST);
      if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
        onWebhook({ outcome: 'oversized', eventType: null, source });
      else if (!(error instanceof RefusedError)) onWebhook({ outcome: 'failed', eventType: null, source });
      done();
    });
    server.post(WEBHOOK_PATH, { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
      const { outcome, event } = judge(bodyOf(request), request.headers['x-pagerduty-signature']);
      onWebhook({ outcome, eventType: event?.type ?? null, source: sourceOf(request) });
      if (event === null) {
        const [status, message] = STATUS_OF[outcome];
        throw new RefusedError(status, message);
      }
      if (outcome === 'accepted' && event.news !== null) onNews(event.news);
      return reply.code(202).send({ outcome });
    });
    return Promise.resolve();
  };
}

/** Nothing is read of a body before its signature is known to be right. */
function createJudge({ secrets, clock }: PagerDutyWebhookOptions) {
  const seen = new Map<string, true>();

  function isNew(id: string): boolean {
    if (seen.has(id)) return false;
    remember(seen, id, true, REMEMBERED_EVENTS);
    return true;
  }

  return (body: Buffer, header: string | string[] | undefined): Judged => {
    const signatures = signaturesIn([header ?? []].flat().join(','));
    if (signatures.length === 0) return { outcome: 'unsigned', event: null };
    if (!isSigned(body, signatures, secrets)) return { outcome: 'forged', event: null };
    const event = webhookEventIn(body);
    if (event === null) return { outcome: 'malformed', event };
    const ageMs = msBetween(event.occurredAt, clock.now());
    if (ageMs > OLDEST_MS) return { outcome: 'late', event: null };
    if (ageMs < -AHEAD_MS) return { outcome: 'early', event: null };
    if (!isNew(event.id)) return { outcome: 'duplicate', event };
    if (event.type === 'pagey.ping') return { outcome: 'ping', event };
    return { outcome: event.news === null ? 'ignored' : 'accepted', event };
  };
}

/** A request without a body has none to parse. */
function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function sourceOf({ socket }: FastifyRequest): string {
  return socket.remoteAddress ?? 'unknown';
}

export interface SourceLimitOptions {
  readonly clock: Clock;
  /** How much one source may take at once. */
  readonly burst: number;
  readonly perSecond: number;
  /** How many sources are remembered; the one that was idle longest is forgotten first. */
  readonly sources: number;
}

export interface SourceLimit {
  /** Takes `cost` from what the source has left; false when there is not that much. */
  take(source: string, cost: number): boolean;
}

/** A token bucket for each address that somebody sends from. */
export function createSourceLimit({ clock, burst, perSecond, sources }: SourceLimitOptions): SourceLimit {
  const buckets = new Map<string, { readonly left: number; readonly atMs: number }>();
  return {
    take(source, cost) {
      const nowMs = epochMsOf(clock.now());
      const { left, atMs } = buckets.get(source) ?? { left: burst, atMs: nowMs };
      const refilled = Math.min(burst, left + (Math.max(0, nowMs - atMs) / SECOND) * perSecond);
      const enough = refilled >= cost;
      remember(buckets, source, { left: enough ? refilled - cost : refilled, atMs: nowMs }, sources);
      return enough;
    },
  };
}
