import type { RequestId } from '../core/access-request.ts';
import type { Ledger } from './ledger.ts';
import type { Next } from './next.ts';
import type { PagerDutyExchange } from './pagerduty.ts';
import type { Reporter } from './reporter.ts';
import type { TeleportCall } from './teleport.ts';

/** What is done for requests, told as traces: one a request. Nothing of it throws, and nobody waits for it. */
export interface Tracing {
  /** What the decisions and effects of a handling add to its span. */
  readonly reporter: Partial<Reporter>;
  /** Handles a request within a span of its trace. */
  handling<Result extends Pick<Next<unknown>, 'is'>>(
    handled: { readonly requestId: RequestId; readonly stage: string },
    handle: () => Promise<Result>,
  ): Promise<Result>;
  onExchange(exchange: PagerDutyExchange): void;
  onCall(call: TeleportCall): void;
  /** The same ledger, whose writes are told. */
  writing(ledger: Ledger): Ledger;
}
