import { z } from 'zod';
import { addNote } from './incident-notes.ts';
import { renderNote } from './render-incidents.ts';
import { ok, parseBody, type Call, type Reply, type Route } from './route.ts';
import { requireIncident } from './routes-incidents.ts';

const noteSchema = z.object({ note: z.object({ content: z.string() }) });

/** What is written on an incident. */
export const incidentNoteRoutes: readonly Route[] = [
  { method: 'GET', path: '/incidents/:id/notes', scope: 'incidents.read', handle: listNotes },
  { method: 'POST', path: '/incidents/:id/notes', scope: 'incidents.write', handle: createNote },
];

/** Unpaginated. */
function listNotes(call: Call): Reply {
  return ok({ notes: requireIncident(call).notes.map((note) => renderNote(call.account, note)) });
}

/** PagerDuty answers 200, not 201. */
function createNote(call: Call): Reply {
  const from = call.from();
  const incident = requireIncident(call);
  const { note } = parseBody(noteSchema, call.body);
  const added = addNote(call.account, incident.id, note.content, { type: 'user', id: from.id });
  return ok({ note: renderNote(call.account, added) });
}
