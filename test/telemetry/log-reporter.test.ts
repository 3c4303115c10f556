import { describe, expect, it } from 'vitest';
import type { Reporter } from '../../src/ports/reporter.ts';
import { createLogReporter } from '../../src/telemetry/log-reporter.ts';
import { aCause, aRecordedDecision, aRequest } from '../support/builders.ts';
import { capturedLog } from './captured-log.ts';

const requestId = 'request-1';
const decided = aRecordedDecision();

/** The lines that a report makes, without what every line has. */
function linesOf(report: (reporter: Reporter) => void): readonly Readonly<Record<string, unknown>>[] {
  const { log, lines } = capturedLog();
  report(createLogReporter(log));
  return lines.map((line) =>
    Object.fromEntries(Object.entries(line).filter(([name]) => name !== 'service' && name !== 'time')),
  );
}

describe('what happens, as a line of the log', () => {
  it.each<{ report: (to: Reporter) => void; line: Readonly<Record<string, unknown>> }>([
    {
      report: (to) => to.watchLive({ pending: 3, sinceStartMs: 250 }),
      line: { level: 'info', pending: 3, since_start_ms: 250, msg: 'watching access requests' },
    },
    {
      report: (to) => to.watchLost({ cause: 'connection reset', retryInMs: 125 }),
      line: {
        level: 'warn',
        cause: 'connection reset',
        retry_in_ms: 125,
        msg: 'watch of access requests lost, reconnecting',
      },
    },
    {
      report: (to) => to.resolvesWith({ way: 'review' }),
      line: {
        level: 'warn',
        resolve_with: 'review',
        msg: 'the edition of Teleport has changed, requests are resolved otherwise',
      },
    },
    {
      report: (to) => to.loginStates({ state: 'refused', cause: 'add the line' }),
      line: {
        level: 'error',
        cause: 'add the line',
        msg: 'what Access Lists grant cannot be read, nobody is approved by it',
      },
    },
    {
      report: (to) => to.loginStates({ state: 'unsupported', cause: 'too old' }),
      line: { level: 'warn', cause: 'too old', msg: 'user records alone tell roles and traits' },
    },
    {
      report: (to) => to.loginStates({ state: 'read', cause: '' }),
      line: { level: 'info', msg: 'what Access Lists grant is read' },
    },
    {
      report: (to) => to.seen({ requestId, lagMs: 40 }),
      line: { level: 'debug', request_id: requestId, lag_ms: 40, msg: 'access request seen' },
    },
    {
      report: (to) => to.resumed({ requests: 2, effects: 3 }),
      line: { level: 'debug', requests: 2, effects: 3, msg: 'looked for unfinished effects' },
    },
    {
      report: (to) => to.malformed({ detail: 'access request `x\n\u202ey` has no user' }),
      line: {
        level: 'warn',
        detail: 'access request `x y` has no user',
        msg: 'access request skipped, it cannot be read',
      },
    },
    {
      report: (to) => to.swept({ pending: 2, open: 1 }),
      line: { level: 'debug', pending: 2, open: 1, msg: 'swept pending requests' },
    },
    {
      report: (to) => to.sweepFailed({ cause: 'unavailable' }),
      line: {
        level: 'warn',
        cause: 'unavailable',
        msg: 'sweep of pending requests failed, next one on schedule',
      },
    },
    {
      report: (to) =>
        to.postponed({ requestId, reasons: 'PagerDuty answers 503', attempt: 2, retryInMs: 4_000 }),
      line: {
        level: 'warn',
        request_id: requestId,
        reason: 'PagerDuty answers 503',
        attempt: 2,
        retry_in_ms: 4_000,
        msg: 'facts are missing, asking again before a person is paged',
      },
    },
    {
      report: (to) =>
        to.ended({ requestId, ending: { state: 'denied', by: 'alice\nroot', reason: 'not now' } }),
      line: {
        level: 'info',
        request_id: requestId,
        request_state: 'denied',
        reviewer: 'alice root',
        msg: 'access request ended',
      },
    },
    {
      report: (to) => to.ended({ requestId, ending: { state: 'expired', by: null, reason: '' } }),
      line: { level: 'info', request_id: requestId, request_state: 'expired', msg: 'access request ended' },
    },
    {
      report: (to) => to.nobodyToPage({ requestId }),
      line: {
        level: 'error',
        request_id: requestId,
        msg: 'a person is needed, but no service to page is configured for this request',
      },
    },
    {
      report: (to) => to.handlingFailed({ requestId, cause: 'the disk is full', retryInMs: 2_000 }),
      line: {
        level: 'error',
        request_id: requestId,
        cause: 'the disk is full',
        retry_in_ms: 2_000,
        msg: 'access request could not be handled, it is tried again',
      },
    },
    {
      report: (to) => to.webhook({ outcome: 'ping', eventType: 'pagey.ping', source: '192.0.2.1' }),
      line: {
        level: 'info',
        outcome: 'ping',
        event_type: 'pagey.ping',
        source: '192.0.2.1',
        msg: 'test webhook of PagerDuty received',
      },
    },
    {
      report: (to) => to.webhook({ outcome: 'forged', eventType: null, source: '192.0.2.1' }),
      line: { level: 'warn', outcome: 'forged', source: '192.0.2.1', msg: 'webhook refused' },
    },
    {
      report: (to) =>
        to.webhookFailed({ incidentId: 'PINCDT1', eventType: 'incident.annotated', cause: 'timed out' }),
      line: {
        level: 'warn',
        incident_id: 'PINCDT1',
        event_type: 'incident.annotated',
        cause: 'timed out',
        msg: 'webhook could not be looked into, answers are polled for',
      },
    },
    {
      report: (to) => to.foreignIncident({ requestId: '7', incidentId: 'PINCDT1', url: null }),
      line: {
        level: 'warn',
        request_id: '7',
        incident_id: 'PINCDT1',
        url: null,
        msg: 'an incident that this service did not open has the key of a page: find out who opened it; the page was opened under another key',
      },
    },
    {
      report: (to) => to.identityRenewed({ expires: '2026-03-03T03:14:07.000Z' }),
      line: { level: 'info', expires: '2026-03-03T03:14:07.000Z', msg: 'identity renewed' },
    },
    {
      report: (to) => to.identityProblem({ cause: 'it has expired' }),
      line: { level: 'error', cause: 'it has expired', msg: 'identity on disk cannot be used' },
    },
  ])('$line.msg ($line.level)', ({ report, line }) => {
    expect(linesOf(report)).toEqual([line]);
  });

  it('says of a decision who asked for what, the verdict, the rule, why, and by how many reads', () => {
    expect(linesOf((to) => to.decided({ decided, durationMs: 42 }))).toEqual([
      {
        level: 'info',
        request_id: decided.requestId,
        requester: 'sre-1',
        roles: ['prodaccess'],
        verdict: 'approve',
        rule: 'prod-oncall',
        reason: expect.stringMatching(/\S/u) as string,
        decision_id: decided.decisionId,
        pagerduty_reads: 3,
        duration_ms: 42,
        msg: 'access request decided',
      },
    ]);
  });

  it('shows of a requester’s name nothing that could hide or forge a line', () => {
    const request = aRequest({ requester: `eve\r\n\u202e\u0000${'x'.repeat(300)}` });
    const [line] = linesOf((to) => to.decided({ decided: aRecordedDecision({ request }), durationMs: 42 }));

    expect(line?.['requester']).toMatch(/^eve x{195}…$/u);
  });

  it('names the incident that an effect was about, where there was one', () => {
    const outcome = { summary: 'incident opened', ours: true, url: null };
    const done = { requestId, key: 'page', durationMs: 12 } as const;
    const line = {
      level: 'info',
      request_id: requestId,
      effect: 'page',
      outcome: 'incident opened',
      duration_ms: 12,
      msg: 'effect done',
    };

    expect(
      linesOf((to) => to.effectDone({ ...done, outcome: { ...outcome, incidentId: 'PINCID1' } })),
    ).toEqual([{ ...line, incident_id: 'PINCID1' }]);
    expect(linesOf((to) => to.effectDone({ ...done, outcome: { ...outcome, incidentId: null } }))).toEqual([
      line,
    ]);
  });

  it.each([
    [true, 'warn'],
    [false, 'error'],
  ])('is louder about a failed effect that will not mend itself (transient: %s, %s)', (transient, level) => {
    const cause = aCause({ transient, code: 'refused', message: 'the key may not write' });

    expect(
      linesOf((to) => to.effectFailed({ requestId, key: 'page', cause, failures: 2, retryInMs: 4_000 })),
    ).toEqual([
      {
        level,
        request_id: requestId,
        effect: 'page',
        cause: 'the key may not write',
        cause_code: 'refused',
        attempt: 2,
        retry_in_ms: 4_000,
        msg: 'effect failed, it is tried again',
      },
    ]);
  });
});
