import { z } from 'zod';
import {
  PagerDutyError,
  type Incident,
  type Incidents,
  type Note,
  type Ask,
  type OnCallDirectory,
  type SentText,
} from '../ports/pagerduty.ts';
import { bounded, LONGEST_TEXT, LONGEST_TITLE } from './http/bounded-text.ts';
import type { PagerDutyClient } from './http/client.ts';
import {
  incidentOf,
  incidentsWithKey,
  mergedOn,
  openIncidentsOn,
  OPEN_INCIDENT,
  READ_INCIDENT,
} from './incident-search.ts';
import { readHelpRequests, readResolutions, createTimelines } from './incident-timeline.ts';
import { nullIfNotFound } from './lookup.ts';
import { createOnCallDirectory } from './on-call-directory.ts';
import { createPageType, type SeenPageType } from './page-type.ts';
import * as wire from './schema.ts';
import { actorOrNobody } from './schema.ts';
import { isPerson } from '../core/conditions/opener.ts';
import { malformed } from './http/errors.ts';

const READ = 'incidents.read';
const WRITE = 'incidents.write';
/** Nothing waits for what is written into fields. */
const FILLED_MS = 15_000;
const Notes = z.object({ notes: z.array(wire.IncidentNote) });

const ESCALATE = {
  doing: 'escalate an incident',
  scope: WRITE,
  method: 'PUT',
  answer: wire.OneIncident,
} as const;
const RESOLVE = { ...ESCALATE, doing: 'resolve an incident' };

export interface IncidentsOptions {
  /** Milliseconds, from any epoch, by which notes that were read before grow old; the process's own time unless told. */
  readonly now?: () => number;
  readonly pageType?: Pick<SeenPageType, 'body' | 'forget' | 'fill'>;
}

