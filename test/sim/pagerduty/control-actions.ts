import { z } from 'zod';
import {
  deleteUser,
  openMaintenanceWindow,
  removeOverride,
  repointService,
  setOverride,
  setServiceDisabled,
} from './administration.ts';
import { aSubscription, aUser } from './builders.ts';
import type { Controlled } from './controlled.ts';
import { controlLookup } from './control-lookup.ts';
import { renderState } from './control-state.ts';
import { MINUTE_MS } from './durations.ts';
import { FAULT_KINDS, type Fault } from './faults.ts';
import { acknowledge, escalate, reassign, resolve, unacknowledge } from './incident-life.ts';
import { addNote, deleteNote, editNote } from './incident-notes.ts';
import { triggerAlert } from './incident-opening.ts';
import { replyToResponderRequest } from './incident-responders.ts';
import type { Agent } from './incident-model.ts';
import { renderMaintenanceWindow, renderUser, renderWebhookSubscription } from './render-config.ts';
import { renderIncident, renderNote } from './render-incidents.ts';

/** Takes the parsed body, gives the body to answer with; undefined = `{}`. */
export type Action = (body: unknown) => unknown;

const text = z.string().min(1);
const instant = z.iso.datetime({ offset: true }).transform((value) => new Date(value));
const urgency = z.enum(['high', 'low']);
const role = z.enum(['admin', 'limited_user', 'observer', 'owner', 'read_only_user', 'user']);

const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  match: z.strictObject({ method: text.exactOptional(), pathPrefix: text.exactOptional() }).exactOptional(),
  times: z.int().min(1).exactOptional(),
  skip: z.int().min(0).exactOptional(),
  status: z.int().min(200).max(599).exactOptional(),
  code: z.int().exactOptional(),
  ms: z.number().min(0).exactOptional(),
  headers: z.boolean().exactOptional(),
  resetSeconds: z.int().min(0).exactOptional(),
  limit: z.int().min(1).exactOptional(),
  after: z.boolean().exactOptional(),
}) satisfies z.ZodType<Fault>;

/** Every control call by its method and path; the table in control-server.ts says what each takes and gives. */
export function controlActions(controlled: Controlled): Readonly<Record<string, Action>> {
  return {
    'GET /state': () => renderState(controlled),
    'GET /calls': () => ({ calls: controlled.calls.all() }),
    'POST /calls/clear': () => controlled.calls.clear(),
    ...incidentActions(controlled),
    ...settingsActions(controlled),
    ...simulatorActions(controlled),
  };
}

function incidentActions({ account }: Controlled): Readonly<Record<string, Action>> {
  const find = controlLookup(account);
  const person = (name: string): Agent => ({ type: 'user', id: find.user(name).id });
  const incidentBody = (id: string) => ({
    incident: renderIncident(account, account.incidents.require(id), new Set()),
  });
  return {
    'POST /alert': on(
      {
        service: text,
        title: text,
        urgency: urgency.exactOptional(),
        details: text.exactOptional(),
        incident_key: text.exactOptional(),
      },
      ({ service, incident_key: incidentKey, ...alert }) => {
        const key = incidentKey === undefined ? {} : { incidentKey };
        const incident = triggerAlert(account, { ...alert, ...key, serviceId: find.service(service).id });
        return incident === undefined ? { incident: null } : incidentBody(incident.id);
      },
    ),
    'POST /acknowledge': on({ incident: text, user: text }, ({ incident, user }) =>
      incidentBody(acknowledge(account, find.incident(incident).id, person(user)).id),
    ),
    'POST /unacknowledge': on({ incident: text }, ({ incident }) =>
      incidentBody(unacknowledge(account, find.incident(incident).id).id),
    ),
    'POST /resolve': on({ incident: text, user: text }, ({ incident, user }) =>
      incidentBody(resolve(account, find.incident(incident).id, person(user)).id),
    ),
    'POST /escalate': on(
      { incident: text, level: z.int().min(1).exactOptional() },
      ({ incident, ...options }) => incidentBody(escalate(account, find.incident(incident).id, options).id),
    ),
    'POST /reassign': on(
      { incident: text, users: z.array(text).min(1), by: text },
      ({ incident, users, by }) => {
        const userIds = users.map((user) => find.user(user).id);
        return incidentBody(reassign(account, find.incident(incident).id, userIds, person(by)).id);
      },
    ),
    'POST /note': on({ incident: text, user: text, content: text }, ({ incident, user, content }) => ({
      note: renderNote(account, addNote(account, find.incident(incident).id, content, person(user))),
    })),
    'POST /note/edit': on({ incident: text, note: text, content: text }, ({ incident, note, content }) => ({
      note: renderNote(account, editNote(account, find.incident(incident).id, note, content)),
    })),
    'POST /note/delete': on({ incident: text, note: text }, ({ incident, note }) =>
      deleteNote(account, find.incident(incident).id, note),
    ),
    'POST /responder-reply': on(
      { incident: text, user: text, state: z.enum(['joined', 'declined']) },
      ({ incident, user, state }) => {
        const { id } = find.incident(incident);
        replyToResponderRequest(account, id, find.user(user).id, state);
        return incidentBody(id);
      },
    ),
  };
}

