import { z } from 'zod';
import { addNote, deleteNote, editNote } from './incident-notes.ts';
import { requestResponders } from './incident-responders.ts';
import { invalidInput, missingAbility, Refusal } from './refusal.ts';
import { renderNote, renderResponderRequest } from './render-incidents.ts';
import { ok, parseBody, type Call, type Reply, type Route } from './route.ts';
import { requireIncident } from './routes-incidents.ts';

const noteSchema = z.object({ note: z.object({ content: z.string() }) });

const responderRequestSchema = z.object({
  requester_id: z.string().min(1).optional(),
  message: z.string().min(1),
  responder_request_targets: z
    .array(
      z.object({
        responder_request_target: z.object({
          id: z.string().min(1),
          type: z.enum(['user', 'user_reference', 'escalation_policy', 'escalation_policy_reference']),
        }),
      }),
    )
    .min(1),
});

/** What is written on an incident: notes, and requests for help. */
export const incidentNoteRoutes: readonly Route[] = [
  { method: 'GET', path: '/incidents/:id/notes', scope: 'incidents.read', handle: listNotes },
  { method: 'POST', path: '/incidents/:id/notes', scope: 'incidents.write', handle: createNote },
  { method: 'PUT', path: '/incidents/:id/notes/:note', scope: 'incidents.write', handle: updateNote },
  { method: 'DELETE', path: '/incidents/:id/notes/:note', scope: 'incidents.write', handle: removeNote },
  {
    method: 'POST',
    path: '/incidents/:id/responder_requests',
    scope: 'incidents.write',
    handle: createResponderRequest,
  },
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

function updateNote(call: Call): Reply {
  call.from();
  const incident = requireIncident(call);
  const { note } = parseBody(noteSchema, call.body);
  const edited = editNote(call.account, incident.id, call.params['note'] ?? '', note.content);
  return ok({ note: renderNote(call.account, edited) });
}

function removeNote(call: Call): Reply {
  deleteNote(call.account, requireIncident(call).id, call.params['note'] ?? '');
  return { status: 204 };
}

/** PagerDuty takes the requester from the body instead of a From header. */
function createResponderRequest(call: Call): Reply {
  const { account } = call;
  if (!account.abilities.has('coordinated_responding')) throw missingAbility('coordinated_responding');
  const incident = requireIncident(call);
  const request = parseBody(responderRequestSchema, call.body);
  if (request.requester_id === undefined) {
    throw new Refusal({ status: 400, code: 2011, message: 'Requester ID Missing' });
  }
  if (account.liveUser(request.requester_id) === undefined) {
    throw new Refusal({ status: 400, code: 1008, message: 'Requester User Not Found' });
  }
  const userIds = request.responder_request_targets.flatMap(({ responder_request_target: { id, type } }) => {
    if (type.startsWith('user')) return [id];
    return account
      .onCallRows()
      .filter((row) => row.escalationPolicyId === id && row.escalationLevel === 1)
      .map((row) => row.userId);
  });
  if (userIds.length === 0 || userIds.some((id) => account.liveUser(id) === undefined)) {
    throw invalidInput('Responder request target not found');
  }
  const responders = requestResponders(account, {
    incidentId: incident.id,
    requesterId: request.requester_id,
    // An account key is nobody's: then there is nothing better to go by. Not documented.
    agentId: call.key.userId ?? request.requester_id,
    message: request.message,
    userIds: [...new Set(userIds)],
  });
  return ok({ responder_request: renderResponderRequest(account, incident, responders) });
}