/** Incidents by PagerDuty's REST API v2. Writes are sent once; what is unclear afterwards is for the caller to look up. */
export function createIncidents(
  client: PagerDutyClient,
  { now = () => performance.now(), pageType = createPageType(client) }: IncidentsOptions = {},
): Incidents {
  const find: Incidents['find'] = async (id, ask) => {
    const found = await nullIfNotFound(client.call({ ...READ_INCIDENT, path: ['incidents', id] }, ask));
    return found === null ? null : incidentOf(found.body.incident);
  };
  /** PagerDuty does not page notes, and keeps at most 2,000 an incident. */
  const notes: Incidents['notes'] = async (incidentId, ask) => {
    const about = { doing: "read an incident's notes", scope: READ, answer: Notes };
    const { body } = await client.call({ ...about, path: ['incidents', incidentId, 'notes'] }, ask);
    return body.notes.map(noteOf);
  };
  const change = async (
    id: string,
    to: { readonly escalation_level: number } | { readonly urgency: 'high' },
    ask: Parameters<Incidents['raise']>[1],
  ) => {
    const body = { incident: { type: 'incident_reference', ...to } };
    await client.call({ ...ESCALATE, path: ['incidents', id], body }, ask);
  };
  return {
    find,
    notes,
    openOn: (serviceIds, ask) => openIncidentsOn(client, serviceIds, ask),
    mergedOn: (serviceIds, since, ask) => mergedOn(client, serviceIds, since, find, ask),
    helpRequests: (incidentId, ask) => readHelpRequests(client, incidentId, ask),
    resolutions: (incidentId, ask) => readResolutions(client, incidentId, ask),
    allWithKey: (key, ask) => incidentsWithKey(client, key, ask),
    ...createOwnPages(client, createOnCallDirectory(client), notes),
    timeline: createTimelines(client, { find, notes, now }),
    raise: (incidentId, ask) => change(incidentId, { urgency: 'high' }, ask),
    moveTo: (incidentId, level, ask) => change(incidentId, { escalation_level: level }, ask),

    /**
     * PagerDuty: a second incident with the key of an open one on the same service is 400, not an upsert. What is refused with its type is
     * opened without: a page that comes is worth more than one that is well sorted.
     */
    async open({ title, serviceId, urgency, key, details, about }, ask) {
      const incident = {
        type: 'incident',
        title: bounded(title, LONGEST_TITLE),
        service: { id: serviceId, type: 'service_reference' },
        ...(urgency === undefined ? {} : { urgency }),
        incident_key: key,
        body: { type: 'incident_body', details: bounded(details, LONGEST_TEXT) },
      };
      const opened = async (typed: object) => {
        const call = { ...OPEN_INCIDENT, path: ['incidents'], answer: wire.OneIncident };
        const body = { incident: { ...incident, ...typed } };
        return incidentOf((await client.call({ ...call, body }, ask)).body.incident);
      };
      const typed = pageType.body();
      try {
        const made = await opened(typed);
        void pageType.fill(made.id, about, {
          ...ask,
          priority: 'follow-up',
          signal: AbortSignal.timeout(FILLED_MS),
        });
        return made;
      } catch (error) {
        const isRefused = error instanceof PagerDutyError && !error.transient && error.status !== null;
        if (typed.incident_type === undefined || !isRefused || error.status === 401) throw error;
        const made = await opened({});
        pageType.forget();
        return made;
      }
    },

    async addNote(incidentId, content, ask) {
      await client.call(
        {
          ...{ doing: 'add a note to an incident', scope: WRITE, method: 'POST' },
          path: ['incidents', incidentId, 'notes'],
          body: { note: { content: bounded(content, LONGEST_TEXT) } },
          answer: z.object({ note: z.object({ id: wire.Id }) }),
        },
        ask,
      );
    },

    /** PagerDuty: resolving a resolved incident is 400. Whether that is why is asked, not read from the error text. */
    async resolve(id, ask) {
      const body = { incident: { type: 'incident_reference', status: 'resolved' } };
      try {
        const done = await nullIfNotFound(client.call({ ...RESOLVE, path: ['incidents', id], body }, ask));
        return done === null ? null : { incident: incidentOf(done.body.incident), before: false };
      } catch (error) {
        if (!(error instanceof PagerDutyError && error.status === 400)) throw error;
        const incident: Incident | null = await find(id, ask);
        if (incident !== null && incident.status !== 'resolved') throw error;
        return incident === null ? null : { incident, before: true };
      }
    },
  };
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

const ABOUT = { doing: 'read what an incident was opened with', scope: 'incidents.read' };
const Entry = z.object({ log_entry: wire.OpeningEntry });

/** What an incident was opened with, and what it shows of that now. */
interface Opening {
  readonly incident: wire.Incident;
  readonly entry: z.infer<typeof wire.OpeningEntry>;
}

/** Whose incident it is, and whether it still says what was sent: by its first log entry, as PagerDuty shows it with its channel. */
function createOwnPages(
  client: PagerDutyClient,
  directory: Pick<OnCallDirectory, 'usersByEmail'>,
  notes: Incidents['notes'],
): Pick<Incidents, 'wasOpenedAs' | 'shownOf' | 'listedAt' | 'isService'> {
  const writer = async (ask: Ask): Promise<string | null> => {
    const [user, ...others] = await directory.usersByEmail(client.from, ask);
    return others.length === 0 ? (user?.id ?? null) : null;
  };
  return {
    isService: async ({ id }, ask) => id === (await writer(ask)),
    async listedAt(incidentId, text, ask) {
      const own = await writer(ask);
      const listed = (await notes(incidentId, ask)).find(
        ({ author, content, createdAt, updatedAt }) =>
          author.id === own &&
          (updatedAt === null || updatedAt <= createdAt) &&
          plain(content).includes(plain(text)),
      );
      return listed?.createdAt ?? null;
    },
    async wasOpenedAs(incidentId, sent, ask) {
      const opening = await readOpening(client, incidentId, ask);
      if (opening === null) return false;
      const { incident, entry } = opening;
      // PagerDuty: an incident that came through alerts may have the key of one of them.
      const isByHand = incident.alert_counts?.all === 0 && entry.type === 'trigger_log_entry';
      if (!isByHand || !entry.agent || !isPerson(entry.agent)) return false;
      const { subject, details } = entry.channel ?? {};
      const shown = titleOf(incident);
      const isSame =
        sameTitle(sent, shown) && sameTitle(sent, subject ?? shown) && sameDetails(sent, details);
      return isSame && entry.agent.id === (await writer(ask));
    },
    async shownOf(incidentId, sent, ask) {
      const opening = await readOpening(client, incidentId, ask);
      if (opening === null) return null;
      const { incident, entry } = opening;
      const details = entry.channel?.details;
      if (typeof details !== 'string')
        throw malformed({ ...ABOUT, host: client.host }, 'its text is not there', 200);
      const createdAt = incident.created_at;
      if (!sameTitle(sent, titleOf(incident))) return { createdAt, changed: 'title' };
      return { createdAt, changed: sameDetails(sent, details) ? null : 'text' };
    },
  };
}

async function readOpening(client: PagerDutyClient, incidentId: string, ask: Ask): Promise<Opening | null> {
  const found = await nullIfNotFound(client.call({ ...READ_INCIDENT, path: ['incidents', incidentId] }, ask));
  if (found === null) return null;
  const { incident } = found.body;
  const { id } = incident.first_trigger_log_entry ?? {};
  if (id === undefined) throw malformed({ ...ABOUT, host: client.host }, 'it has no first log entry', 200);
  const query = { 'include[]': ['channels'] };
  const { body } = await client.call({ ...ABOUT, path: ['log_entries', id], query, answer: Entry }, ask);
  return { incident, entry: body.log_entry };
}

function titleOf({ title, summary }: wire.Incident): string {
  return title ?? summary ?? '';
}

function sameTitle({ title }: SentText, shown: string): boolean {
  return plain(bounded(title, LONGEST_TITLE)) === plain(shown);
}

function sameDetails({ details }: SentText, shown: unknown): boolean {
  return typeof shown === 'string' && plain(bounded(details, LONGEST_TEXT)) === plain(shown);
}

/** Whether and how PagerDuty keeps blanks and line ends is not documented; nothing is said by them. */
function plain(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}
