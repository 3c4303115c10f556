import type { Config } from '../config/load.ts';
import type { RuleAhead } from '../core/forecast/forecast.ts';
import type { Instant } from '../core/values/instant.ts';
import { healthRoutes, metricsRoute } from '../http/operations.ts';
import { startHttpServer, type HttpPlugin } from '../http/server.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { PagerDutyConnection } from '../pagerduty/connect.ts';
import type { PagerDutyExchange } from '../ports/pagerduty.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { RosterHealth } from '../ports/roster.ts';
import { createSchedule } from '../schedule/cron.ts';
import { combineReporters } from '../telemetry/combine-reporters.ts';
import { createHealth } from '../telemetry/health.ts';
import type { Readiness } from '../telemetry/readiness.ts';
import type { OpenTelemetry } from '../telemetry/otlp/connect.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { VERSION } from '../version.ts';

/** The parts that are watched over. */
export interface Monitored {
  readonly ledger: Ledger;
  readonly pagerduty: Pick<PagerDutyConnection, 'admin' | 'budget' | 'credentials' | 'refreshCredentials'>;
  readonly identityExpires: () => Instant;
  /** Further routes of the same listener. */
  readonly plugins?: (readiness: () => Readiness) => readonly HttpPlugin[];
  /** What is to come under each rule; null while that is not known. */
  readonly forecast?: () => readonly RuleAhead[] | null;
  /** Null before it is begun. */
  readonly roster?: () => RosterHealth | null;
}

export interface Listener extends AsyncDisposable {
  /** For instance `http://127.0.0.1:8080`; null where nothing listens. */
  readonly url: string | null;
}

/** What operators see of the service: its events as metrics, its health, and the listener that shows both. */
export interface Monitoring {
  readonly reporter: Reporter;
  readonly onExchange: (exchange: PagerDutyExchange) => void;
  /** Starts the listener and the probes behind it. Throws HttpListenError. */
  listen(observed: Monitored): Promise<Listener>;
}

const PROBE_EVERY = '*/15 * * * * *';

export function monitor(options: {
  /** Absent: nothing listens, and metrics are for OpenTelemetry alone. */
  readonly http: Config['http'];
  readonly otlp: OpenTelemetry | null;
  readonly reporter: Reporter;
  readonly clock: Clock;
  /** Whether a key tells what others wrote to the ledger. */
  readonly isSealed: boolean;
}): Monitoring {
  const { http, otlp } = options;
  const health = createHealth(options.clock, options);
  const metrics = createMetrics();
  const reporter = combineReporters([options.reporter, health.reporter, metrics.reporter]);
  return {
    reporter,
    onExchange(exchange) {
      health.onExchange(exchange);
      metrics.onExchange(exchange);
    },
    async listen({ ledger, pagerduty, identityExpires, plugins, ...seen }) {
      const { forecast = () => null, roster = () => null } = seen;
      const readiness = () => health.readiness(identityExpires(), pagerduty.credentials(), roster());
      const { page, values } = metrics.observe({
        version: VERSION,
        readiness,
        identityExpires,
        ledgerSize: () => ledger.size(),
        pagerDutyBudget: () => pagerduty.budget(),
        pagerDutyCredentials: () => pagerduty.credentials(),
        forecast,
        roster,
      });
      otlp?.sendMetrics(values);
      const server =
        http === undefined
          ? null
          : await startHttpServer({
              listen: http.listen,
              trustedProxies:
                http.pages !== undefined && 'trusted_proxies' in http.pages ? http.pages.trusted_proxies : [],
              plugins: [
                healthRoutes({ version: VERSION, readiness }),
                metricsRoute({ contentType: metrics.contentType, render: page }),
                ...(plugins?.(readiness) ?? []),
              ],
              onFailure: (failure) => reporter.requestFailed(failure),
            });
      if (server !== null) reporter.listening({ url: server.url });
      const stop = new AbortController();
      const probed = {
        ledger,
        pagerduty: pagerduty.admin,
        refreshCredentials: () => pagerduty.refreshCredentials(),
      };
      const probe = () => health.probe(probed, stop.signal);
      const schedule = createSchedule([{ name: 'health', expression: PROBE_EVERY, run: probe }]);
      await schedule.start();
      const first = probe();
      return {
        url: server?.url ?? null,
        async [Symbol.asyncDispose]() {
          stop.abort();
          await Promise.all([server?.close(), schedule.stop(), first]);
        },
      };
    },
  };
}
