import type { Account } from './account.ts';
import type { Responder, ResponderState } from './incident-model.ts';
import { record } from './incident-record.ts';
import { notFound } from './refusal.ts';

export interface ResponderRequest {
  readonly incidentId: string;
  /** Whatever the body says: PagerDuty is not known to compare it with whoever sends it. */
  readonly requesterId: string;
  /** Who sends it; the requester unless told. */
  readonly agentId?: string;
  readonly message: string;
  readonly userIds: readonly string[];
}

/** Asks users to help with an incident; each is paged and stays pending until they answer. */
export function requestResponders(account: Account, request: ResponderRequest): readonly Responder[] {
  const at = account.clock.now();
  return request.userIds.map((userId) => {
    const incident = account.incidents.require(request.incidentId);
    const responder: Responder = {
      userId,
      requesterId: request.requesterId,
      message: request.message,
      state: 'pending',
      requestedAt: at,
    };
    const others = incident.responders.filter((one) => one.userId !== userId);
    record(
      account,
      incident,
      { responders: [...others, responder] },
      {
        type: 'responder_request_log_entry',
        event: 'incident.responder.added',
        agent: { type: 'user', id: request.agentId ?? request.requesterId },
        at,
        responder,
        responderIds: [userId],
      },
    );
    return responder;
  });
}

/** The person who was asked joins or declines. */
export function replyToResponderRequest(
  account: Account,
  incidentId: string,
  userId: string,
  state: Exclude<ResponderState, 'pending'>,
): Responder {
  const incident = account.incidents.require(incidentId);
  const asked = incident.responders.find((one) => one.userId === userId);
  if (asked === undefined) throw notFound();
  const responder: Responder = { ...asked, state };
  record(
    account,
    incident,
    { responders: incident.responders.map((one) => (one.userId === userId ? responder : one)) },
    {
      type: 'responder_reply_log_entry',
      event: 'incident.responder.replied',
      agent: { type: 'user', id: userId },
      at: account.clock.now(),
      responder,
    },
  );
  return responder;
}
