import { MINUTE } from '../core/values/instant.ts';
import {
  PagerDutyError,
  type Acknowledgement,
  type Ask,
  type Incident,
  type Incidents,
  type Note,
  type Timeline,
  type HelpRequest,
  type Resolution,
} from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { nullIfNotFound } from './lookup.ts';
import { followMerges } from './incident-search.ts';
import { listAll } from './http/paging.ts';
import { actorOf, actorOrNobody, LogEntry, Id } from './schema.ts';
import { remember } from '../core/values/remember.ts';
import { z } from 'zod';

/** How long notes are given again that were read once. */
const KEEP_NOTES_MS = 2 * MINUTE;
const MOST_INCIDENTS = 1_000;
const READ_LOG = {
  ...{ doing: 'read what happened to an incident', scope: 'incidents.read' },
  ...{ rows: 'log_entries', row: LogEntry, mayLackMore: true },
};
/** PagerDuty's documentation spells the type in two ways; payloads were seen with the first. */
const ACKNOWLEDGED = ['acknowledge_log_entry', 'acknowledgement_log_entry'];
/**
 * What an open incident stays open by. After anything else, a resolution or what this version has not heard of (an incident may be
 * merged into another, or opened again), PagerDuty is asked for its status.
 */
const STAYS_OPEN_BY = new Set([
  'trigger_log_entry',
  ...ACKNOWLEDGED,
  'unacknowledge_log_entry',
  'assign_log_entry',
  'delegate_log_entry',
  'escalate_log_entry',
  'exhaust_escalation_path_log_entry',
  'repeat_escalation_path_log_entry',
  'reach_ack_limit_log_entry',
  'reach_trigger_limit_log_entry',
  'notify_log_entry',
  'annotate_log_entry',
  'snooze_log_entry',
  'urgency_change_log_entry',
]);

/** After these nobody has acknowledged the incident. */
const PAGES_ANEW = new Set([
  'unacknowledge_log_entry',
  'assign_log_entry',
  'delegate_log_entry',
  'escalate_log_entry',
  'repeat_escalation_path_log_entry',
  'urgency_change_log_entry',
  'reopen_log_entry',
]);

export interface TimelineReads extends Pick<Incidents, 'find' | 'notes'> {
  /** Milliseconds, from any epoch. */
  readonly now: () => number;
}

type Standing = Pick<Timeline, 'isResolved' | 'merged'>;
const OPEN: Standing = { isResolved: false, merged: null };

/** The notes of an incident, and what its log told of them before they were read. */
interface KeptNotes {
  readonly notes: readonly Note[];
  /** How many notes the log had. */
  readonly logged: number;
  /** When the log was asked for. */
  readonly since: number;
}

/**
 * What was said and done on an incident, by its log, which takes one read for each 100 entries. More is read only where the log
 * tells that there is more: the notes when one was added, the incident's status when it may have changed.
 *
 * Notes that were read before are given again only while the log, which is read every time, has as many of them as it had before
 * they were read: a note that came in between is read again, never missed. So kept notes lack none that the log knows of. What it
 * does not tell, that a note was edited or deleted, is seen within 2 minutes, after which notes are read whatever it says; and so is
 * a note that it tells of too late. An incident on which there is no note is taken at its log's word when it is first looked at.
 *
 * PagerDuty: each note puts an `annotate_log_entry` into the incident's log, which is how its Python client lists notes; editing or
 * deleting a note leaves the log as it is. Acknowledgements are taken from the log since it keeps them: an incident that is given to
 * somebody else, escalated or resolved is no longer acknowledged by anybody. Throws PagerDutyError.
 */
