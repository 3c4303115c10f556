import { reasonsInWords } from '../core/wording/phrases.ts';
import { sanitise } from '../core/values/words.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { WebhookOutcome } from '../ports/webhooks.ts';
import type { Log } from './logger.ts';

/** Too many of these to be told of each, or nothing to worry about; the others are refusals. */
const QUIET_WEBHOOKS: ReadonlySet<WebhookOutcome> = new Set(['accepted', 'ignored', 'duplicate', 'limited']);

/** What happens, as log lines: fixed messages, everything that varies in fields of fixed names. */
export function createLogReporter(log: Log): Reporter {
  /** Told once, and not by everything that fails of it: that is there on level debug. */
  let isPagerDutyOut = false;
  const repeated = (isFirst: boolean): 'warn' | 'debug' => (isFirst ? 'warn' : 'debug');
  return {
    pagerDuty({ state, cause }) {
      isPagerDutyOut = state === 'unusable';
      if (isPagerDutyOut)
        log.error(
          { cause },
          'PagerDuty cannot be used: pages wait, and only rules for breaking glass approve, until it answers',
        );
      else log.info('PagerDuty answers again');
    },
    watchLive: ({ pending, sinceStartMs }) =>
      log.info({ pending, since_start_ms: sinceStartMs }, 'watching access requests'),
    watchLost: ({ cause, retryInMs }) =>
      log.warn({ cause, retry_in_ms: retryInMs }, 'watch of access requests lost, reconnecting'),
    seen: ({ requestId, lagMs }) =>
      log.debug({ request_id: requestId, lag_ms: lagMs }, 'access request seen'),
    malformed: ({ detail }) =>
      log.warn({ detail: sanitise(detail, 500) }, 'access request skipped, it cannot be read'),
    swept: ({ pending, open }) => log.debug({ pending, open }, 'swept pending requests'),
    sweepFailed: ({ cause }) => log.warn({ cause }, 'sweep of pending requests failed, next one on schedule'),
    resumed: ({ requests, effects }) => log.debug({ requests, effects }, 'looked for unfinished effects'),
    decided: ({ decided, durationMs }) =>
      log.info(
        {
          request_id: decided.requestId,
          requester: sanitise(decided.request.requester, 200),
          roles: decided.request.roles,
          verdict: decided.decision.verdict,
          rule: decided.decision.rules.join(', '),
          reason: reasonsInWords(decided),
          decision_id: decided.decisionId,
          pagerduty_reads: decided.facts.reads,
          duration_ms: durationMs,
        },
        'access request decided',
      ),
    postponed: ({ requestId, reasons, attempt, retryInMs }) =>
      log[repeated(attempt === 1)](
        { request_id: requestId, reason: reasons, attempt, retry_in_ms: retryInMs },
        'facts are missing, asking again before a person is paged',
      ),
    effectDone: ({ requestId, key, outcome, durationMs }) =>
      log.info(
        {
          request_id: requestId,
          effect: key,
          outcome: outcome.summary,
          ...(outcome.incidentId === null ? {} : { incident_id: outcome.incidentId }),
          duration_ms: durationMs,
        },
        'effect done',
      ),
    effectFailed: ({ requestId, key, cause, failures, retryInMs }) =>
      log[cause.transient ? repeated(failures === 1) : 'error'](
        {
          request_id: requestId,
          effect: key,
          cause: cause.message,
          cause_code: cause.code,
          attempt: failures,
          retry_in_ms: retryInMs,
        },
        'effect failed, it is tried again',
      ),
    answered: ({ recorded: { requestId, answer, counted, why } }) =>
      log.info(
        {
          request_id: requestId,
          incident_id: answer.incidentId,
          approver: sanitise(answer.by.name, 200),
          answer: answer.propose,
          counted,
          reason: sanitise(why, 500),
        },
        'page answered',
      ),
    followUpFailed: ({ requestId, what, cause, retryInMs }) =>
      log[repeated(!isPagerDutyOut)](
        { request_id: requestId, what, cause, retry_in_ms: retryInMs },
        'follow-up failed, it is tried again',
      ),
    webhook: ({ outcome, eventType, source }) => {
      const fields = {
        outcome,
        ...(eventType === null ? {} : { event_type: sanitise(eventType, 100) }),
        source,
      };
      if (outcome === 'ping') log.info(fields, 'test webhook of PagerDuty received');
      else if (QUIET_WEBHOOKS.has(outcome)) log.debug(fields, 'webhook received');
      else log.warn(fields, 'webhook refused');
    },
    webhookHeard: ({ incidentId, eventType, requestId }) =>
      log.debug(
        {
          incident_id: sanitise(incidentId, 100),
          event_type: sanitise(eventType, 100),
          request_id: requestId,
        },
        'webhook looked into',
      ),
    foreignIncident: ({ requestId, incidentId, url }) =>
      log.warn(
        { request_id: requestId, incident_id: incidentId, url },
        'an incident that this service did not open has the key of a page: find out who opened it; the page was opened under another key',
      ),
    nameTaken: ({ name, cause }) =>
      log.error(
        { name: sanitise(name, 200), cause },
        'a name leads elsewhere in PagerDuty than it first did, nobody is approved by it',
      ),
    webhookFailed: ({ incidentId, eventType, cause }) =>
      log.warn(
        { incident_id: sanitise(incidentId, 100), event_type: sanitise(eventType, 100), cause },
        'webhook could not be looked into, answers are polled for',
      ),
    pageResolved: ({ requestId, incidentId }) =>
      log.warn(
        { request_id: requestId, incident_id: incidentId },
        'page was resolved before the request was settled',
      ),
    unlocked: ({ requestId }) =>
      log.warn({ request_id: requestId }, 'somebody removed the lock, the access is open again'),
    arrivedApproved: ({ request: { id, requester, roles } }) =>
      log.warn(
        {
          request_id: id,
          requester: sanitise(requester, 200),
          roles: roles.map((role) => sanitise(role, 200)),
        },
        'request arrived approved, without any review',
      ),
    accessChecked: ({ checked: { requestId, ends, why, until } }) =>
      log.info({ request_id: requestId, ends, reason: sanitise(why, 500), until }, 'access looked at'),
    ended: ({ requestId, ending }) =>
      log.info(
        {
          request_id: requestId,
          request_state: ending.state,
          ...(ending.by === null ? {} : { reviewer: sanitise(ending.by, 200) }),
        },
        'access request ended',
      ),
    nobodyToPage: ({ requestId, why }) =>
      log.error(
        { request_id: requestId, cause: sanitise(why, 1_000) },
        'a person is needed for this request, and nobody is reached',
      ),
    handlingFailed: ({ requestId, cause, retryInMs }) =>
      log.error(
        { request_id: requestId, cause, retry_in_ms: retryInMs },
        'access request could not be handled, it is tried again',
      ),
    recordForged: ({ requestId, cause }) =>
      log.error(
        { ...(requestId === null ? {} : { request_id: requestId }), cause },
        'somebody else has written to the ledger, nothing is done on the strength of it',
      ),
    recordSound: ({ requestId }) =>
      log.info({ request_id: requestId }, 'ledger entries of the request can be believed again'),
    listening: ({ url }) => log.info({ url }, 'listening for probes and scrapes'),
    requestFailed: ({ route, cause }) => log.error({ route, cause }, 'HTTP request failed'),
    pageRead: ({ reader, path }) =>
      log.info({ reader: sanitise(reader, 200), path: sanitise(path, 300) }, 'decision page read'),
    pruned: ({ checkpoint, stopsBecause }) =>
      log.warn(
        {
          from_seq: checkpoint.removed.from,
          through_seq: checkpoint.through.seq,
          entries: checkpoint.removed.entries,
          decisions: checkpoint.removed.decisions,
          before: checkpoint.before,
          stops_because: stopsBecause,
        },
        'old ledger entries removed, a checkpoint stands for them',
      ),
    pruningFailed: ({ cause }) =>
      log.warn({ cause }, 'old ledger entries could not be removed, next try on schedule'),
    reloaded: ({ needsRestart }) =>
      log[needsRestart.length === 0 ? 'info' : 'warn'](
        { needs_restart: needsRestart },
        needsRestart.length === 0
          ? 'configuration read again'
          : 'configuration read again, of which parts count from the next start on',
      ),
    policyChanged: ({ digest }) => log.info({ policy_digest: digest }, 'policy changed'),
    policyProblem: ({ cause }) =>
      log.error({ cause }, 'policy on disk cannot be used, the last one stays in force'),
    identityProblem: ({ cause }) => log.error({ cause }, 'identity on disk cannot be used'),
    resolvesWith: ({ way }) =>
      log.warn({ resolve_with: way }, 'the edition of Teleport has changed, requests are resolved otherwise'),
    loginStates: ({ state, cause }) => {
      if (state === 'refused')
        log.error({ cause }, 'what Access Lists grant cannot be read, nobody is approved by it');
      else if (state === 'unsupported') log.warn({ cause }, 'user records alone tell roles and traits');
      else log.info('what Access Lists grant is read');
    },
    used: ({ recorded: { requestId, stage, outcome, totals } }) =>
      log.info(
        { request_id: requestId, stage, outcome, sessions: totals.sessions },
        'what an access was used for is recorded',
      ),
    auditLog: ({ state, cause }) => {
      if (state === 'read') log.info('the audit log of Teleport is read');
      else
        log.error(
          { cause },
          'the audit log of Teleport cannot be read, what access is used for is not known',
        );
    },
    usageFailed: ({ cause }) => log.warn({ cause }, 'the audit log could not be read on, it is tried again'),
    telemetry({ state, cause }) {
      if (state === 'sent') log.info('traces and metrics reach the collector again');
      else
        log.warn(
          { cause: sanitise(cause, 500) },
          'traces and metrics do not reach the collector and are dropped: see `telemetry.otlp.endpoint`, OTLP over HTTP is spoken, mostly at port 4318',
        );
    },
    identityRenewed: ({ expires }) => log.info({ expires }, 'identity renewed'),
  };
}
