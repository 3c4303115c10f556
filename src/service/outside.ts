import type { Config } from '../config/load.ts';
import type { OpenLedger } from '../ledger/ledger-settings.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { connectPagerDuty, type PagerDutyConnection } from '../pagerduty/connect.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { Tracing } from '../ports/tracing.ts';
import { connectTeleport, type TeleportConnection } from '../teleport/connect.ts';
import { outageTeller } from '../telemetry/health.ts';
import { VERSION } from '../version.ts';
import { teleportOptions } from './connections.ts';
import type { Monitoring } from './monitoring.ts';
import type { Reloading } from './reloading.ts';

/** What every part of the service is made with. */
export interface Basis {
  readonly config: Config;
  readonly reloading: Reloading;
  readonly clock: Clock;
  readonly random: () => number;
  readonly reporter: Reporter;
  /** Null where neither an HTTP server nor OpenTelemetry is configured. */
  readonly monitoring: Monitoring | null;
  /** Null where OpenTelemetry is not configured. */
  readonly tracing: Tracing | null;
  /** Aborts the start. */
  readonly signal: AbortSignal;
}

/** The ledger and both systems. */
export interface Outside {
  /** Closed by itself. */
  readonly ledger: Omit<OpenLedger, keyof AsyncDisposable>;
  readonly pagerduty: PagerDutyConnection;
  readonly teleport: TeleportConnection;
}

/** Opens the ledger and makes both connections, of which nothing is asked yet; `resources` closes them. Throws LedgerUnavailableError. */
export async function connectOutside(
  { config, reloading, clock, random, reporter, monitoring, tracing, signal }: Basis,
  resources: AsyncDisposableStack,
): Promise<Outside> {
  const opened = resources.use(
    await openLedger(config.ledger, signal, ({ requestId, message }) =>
      reporter.recordForged({ requestId, cause: message }),
    ),
  );
  const ledger = tracing === null ? opened : { ...opened, ledger: tracing.writing(opened.ledger) };
  const tellOutage = outageTeller(reporter);
  const pagerduty = resources.use(
    connectPagerDuty({
      ...config.pagerduty,
      ...reloading.keys,
      version: VERSION,
      clock,
      random,
      onExchange(exchange) {
        tellOutage(exchange);
        monitoring?.onExchange(exchange);
        tracing?.onExchange(exchange);
      },
    }),
  );
  const teleport = resources.adopt(
    await connectTeleport({
      ...teleportOptions(config),
      ...(tracing === null ? {} : { onCall: (call) => tracing.onCall(call) }),
      onIdentityRenewed: ({ expires }) => reporter.identityRenewed({ expires }),
      onIdentityProblem: ({ message }) => reporter.identityProblem({ cause: message }),
    }),
    (each) => each.close(),
  );
  return { ledger, pagerduty, teleport };
}
