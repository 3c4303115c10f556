import type { Controlled } from './controlled.ts';
import { renderService, renderUser } from './render-config.ts';
import { renderIncident, renderLogEntry, renderNote } from './render-incidents.ts';
import { renderOnCall } from './render-schedules.ts';

const NO_INCLUDES: ReadonlySet<string> = new Set();

/** The whole account as one document, in the REST API's own shapes, for a program that watches from outside. */
export function renderState({ account, webhooks }: Controlled): unknown {
  return {
    now: account.clock.now(),
    users: account.users
      .all()
      .filter((user) => user.deletedAt === null)
      .map((user) => renderUser(account, user)),
    on_calls: account.onCallRows().map((row) => renderOnCall(account, row, NO_INCLUDES, account.timeZone)),
    services: account.services.all().map((service) => renderService(account, service, NO_INCLUDES)),
    incidents: account.incidents.all().map((incident) => ({
      ...(renderIncident(account, incident, NO_INCLUDES) as object),
      notes: incident.notes.map((note) => renderNote(account, note)),
      log_entries: incident.logEntries.map((entry) => renderLogEntry(account, incident, entry, NO_INCLUDES)),
    })),
    webhook_attempts: webhooks.attempts(),
  };
}
