import { z } from 'zod';
import { setOverride } from './administration.ts';
import { aSubscription } from './builders.ts';
import type { Controlled } from './controlled.ts';
import { controlLookup } from './control-lookup.ts';
import { renderState } from './control-state.ts';
import { MINUTE_MS } from './durations.ts';
import { FAULT_KINDS, type Fault } from './faults.ts';
import { acknowledge } from './incident-life.ts';
import type { Agent } from './incident-model.ts';
import { addNote } from './incident-notes.ts';
import { triggerAlert } from './incident-opening.ts';
import { renderWebhookSubscription } from './render-config.ts';
import { renderNote } from './render-incidents.ts';

/** Takes the parsed body, gives the body to answer with; undefined = `{}`. */
export type Action = (body: unknown) => unknown;

const text = z.string().min(1);

const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  match: z.strictObject({ method: text.exactOptional(), pathPrefix: text.exactOptional() }).exactOptional(),
  times: z.int().min(1).exactOptional(),
  status: z.int().min(200).max(599).exactOptional(),
  resetSeconds: z.int().min(0).exactOptional(),
}) satisfies z.ZodType<Fault>;

/** Every control call by its method and path; the table in control-server.ts says what each takes and gives. */
export function controlActions(controlled: Controlled): Readonly<Record<string, Action>> {
  const { account, calls, faults } = controlled;
  const find = controlLookup(account);
  const person = (name: string): Agent => ({ type: 'user', id: find.user(name).id });
  return {
    'GET /state': () => renderState(controlled),
    'GET /calls': () => ({ calls: calls.all() }),
    'POST /alert': on({ service: text, title: text }, ({ service, title }) => ({
      opened: triggerAlert(account, { title, serviceId: find.service(service).id }) !== undefined,
    })),
    'POST /acknowledge': on(
      { incident: text, user: text },
      ({ incident, user }) => void acknowledge(account, find.incident(incident).id, person(user)),
    ),
    'POST /note': on({ incident: text, user: text, content: text }, ({ incident, user, content }) => ({
      note: renderNote(account, addNote(account, find.incident(incident).id, content, person(user))),
    })),
    'POST /override': on(
      { schedule: text, user: text, minutes: z.number().positive() },
      ({ schedule, user, minutes }) => {
        const start = account.clock.now();
        const end = new Date(start.getTime() + minutes * MINUTE_MS);
        const [scheduleId, userId] = [find.schedule(schedule).id, find.user(user).id];
        return { override: setOverride(account, { scheduleId, userId, start, end }) };
      },
    ),
    'POST /clock': on(
      { offset_ms: z.number().exactOptional(), advance_ms: z.number().exactOptional() },
      ({ offset_ms: offset, advance_ms: advance }) => {
        if (offset !== undefined) account.clock.setOffset(offset);
        if (advance !== undefined) account.clock.advance(advance);
        return { now: account.clock.now(), offset_ms: account.clock.offsetMs };
      },
    ),
    'POST /faults': (body) => void faults.add(faultSchema.parse(body)),
    'POST /faults/clear': () => faults.clear(),
    'POST /webhooks': on({ url: z.url(), secrets: z.array(text).min(1) }, (wanted) => {
      const subscription = account.addWebhookSubscription(aSubscription(wanted));
      return { webhook_subscription: renderWebhookSubscription(account, subscription) };
    }),
    'POST /webhooks/delete': on({ id: text }, ({ id }) => {
      account.webhookSubscriptions.remove(account.webhookSubscriptions.require(id).id);
    }),
  };
}

/** An action whose body is checked first; unknown fields are refused. */
function on<Shape extends z.ZodRawShape>(
  shape: Shape,
  act: (body: z.output<z.ZodObject<Shape, z.core.$strict>>) => unknown,
): Action {
  const schema = z.strictObject(shape);
  return (body) => act(schema.parse(body));
}
