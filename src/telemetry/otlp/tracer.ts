import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import type { RequestId } from '../../core/access-request.ts';
import type { LedgerEntry } from '../../core/record/ledger-entry.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Tracing } from '../../ports/tracing.ts';
import { traceIdOf, wholeSpanIdOf } from '../trace-id.ts';

export interface TracerOptions {
  readonly tracer: Tracer;
  /** The ids of the next span that has no parent. */
  readonly nextIds: (ids: { readonly traceId: string; readonly spanId: string }) => void;
}

/** Where spans belong that are told from within. */
interface Within {
  readonly span: Span;
  readonly context: Context;
}

const PREFIX = 'oncall_approver.';

/**
 * Spans hold what the log holds of it, and less: ids, verdicts, names of rules, effects and failures. Never a reason, a person's name
 * or a secret.
 */
export function createTracing({ tracer, nextIds }: TracerOptions): Tracing {
  const within = new AsyncLocalStorage<Within>();
  /** Of these something was written since they were last looked at, or by the process before: they may be over. */
  const unfinished = new Set<RequestId>();
  let ledgerRead: Ledger | null = null;

  /** A call that ended now. */
  function called(name: string, call: { durationMs: number; failure: string | null; system: string }): void {
    const end = Date.now();
    const parent = within.getStore()?.context ?? ROOT_CONTEXT;
    const attributes = {
      'peer.service': call.system,
      ...(call.failure === null ? {} : { 'error.type': call.failure }),
    };
    const startTime = end - call.durationMs;
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime, attributes }, parent);
    if (call.failure !== null) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(end);
  }

  /** From the request's creation until now, once it is over. */
  async function tellWhole(requestId: RequestId): Promise<void> {
    const entries = (await ledgerRead?.entriesOf(requestId)) ?? [];
    const whole = wholeOf(entries);
    if (whole === null) return;
    nextIds({ traceId: traceIdOf(requestId), spanId: wholeSpanIdOf(requestId) });
    const { startTime, attributes } = whole;
    tracer
      .startSpan(
        'access request',
        { root: true, startTime, attributes: { [`${PREFIX}request_id`]: requestId, ...attributes } },
        ROOT_CONTEXT,
      )
      .end();
  }

  return {
    reporter: {
      decided({ decided: { decisionId, decision } }) {
        within.getStore()?.span.setAttributes({
          [`${PREFIX}decision_id`]: decisionId,
          [`${PREFIX}verdict`]: decision.verdict,
          [`${PREFIX}rules`]: [...decision.rules],
        });
      },
      postponed: ({ attempt }) => within.getStore()?.span.addEvent('postponed', { attempt }),
      effectDone: ({ key }) => within.getStore()?.span.addEvent('effect done', { effect: key }),
      effectFailed: ({ key, cause: { code } }) =>
        within.getStore()?.span.addEvent('effect failed', { effect: key, 'error.type': code }),
      ended: ({ ending }) => within.getStore()?.span.addEvent('ended', { state: ending.state }),
    },
    async handling({ requestId, stage }, handle) {
      const parent = trace.setSpanContext(ROOT_CONTEXT, {
        traceId: traceIdOf(requestId),
        spanId: wholeSpanIdOf(requestId),
        traceFlags: TraceFlags.SAMPLED,
        isRemote: true,
      });
      const attributes = { [`${PREFIX}request_id`]: requestId, [`${PREFIX}stage`]: stage };
      const span = tracer.startSpan(`handle ${stage}`, { attributes }, parent);
      try {
        const next = await within.run({ span, context: trace.setSpan(parent, span) }, handle);
        // Before the ledger is closed: what is over waits for nothing any more. Its access may be looked at for long after that.
        if (next.is !== 'at-once' && unfinished.delete(requestId))
          await tellWhole(requestId).catch(() => undefined);
        return next;
      } catch (error) {
        markFailed(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
    onExchange: ({ doing, failure, durationMs }) =>
      called(`PagerDuty ${doing}`, { durationMs, failure: failure?.kind ?? null, system: 'pagerduty' }),
    onCall: ({ method, failure, durationMs }) => called(method, { durationMs, failure, system: 'teleport' }),
    writing(ledger) {
      ledgerRead = ledger;
      ledger.open().then(
        (ids) => ids.forEach((id) => unfinished.add(id)),
        () => undefined,
      );
      const append: Ledger['append'] = async (events, ...rest) => {
        const attributes = {
          'db.operation.name': 'append',
          [`${PREFIX}entries`]: events.map(({ kind }) => kind),
        };
        const parent = within.getStore()?.context ?? ROOT_CONTEXT;
        const span = tracer.startSpan('ledger append', { kind: SpanKind.CLIENT, attributes }, parent);
        try {
          const entries = await ledger.append(events, ...rest);
          for (const event of events) if ('requestId' in event) unfinished.add(event.requestId);
          return entries;
        } catch (error) {
          markFailed(span, error);
          throw error;
        } finally {
          span.end();
        }
      };
      return new Proxy(ledger, {
        get(target, name) {
          if (name === 'append') return append;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}

/** The message may name what does not belong here; it is in the log. */
function markFailed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
}

/** Null while the request is not over, or something that was begun for it is not done. */
function wholeOf(entries: readonly LedgerEntry[]) {
  const [first] = entries;
  const events = entries.map(({ event }) => event);
  const done = new Set(events.map((event) => (event.kind === 'effect-done' ? event.key : '')));
  if (events.some((event) => event.kind === 'effect-intended' && !done.has(event.effect.key))) return null;
  const ended = events.findLast((event) => event.kind === 'ended');
  if (first === undefined || ended === undefined) return null;
  const decided = events.findLast((event) => event.kind === 'decided');
  const started = Date.parse(decided?.request.created ?? first.at);
  return {
    startTime: started,
    attributes: {
      [`${PREFIX}state`]: ended.ending.state,
      ...(decided === undefined ? {} : { [`${PREFIX}verdict`]: decided.decision.verdict }),
    },
  };
}
