import { z } from 'zod';
import type { Ask, Incident, Incidents, NewIncident, Note, Resolved } from '../ports/pagerduty.ts';
import { PagerDutyError } from '../ports/pagerduty.ts';
import { bounded, LONGEST_TEXT, LONGEST_TITLE } from './http/bounded-text.ts';
import type { PagerDutyClient } from './http/client.ts';
import { incidentOf, incidentsWithKey, openIncidentsOn, mergedOn } from './incident-search.ts';
import { readHelpRequests, readReopening } from './help-requests.ts';
import { createTimelines } from './incident-timeline.ts';
import { nullIfNotFound } from './lookup.ts';
import { createOnCallDirectory } from './on-call-directory.ts';
import { createOwnPages } from './own-pages.ts';
import { actorOrNobody } from './schema.ts';
import * as wire from './schema.ts';

const READ = 'incidents.read';
const WRITE = 'incidents.write';
const OneIncident = z.object({ incident: wire.Incident });

export interface IncidentsOptions {
  /** Milliseconds, from any epoch, by which notes that were read before grow old; the process's own time unless told. */
  readonly now?: () => number;
}

/** Incidents by PagerDuty's REST API v2. Writes are sent once; what is unclear afterwards is for the caller to look up. */
export function createIncidents(
  client: PagerDutyClient,
  { now = () => performance.now() }: IncidentsOptions = {},
): Incidents {
  const reads: Pick<Incidents, 'find' | 'notes'> = {
    find: (id, ask) => findIncident(client, id, ask),
    notes: (incidentId, ask) => listNotes(client, incidentId, ask),
  };
  const directory = createOnCallDirectory(client);
  return {
    ...reads,
    openOn: (serviceIds, ask) => openIncidentsOn(client, serviceIds, ask),
    mergedOn: (serviceIds, since, ask) => mergedOn(client, serviceIds, since, reads.find, ask),
    helpRequests: (incidentId, ask) => readHelpRequests(client, incidentId, ask),
    reopenedBy: (incidentId, ask) => readReopening(client, incidentId, ask),
    allWithKey: (key, ask) => incidentsWithKey(client, key, ask),
    ...createOwnPages(client, directory, reads.notes),
    open: (incident, ask) => openIncident(client, incident, ask),
    timeline: createTimelines(client, { ...reads, now }),
    addNote: (incidentId, content, ask) => addNote(client, { incidentId, content }, ask),
    raise: (incidentId, ask) => change(client, incidentId, { urgency: 'high' }, ask),
    moveTo: (incidentId, level, ask) => change(client, incidentId, { escalation_level: level }, ask),
    resolve: (incidentId, ask) => resolveIncident(client, incidentId, ask),
  };
}

async function findIncident(client: PagerDutyClient, id: string, ask: Ask): Promise<Incident | null> {
  const call = client.call(
    {
      doing: 'read an incident',
      scope: READ,
      method: 'GET',
      path: ['incidents', id],
      query: { 'include[]': ['first_trigger_log_entries'] },
      answer: OneIncident,
    },
    ask,
  );
  const answer = await nullIfNotFound(call);
  return answer === null ? null : incidentOf(answer.body.incident);
}

/** PagerDuty: a second incident with the key of an open one on the same service is 400, not an upsert. */
async function openIncident(client: PagerDutyClient, incident: NewIncident, ask: Ask): Promise<Incident> {
  const { body } = await client.call(
    {
      doing: 'open an incident',
      limitedApart: true,
      scope: WRITE,
      method: 'POST',
      path: ['incidents'],
      body: {
        incident: {
          type: 'incident',
          title: bounded(incident.title, LONGEST_TITLE),
          service: { id: incident.serviceId, type: 'service_reference' },
          ...(incident.urgency === undefined ? {} : { urgency: incident.urgency }),
          incident_key: incident.key,
          body: { type: 'incident_body', details: bounded(incident.details, LONGEST_TEXT) },
        },
      },
      answer: OneIncident,
    },
    ask,
  );
  return incidentOf(body.incident);
}

/** PagerDuty does not page notes, and keeps at most 2,000 an incident. */
async function listNotes(client: PagerDutyClient, incidentId: string, ask: Ask): Promise<readonly Note[]> {
  const { body } = await client.call(
    {
      doing: "read an incident's notes",
      scope: READ,
      method: 'GET',
      path: ['incidents', incidentId, 'notes'],
      answer: z.object({ notes: z.array(wire.IncidentNote) }),
    },
    ask,
  );
  return body.notes.map(noteOf);
}

async function addNote(
  client: PagerDutyClient,
  { incidentId, content }: { readonly incidentId: string; readonly content: string },
  ask: Ask,
): Promise<void> {
  await client.call(
    {
      doing: 'add a note to an incident',
      scope: WRITE,
      method: 'POST',
      path: ['incidents', incidentId, 'notes'],
      body: { note: { content: bounded(content, LONGEST_TEXT) } },
      answer: z.object({ note: z.object({ id: wire.Id }) }),
    },
    ask,
  );
}

async function change(
  client: PagerDutyClient,
  incidentId: string,
  to: { readonly escalation_level: number } | { readonly urgency: 'high' },
  ask: Ask,
): Promise<void> {
  await client.call(
    {
      doing: 'escalate an incident',
      scope: WRITE,
      method: 'PUT',
      path: ['incidents', incidentId],
      body: { incident: { type: 'incident_reference', ...to } },
      answer: OneIncident,
    },
    ask,
  );
}

/** PagerDuty: resolving a resolved incident is 400. Whether that is why is asked, not read from the error text. */
async function resolveIncident(
  client: PagerDutyClient,
  incidentId: string,
  ask: Ask,
): Promise<Resolved | null> {
  try {
    const call = client.call(
      {
        doing: 'resolve an incident',
        scope: WRITE,
        method: 'PUT',
        path: ['incidents', incidentId],
        body: { incident: { type: 'incident_reference', status: 'resolved' } },
        answer: OneIncident,
      },
      ask,
    );
    const answer = await nullIfNotFound(call);
    return answer === null ? null : { incident: incidentOf(answer.body.incident), before: false };
  } catch (error) {
    if (!isBadRequest(error)) throw error;
    const incident = await findIncident(client, incidentId, ask);
    if (incident !== null && incident.status !== 'resolved') throw error;
    return incident === null ? null : { incident, before: true };
  }
}

function isBadRequest(error: unknown): boolean {
  return error instanceof PagerDutyError && error.status === 400;
}

/** A note without an author is nobody's: it must never count as an approver's. */
function noteOf({ id, content, user, created_at, updated_at }: wire.IncidentNote): Note {
  return {
    id,
    content: content ?? '',
    author: actorOrNobody(user),
    createdAt: created_at,
    updatedAt: updated_at ?? null,
  };
}
