import { expect, it } from 'vitest';
import type { Reporter } from '../../src/ports/reporter.ts';
import { createLogReporter } from '../../src/telemetry/log-reporter.ts';
import { aCause, anAnswered, aRecordedDecision, aRequest, at, NOW, onCallWith } from '../support/builders.ts';
import { capturedLog } from './captured-log.ts';

/** Of a requester's making; nothing of it may hide or forge a line, or fill the log. */
const HOSTILE = `eve\r\n\u202e\u0000${'x'.repeat(600)}`;
const requestId = 'request-1';
const decisionId = 'decision-1';
const outcome = { summary: 'incident opened', ours: true, incidentId: 'PINCID1', url: null };
const key = 'page';
const onCall = onCallWith();
const checked = { kind: 'access-checked', requestId, ends: true, why: HOSTILE, until: null, onCall } as const;
const checkpoint = {
  kind: 'checkpoint',
  origin: '',
  through: { seq: 7, at: NOW, hash: '' },
  removed: { from: 1, entries: 7, decisions: 2 },
  before: NOW,
  policies: [],
} as const;

/** One of each report, and of those that make different lines one of each kind. */
const REPORTS: readonly ((to: Reporter) => void)[] = [
  (to) => to.watchLive({ pending: 3, sinceStartMs: 250 }),
  (to) => to.watchLost({ cause: 'connection reset', retryInMs: 125 }),
  (to) => to.resolvesWith({ way: 'review' }),
  (to) => to.loginStates({ state: 'refused', cause: 'add the line' }),
  (to) => to.loginStates({ state: 'unsupported', cause: 'too old' }),
  (to) => to.loginStates({ state: 'read', cause: '' }),
  (to) => to.telemetry({ state: 'dropped', cause: HOSTILE }),
  (to) => to.telemetry({ state: 'sent', cause: '' }),
  (to) => to.seen({ requestId, lagMs: 40 }),
  (to) => to.resumed({ requests: 2, effects: 3 }),
  (to) => to.malformed({ detail: HOSTILE }),
  (to) => to.swept({ pending: 2, open: 1 }),
  (to) => to.sweepFailed({ cause: 'unavailable' }),
  (to) => to.decided({ decided: { ...aRecordedDecision(), decisionId }, durationMs: 42 }),
  (to) => {
    const request = aRequest({ requester: HOSTILE });
    to.decided({ decided: { ...aRecordedDecision({ request }), decisionId }, durationMs: 42 });
  },
  (to) => to.postponed({ requestId, reasons: 'PagerDuty answers 503', attempt: 1, retryInMs: 2_000 }),
  (to) => to.postponed({ requestId, reasons: 'PagerDuty answers 503', attempt: 2, retryInMs: 4_000 }),
  (to) => to.ended({ requestId, ending: { state: 'denied', by: HOSTILE, reason: 'not now' } }),
  (to) => to.ended({ requestId, ending: { state: 'expired', by: null, reason: '' } }),
  (to) => to.effectDone({ requestId, key, durationMs: 12, outcome }),
  (to) => to.effectDone({ requestId, key, durationMs: 12, outcome: { ...outcome, incidentId: null } }),
  (to) =>
    to.effectFailed({ requestId, key, cause: aCause({ transient: true }), failures: 1, retryInMs: 2_000 }),
  (to) =>
    to.effectFailed({ requestId, key, cause: aCause({ transient: true }), failures: 2, retryInMs: 4_000 }),
  (to) =>
    to.effectFailed({ requestId, key, cause: aCause({ transient: false }), failures: 2, retryInMs: 4_000 }),
  (to) => to.answered({ recorded: anAnswered() }),
  (to) => to.accessChecked({ checked }),
  (to) => to.followUpFailed({ requestId, what: 'shift', cause: 'timed out', retryInMs: 4_000 }),
  (to) => to.nobodyToPage({ requestId, why: HOSTILE }),
  (to) => to.handlingFailed({ requestId, cause: 'the disk is full', retryInMs: 2_000 }),
  (to) => to.webhook({ outcome: 'ping', eventType: 'pagey.ping', source: '192.0.2.1' }),
  (to) => to.webhook({ outcome: 'duplicate', eventType: HOSTILE, source: '192.0.2.1' }),
  (to) => to.webhook({ outcome: 'forged', eventType: null, source: '192.0.2.1' }),
  (to) => to.webhookHeard({ incidentId: HOSTILE, eventType: HOSTILE, requestId: null }),
  (to) => to.webhookFailed({ incidentId: HOSTILE, eventType: HOSTILE, cause: 'timed out' }),
  (to) => to.foreignIncident({ requestId, incidentId: 'PINCDT1', url: null }),
  (to) => to.nameTaken({ name: HOSTILE, cause: 'service `Payments` was PONE123' }),
  (to) => to.pageResolved({ requestId, incidentId: 'PINCDT1' }),
  (to) => to.unlocked({ requestId }),
  (to) => to.arrivedApproved({ request: aRequest({ requester: HOSTILE, roles: [HOSTILE] }) }),
  (to) => to.recordForged({ requestId: null, cause: 'entry 7 has no seal' }),
  (to) => to.recordForged({ requestId, cause: 'entry 7 has no seal' }),
  (to) => to.recordSound({ requestId }),
  (to) => to.listening({ url: 'http://127.0.0.1:8080' }),
  (to) => to.requestFailed({ route: '/requests', cause: 'the disk is full' }),
  (to) => to.pageRead({ reader: HOSTILE, path: HOSTILE }),
  (to) => to.pruned({ checkpoint, stopsBecause: null }),
  (to) => to.pruningFailed({ cause: 'the disk is full' }),
  (to) => to.pagerDuty({ state: 'unusable', cause: 'the connection failed' }),
  (to) => to.pagerDuty({ state: 'usable', cause: '' }),
  (to) => to.reloaded({ needsRestart: [] }),
  (to) => to.reloaded({ needsRestart: ['http'] }),
  (to) => to.policyChanged({ digest: 'sha256:0' }),
  (to) => to.policyProblem({ cause: 'no rules' }),
  (to) => to.identityRenewed({ expires: at('2026-03-03T03:14:07.000Z') }),
  (to) => to.identityProblem({ cause: 'it has expired' }),
];

/** What people have alerts and queries on: a change of it is to be meant, and told in `docs/upgrading.md`. */
it('the lines of the log are those that were approved', async () => {
  const { log, lines } = capturedLog();
  for (const report of REPORTS) report(createLogReporter(log));

  const text = lines
    .map((line) => `${JSON.stringify({ ...line, service: undefined, time: undefined })}\n`)
    .join('');
  await expect(text).toMatchFileSnapshot('log-lines.approved.jsonl');
});
