import { expect, it } from 'vitest';
import { PagerDutyError, type PagerDutyErrorKind } from '../../src/ports/pagerduty.ts';
import { createLogReporter } from '../../src/telemetry/log-reporter.ts';
import { outageTeller } from '../../src/telemetry/health.ts';
import { capturedLog } from './captured-log.ts';

it('an outage is told once when it is one, and once when it is over; what fails of it, on level debug', () => {
  const { log, lines } = capturedLog('info');
  const reporter = createLogReporter(log);
  const tell = outageTeller(reporter);
  const calls = (kind: PagerDutyErrorKind | null, count: number) => {
    for (let call = 0; call < count; call += 1) {
      const failure = kind === null ? null : new PagerDutyError(kind, `it is ${kind}`, { transient: true });
      tell({ doing: 'look up a service', failure, durationMs: 4 });
      if (failure !== null)
        reporter.followUpFailed({ requestId: 'r', what: 'answers', cause: failure.message, retryInMs: 1 });
    }
  };

  calls('timeout', 1);
  calls(null, 1);
  calls('not-found', 1);
  calls('unavailable', 60);
  calls('unauthorised', 60);
  calls(null, 3);
  calls('timeout', 1);

  const told = lines.map(({ level, msg }) => `${String(level)}: ${String(msg)}`);
  expect(told.filter((line) => !line.includes('follow-up failed'))).toEqual([
    'error: PagerDuty cannot be used: pages wait, and only rules for breaking glass approve, until it answers',
    'info: PagerDuty answers again',
  ]);
  expect(told.filter((line) => line.includes('follow-up failed')).length).toBeLessThan(6);
});
