import { createServer, type Server } from 'node:http';
import { z } from 'zod';
import { controlActions } from './control-actions.ts';
import type { Controlled } from './controlled.ts';
import { answer } from './http-answer.ts';
import { parseJson, readBody } from './http-body.ts';
import { Refusal } from './refusal.ts';
import type { Reply } from './route.ts';

/*
 * The control API: what people and events do in the simulated account. JSON in, JSON out, no authentication, loopback only.
 * `user`, `service` and `schedule` are ids, e-mail addresses or exact names; `incident` is an id, a number or an incident key.
 * Optional fields have a question mark. A mistake is answered 400 with `{error: {message}}`.
 *
 * GET  /state                {now, users, on_calls, services, incidents (with notes and log), webhook_attempts}
 * GET  /calls                {calls}: every REST request received, with its outcome
 * POST /alert                {service, title} -> {opened}: false where it is suppressed
 * POST /acknowledge          {incident, user}
 * POST /note                 {incident, user, content} -> {note}
 * POST /override             {schedule, user, minutes} -> {override}     from now on
 * POST /clock                {offset_ms?, advance_ms?} -> {now, offset_ms}
 * POST /faults               {kind, match?, times?, status?, resetSeconds?}: a Fault, see faults.ts
 * POST /faults/clear         {}
 * POST /webhooks             {url, secrets: [..]} -> {webhook_subscription}
 * POST /webhooks/delete      {id}
 */

/** The control API of one simulated PagerDuty, not yet listening. */
export function createControlServer(controlled: Controlled): Server {
  const actions = controlActions(controlled);
  return createServer((request, response) => {
    const serve = async (): Promise<void> => {
      const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
      const text = await readBody(request);
      const action = actions[`${request.method ?? 'GET'} ${pathname}`];
      const body = text === '' ? {} : parseJson(text);
      const reply = action === undefined ? problem(404, 'no such control call') : attempt(() => action(body));
      answer(response, reply, { date: new Date(), headers: {} });
    };
    serve().catch(() => response.destroy());
  });
}

function attempt(act: () => unknown): Reply {
  try {
    return { status: 200, body: act() ?? {} };
  } catch (error) {
    if (error instanceof z.ZodError) return problem(400, z.prettifyError(error));
    if (error instanceof Refusal) return problem(400, [error.message, ...error.errors].join(': '));
    if (error instanceof RangeError) return problem(400, error.message);
    return problem(500, error instanceof Error ? error.message : String(error));
  }
}

function problem(status: number, message: string): Reply {
  return { status, body: { error: { message } } };
}
