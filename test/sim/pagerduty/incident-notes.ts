import type { Account } from './account.ts';
import type { Agent, Note } from './incident-model.ts';
import { record } from './incident-record.ts';
import { invalidInput, notFound } from './refusal.ts';

const MAX_NOTES = 2000;
const MAX_CONTENT_BYTES = 65_535;

/**
 * PagerDuty: notes may be added to resolved incidents too; there is no key that makes a second identical post harmless.
 * @throws Refusal 400 when the content is blank, or the incident has its 2000 notes
 */
export function addNote(account: Account, incidentId: string, content: string, author: Agent): Note {
  const incident = account.incidents.require(incidentId);
  requireContent(content);
  if (incident.notes.length >= MAX_NOTES) throw invalidInput('Incident has too many notes');
  const at = account.clock.now();
  const note: Note = { id: account.ids.short(), author, content, createdAt: at, updatedAt: at };
  record(
    account,
    incident,
    { notes: [...incident.notes, note] },
    {
      type: 'annotate_log_entry',
      event: 'incident.annotated',
      agent: author,
      at,
      channel: { type: 'note', summary: content },
      note,
    },
  );
  return note;
}

/** Changes the text in place: author and creation time stay, and no webhook tells of it. */
export function editNote(account: Account, incidentId: string, noteId: string, content: string): Note {
  const incident = account.incidents.require(incidentId);
  requireContent(content);
  const note = incident.notes.find((one) => one.id === noteId);
  if (note === undefined) throw notFound();
  const edited: Note = { ...note, content, updatedAt: account.clock.now() };
  account.incidents.put({
    ...incident,
    notes: incident.notes.map((one) => (one.id === noteId ? edited : one)),
  });
  return edited;
}

function requireContent(content: string): void {
  if (content.trim() === '') throw invalidInput("Content can't be blank");
  if (Buffer.byteLength(content) > MAX_CONTENT_BYTES) throw invalidInput('Content is too long');
}

/** The note is gone from the list; its log entry stays. */
export function deleteNote(account: Account, incidentId: string, noteId: string): void {
  const incident = account.incidents.require(incidentId);
  if (!incident.notes.some((note) => note.id === noteId)) throw notFound();
  account.incidents.put({ ...incident, notes: incident.notes.filter((note) => note.id !== noteId) });
}
