import { collectDefaultMetrics, Registry } from 'prom-client';
import { partsOf } from '../core/record/effect-keys.ts';
import type { PagerDutyExchange } from '../ports/pagerduty.ts';
import type { Reporter } from '../ports/reporter.ts';
import { createGauges, instruments, PREFIX, type Gauged } from './gauges.ts';

export interface Metrics {
  readonly reporter: Partial<Reporter>;
  readonly onExchange: (exchange: PagerDutyExchange) => void;
  readonly contentType: string;
  /** With what is asked at every scrape. */
  observe(gauged: Gauged): {
    /** The page in Prometheus' text format. */
    readonly page: () => Promise<string>;
    /** The same for others. */
    readonly values: () => ReturnType<Registry['getMetricsAsJSON']>;
  };
}

/** From a decision in one fast round trip to the 4 s that one PagerDuty request may take, and some of these in a row. */
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** A person may be asked only after `decide_within`, and a restart takes its time. */
const LONG_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800];

/**
 * Everything counted, for Prometheus. Labels are words of the configuration and of this program: never names of people, never
 * ids, so that neither a secret nor an unbounded number of series can come of what requesters write.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  return {
    reporter: { ...decisionMetrics(registry), ...effectMetrics(registry), ...watchMetrics(registry) },
    onExchange: pagerDutyMetrics(registry),
    contentType: registry.contentType,
    observe(gauged) {
      const refreshGauges = createGauges(registry, gauged);
      return {
        async page() {
          await refreshGauges();
          return registry.metrics();
        },
        async values() {
          await refreshGauges();
          return registry.getMetricsAsJSON();
        },
      };
    },
  };
}

function decisionMetrics(registry: Registry): Partial<Reporter> {
  const { counter, gauge, histogram } = instruments(registry);
  const decisions = counter('decisions_total', 'decisions, by verdict and determining rules', [
    'verdict',
    'rule',
  ]);
  const duration = histogram(
    'decision_duration_seconds',
    'from taking up a request to the recorded decision, facts gathered in between',
    ['verdict'],
    SECONDS,
  );
  const wait = histogram(
    'request_wait_seconds',
    "from Teleport's creation of a request to the first recorded decision on it, by two clocks",
    ['verdict'],
    LONG_SECONDS,
  );
  const postponed = counter('decisions_postponed_total', 'decisions put off because facts were missing');
  const ended = counter('requests_ended_total', 'requests that ended, by their last state', ['state']);
  const webhooks = counter('webhooks_total', 'what was sent to the webhook route, by what became of it', [
    'outcome',
  ]);
  const nobody = counter('nobody_to_page_total', 'decisions that need a person while nobody can be paged');
  const forged = gauge(
    'forged_records',
    'requests for which nothing is done because somebody else wrote their entries, and entries that were cut off',
  );
  const arrived = counter(
    'arrived_approved_total',
    'requests that were approved without any review when first seen',
  );
  const taken = counter(
    'taken_names_total',
    'looks at names of rules or annotations that lead elsewhere in PagerDuty than they first did, one in ten minutes of each',
  );
  const unread = gauge(
    'audit_log_unread',
    "1 while Teleport's audit log cannot be read on: what access is used for is not known",
  );
  const accounts = counter('accounts_total', 'accounts of what an access was used for', ['stage', 'outcome']);
  const failures = counter('handling_failures_total', 'requests that could not be handled, and come back');
  return {
    decided({ decided: { request, decision, number, decidedAt }, durationMs }) {
      const { verdict, rules } = decision;
      decisions.inc({ verdict, rule: rules.length === 0 ? 'none' : rules.join('+') });
      duration.observe({ verdict }, durationMs / 1_000);
      if (number !== 1 || request.created === null) return;
      const waited = Date.parse(decidedAt) - Date.parse(request.created);
      wait.observe({ verdict }, Math.max(0, waited) / 1_000);
    },
    postponed: () => postponed.inc(),
    ended: ({ ending }) => ended.inc({ state: ending.state }),
    webhook: ({ outcome }) => webhooks.inc({ outcome }),
    nobodyToPage: () => nobody.inc(),
    recordForged: () => forged.inc(),
    recordSound: () => forged.dec(),
    arrivedApproved: () => arrived.inc(),
    nameTaken: () => taken.inc(),
    auditLog: ({ state }) => unread.set(state === 'read' ? 0 : 1),
    usageFailed: () => unread.set(1),
    used: ({ recorded: { stage, outcome } }) => accounts.inc({ stage, outcome }),
    handlingFailed: () => failures.inc(),
  };
}

function effectMetrics(registry: Registry): Partial<Reporter> {
  const { counter, gauge, histogram } = instruments(registry);
  const effects = counter('effects_total', 'attempts at effects, by effect and outcome (done or failed)', [
    'effect',
    'outcome',
  ]);
  const duration = histogram(
    'effect_duration_seconds',
    'time of effects that were done',
    ['effect'],
    SECONDS,
  );
  const unfinished = gauge('unfinished_effects', 'effects that are due and not done, at the last look');
  return {
    effectDone({ key, durationMs }) {
      const effect = partsOf(key).word ?? 'other';
      effects.inc({ effect, outcome: 'done' });
      duration.observe({ effect }, durationMs / 1_000);
    },
    effectFailed: ({ key }) => effects.inc({ effect: partsOf(key).word ?? 'other', outcome: 'failed' }),
    resumed: (event) => unfinished.set(event.effects),
  };
}

function watchMetrics(registry: Registry): Partial<Reporter> {
  const { counter, gauge, histogram } = instruments(registry);
  const live = gauge('watch_live', '1 while the watch of access requests is live, else 0');
  const lost = counter(
    'watch_lost_total',
    'how often the watch was lost, and each failed try to have it back',
  );
  const reconnects = counter(
    'watch_reconnects_total',
    'how often the watch went live again after it was lost',
  );
  const lag = histogram(
    'watch_lag_seconds',
    "from Teleport's creation of a request to the sight of it on the live watch, by two clocks",
    [],
    SECONDS,
  );
  const malformed = counter('malformed_requests_total', 'access requests that could not be read');
  const sweepFailures = counter('sweep_failures_total', 'failed looks for work that no event brings');
  const renewals = counter('identity_renewals_total', 'identities taken over from disk');
  const problems = counter('identity_problems_total', 'looks at an identity on disk that cannot be used');
  let wasLive = false;
  return {
    watchLive() {
      live.set(1);
      if (wasLive) reconnects.inc();
      wasLive = true;
    },
    watchLost() {
      live.set(0);
      lost.inc();
    },
    seen: ({ lagMs }) => lag.observe(lagMs / 1_000),
    malformed: () => malformed.inc(),
    sweepFailed: () => sweepFailures.inc(),
    identityRenewed: () => renewals.inc(),
    identityProblem: () => problems.inc(),
  };
}

function pagerDutyMetrics(registry: Registry): Metrics['onExchange'] {
  const { counter, histogram } = instruments(registry);
  const requests = counter(
    'pagerduty_requests_total',
    'HTTP requests to PagerDuty, by what for and outcome',
    ['operation', 'outcome'],
  );
  const duration = histogram(
    'pagerduty_request_duration_seconds',
    'time of HTTP requests to PagerDuty, failed ones included',
    ['operation'],
    SECONDS,
  );
  return ({ doing, failure, durationMs }) => {
    requests.inc({ operation: doing, outcome: failure?.kind ?? 'ok' });
    duration.observe({ operation: doing }, durationMs / 1_000);
  };
}