function settingsActions({ account }: Controlled): Readonly<Record<string, Action>> {
  const find = controlLookup(account);
  return {
    'POST /override': on(
      {
        schedule: text,
        user: text,
        start: instant.exactOptional(),
        end: instant.exactOptional(),
        minutes: z.number().positive().exactOptional(),
      },
      ({ schedule, user, start = account.clock.now(), end, minutes }) => {
        const until = minutes === undefined ? end : new Date(start.getTime() + minutes * MINUTE_MS);
        const override = setOverride(account, {
          scheduleId: find.schedule(schedule).id,
          userId: find.user(user).id,
          start,
          ...(until === undefined ? {} : { end: until }),
        });
        return { override };
      },
    ),
    'POST /override/delete': on({ schedule: text, override: text }, ({ schedule, override }) =>
      removeOverride(account, find.schedule(schedule).id, override),
    ),
    'POST /user': on({ name: text, email: z.email(), role: role.exactOptional() }, (user) => ({
      user: renderUser(account, account.addUser(aUser(user))),
    })),
    'POST /user/email': on({ user: text, email: z.email() }, ({ user, email }) => ({
      user: renderUser(account, account.changeAddress(find.user(user).id, email)),
    })),
    'POST /user/delete': on({ user: text }, ({ user }) => void deleteUser(account, find.user(user).id)),
    'POST /service/disable': on(
      { service: text },
      ({ service }) => void setServiceDisabled(account, find.service(service).id, true),
    ),
    'POST /service/enable': on(
      { service: text },
      ({ service }) => void setServiceDisabled(account, find.service(service).id, false),
    ),
    'POST /service/policy': on(
      { service: text, escalation_policy: text },
      ({ service, escalation_policy: policy }) =>
        void repointService(account, find.service(service).id, find.escalationPolicy(policy).id),
    ),
    'POST /maintenance': on(
      { services: z.array(text).min(1), minutes: z.number().positive(), description: text.exactOptional() },
      ({ services, minutes, ...rest }) => {
        const serviceIds = services.map((service) => find.service(service).id);
        const window = openMaintenanceWindow(account, {
          ...rest,
          serviceIds,
          durationMs: minutes * MINUTE_MS,
        });
        return { maintenance_window: renderMaintenanceWindow(account, window) };
      },
    ),
  };
}

function simulatorActions(controlled: Controlled): Readonly<Record<string, Action>> {
  const { account, faults, webhooks } = controlled;
  const find = controlLookup(account);
  const ms = z.number().min(0);
  return {
    'POST /faults': (body) => void faults.add(faultSchema.parse(body)),
    'POST /faults/clear': () => faults.clear(),
    'POST /latency': on({ ms }, (latency) => controlled.setLatency(latency.ms)),
    'POST /clock': on(
      {
        offset_ms: z.number().exactOptional(),
        advance_ms: z.number().exactOptional(),
        now: instant.exactOptional(),
      },
      (change) => {
        if (change.offset_ms !== undefined) account.clock.setOffset(change.offset_ms);
        if (change.advance_ms !== undefined) account.clock.advance(change.advance_ms);
        if (change.now !== undefined) account.clock.setTo(change.now);
        return { now: account.clock.now(), offset_ms: account.clock.offsetMs };
      },
    ),
    'POST /webhooks': on(
      {
        url: z.url(),
        secrets: z.array(text).min(1),
        events: z.array(text).exactOptional(),
        service: text.exactOptional(),
      },
      ({ service, ...rest }) => {
        const filter =
          service === undefined
            ? {}
            : { filter: { type: 'service_reference' as const, id: find.service(service).id } };
        const subscription = account.addWebhookSubscription(aSubscription({ ...rest, ...filter }));
        return { webhook_subscription: renderWebhookSubscription(account, subscription) };
      },
    ),
    'POST /webhooks/secrets': on({ id: text, secrets: z.array(text).min(1) }, ({ id, secrets }) => {
      account.webhookSubscriptions.put({ ...account.webhookSubscriptions.require(id), secrets });
    }),
    'POST /webhooks/delete': on({ id: text }, ({ id }) => {
      account.webhookSubscriptions.remove(account.webhookSubscriptions.require(id).id);
    }),
    'POST /webhooks/delivery': on(
      {
        delay_ms: ms.exactOptional(),
        copies: z.int().min(1).exactOptional(),
        retry_delay_ms: ms.exactOptional(),
        timeout_ms: ms.exactOptional(),
      },
      (change) =>
        webhooks.configure({
          ...(change.delay_ms === undefined ? {} : { delayMs: change.delay_ms }),
          ...(change.copies === undefined ? {} : { copies: change.copies }),
          ...(change.retry_delay_ms === undefined ? {} : { retryDelayMs: change.retry_delay_ms }),
          ...(change.timeout_ms === undefined ? {} : { timeoutMs: change.timeout_ms }),
        }),
    ),
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