export function createTimelines(client: PagerDutyClient, reads: TimelineReads): Incidents['timeline'] {
  const kept = new Map<string, KeptNotes>();

  async function timeline(incidentId: string, ask: Ask): Promise<Timeline | null> {
    const since = reads.now();
    const log = await readLog(client, incidentId, ask);
    const author = log.find(({ type }) => type === 'trigger_log_entry')?.agent?.id;
    const acknowledgements = log
      .filter(
        ({ type, agent }) => ACKNOWLEDGED.includes(type) && (author === undefined || agent?.id !== author),
      )
      .map(({ created_at, agent }) => ({ at: created_at, by: actorOrNobody(agent) }));
    const logged = log.filter(({ type }) => type === 'annotate_log_entry').length;
    const standing = log.every(({ type }) => STAYS_OPEN_BY.has(type))
      ? OPEN
      : await standingOf(incidentId, ask);
    if (standing === null) return null;
    const known = keptNotes(incidentId, logged, since);
    const notes = known ?? (await readNotes(incidentId, logged, since, ask));
    const resolution = standing.isResolved
      ? oldestFirst(log).findLast(({ type }) => type === 'resolve_log_entry')
      : undefined;
    const resolvedBy = resolution === undefined ? null : actorOrNobody(resolution.agent);
    const heldBy = standing.isResolved ? [] : heldByOf(log);
    return { ...standing, resolvedBy, notes, notesAreKept: known !== null, acknowledgements, heldBy };
  }

  async function standingOf(incidentId: string, ask: Ask): Promise<Standing | null> {
    const incident = await reads.find(incidentId, ask);
    if (incident === null) return null;
    return { isResolved: incident.status === 'resolved', merged: await mergeOf(incident, ask) };
  }

  async function mergeOf(incident: Incident, ask: Ask): Promise<Timeline['merged']> {
    if (incident.mergedInto === null) return null;
    try {
      return { into: (await followMerges(incident, reads.find, ask))?.id ?? null };
    } catch (error) {
      if (error instanceof PagerDutyError && error.kind === 'forbidden') return { into: null };
      throw error;
    }
  }

  function keptNotes(incidentId: string, logged: number, now: number): readonly Note[] | null {
    const known = kept.get(incidentId);
    if (known?.logged !== logged) return null;
    // A clock set back makes the age negative: then nothing is known about it.
    const age = now - known.since;
    return age >= 0 && age < KEEP_NOTES_MS ? known.notes : null;
  }

  async function readNotes(
    incidentId: string,
    logged: number,
    since: number,
    ask: Ask,
  ): Promise<readonly Note[]> {
    const isQuiet = logged === 0 && !kept.has(incidentId);
    const notes = isQuiet ? [] : await reads.notes(incidentId, ask);
    remember(kept, incidentId, { notes, logged, since }, MOST_INCIDENTS);
    return notes;
  }

  return (incidentId, ask) => nullIfNotFound(timeline(incidentId, ask));
}

/** Acknowledged by whom, since it was last triggered, escalated or given to somebody. */
function heldByOf(log: readonly LogEntry[]): readonly Acknowledgement[] {
  const inOrder = oldestFirst(log);
  const from = inOrder.findLastIndex(({ type }) => PAGES_ANEW.has(type));
  return inOrder
    .slice(from + 1)
    .flatMap(({ type, agent, created_at: at }) =>
      ACKNOWLEDGED.includes(type) ? [{ at, by: actorOrNobody(agent) }] : [],
    );
}

/** PagerDuty gives the newest first, and several may have the same second: whoever takes an incident is given it in that one. */
function oldestFirst(log: readonly LogEntry[]): readonly LogEntry[] {
  return log
    .toReversed()
    .sort(
      (one, other) => Number(one.created_at > other.created_at) - Number(one.created_at < other.created_at),
    );
}

/** Each entry once: one that comes while pages are read moves those before it along, onto the next page too. */
async function readLog(client: PagerDutyClient, incidentId: string, ask: Ask): Promise<readonly LogEntry[]> {
  const path = ['incidents', incidentId, 'log_entries'];
  const { rows } = await listAll(client, { ...READ_LOG, path }, ask);
  return [...new Map(rows.map((entry) => [entry.id, entry])).values()];
}

/**
 * PagerDuty's schema does not have this entry; public readers see users in `responders`, as references or with one in `user`. What
 * has another shape tells nothing of whom it asks.
 */
const Asked = z.array(
  z.union([
    z.object({ user: z.object({ id: Id }) }).transform(({ user }) => user.id),
    z.object({ id: Id }).transform(({ id }) => id),
  ]),
);

/** What is no change of its status, though it may come after a resolution. */
const BESIDE = new Set(['annotate_log_entry', 'notify_log_entry']);

/**
 * Each time that it was resolved, the oldest first. The type of the entry that opens it again is not documented, so it is whatever came
 * next but notes and pages. Throws PagerDutyError.
 */
export async function readResolutions(
  client: PagerDutyClient,
  incidentId: string,
  ask: Ask,
): Promise<readonly Resolution[]> {
  const log = oldestFirst(await readLog(client, incidentId, ask)).filter(({ type }) => !BESIDE.has(type));
  return log.flatMap(({ type, created_at: at }, index) => {
    const next = log[index + 1];
    if (type !== 'resolve_log_entry' || next?.type === type) return [];
    return [{ at, ...(next === undefined ? {} : { reopenedBy: next.agent ? actorOf(next.agent) : null }) }];
  });
}

/** Who asked people to help, by the incident's log. Throws PagerDutyError. */
export async function readHelpRequests(
  client: PagerDutyClient,
  incidentId: string,
  ask: Ask,
): Promise<readonly HelpRequest[]> {
  const log = await readLog(client, incidentId, ask);
  return log
    .filter(({ type }) => type === 'responder_request_log_entry')
    .map(({ agent, responders }) => {
      const asked = Asked.safeParse(responders);
      return { by: actorOrNobody(agent), asked: asked.success ? asked.data : null };
    });
}
