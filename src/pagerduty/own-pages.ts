import { isPerson } from '../core/conditions/opener.ts';
import { z } from 'zod';
import type { Ask, Incidents, OnCallDirectory, SentText } from '../ports/pagerduty.ts';
import { bounded, LONGEST_TEXT, LONGEST_TITLE } from './http/bounded-text.ts';
import type { PagerDutyClient } from './http/client.ts';
import { malformed } from './http/errors.ts';
import { READ_INCIDENT } from './incident-search.ts';
import { nullIfNotFound } from './lookup.ts';
import * as wire from './schema.ts';

const ABOUT = { doing: 'read what an incident was opened with', scope: 'incidents.read' };
const Entry = z.object({ log_entry: wire.OpeningEntry });

/** What an incident was opened with, and what it shows of that now. */
interface Opening {
  readonly incident: wire.Incident;
  readonly entry: z.infer<typeof wire.OpeningEntry>;
}

/** Whose incident it is, and whether it still says what was sent: by its first log entry, as PagerDuty shows it with its channel. */
export function createOwnPages(
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
