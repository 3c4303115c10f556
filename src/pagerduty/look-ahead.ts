import { z } from 'zod';
import type { Stretch } from '../core/forecast/stretch.ts';
import { MINUTE, parseInstant } from '../core/values/instant.ts';
import type { IncidentEscalation, PagerDutyLookAhead } from '../ports/look-ahead.ts';
import type { Ask } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { listAll, type Listed } from './http/paging.ts';
import { nullIfNotFound } from './lookup.ts';
import { referenceOf, ReferenceObject } from './schema.ts';

/** So many ids stay far below the length that proxies take of an address. */
const MOST_IDS = 50;

const Maintenance = z.object({
  start_time: z.iso.datetime({ offset: true }),
  end_time: z.iso.datetime({ offset: true }),
  services: z.array(ReferenceObject),
});

const LIST_WINDOWS = {
  ...{ doing: 'list maintenance windows', scope: 'services.read' },
  ...{ path: ['maintenance_windows'], rows: 'maintenance_windows', row: Maintenance },
};

const IncidentAssigned = z.object({
  incident: z.object({
    status: z.enum(['triggered', 'acknowledged', 'resolved']),
    escalation_policy: ReferenceObject,
    assignments: z
      .array(z.object({ at: z.iso.datetime({ offset: true }), assignee: ReferenceObject }))
      .nullish(),
  }),
});
const PolicyDelays = z.object({
  escalation_policy: z.object({
    escalation_rules: z.array(z.object({ escalation_delay_in_minutes: z.number() })),
  }),
});

/** The time to come, as PagerDuty's REST API v2 shows it. */
export function createLookAhead(client: PagerDutyClient): PagerDutyLookAhead {
  return {
    async maintenance(serviceIds, ask) {
      const windows = await inChunks(serviceIds, (some) =>
        listAll(client, { ...LIST_WINDOWS, query: { 'service_ids[]': some, filter: 'open' } }, ask),
      );
      return new Map(
        serviceIds.map((id) => [
          id,
          windows.filter(({ services }) => services.some((service) => service.id === id)).flatMap(stretchOf),
        ]),
      );
    },
    escalation: (incidentId, ask) => readEscalation(client, incidentId, ask),
  };
}

async function readEscalation(
  client: PagerDutyClient,
  incidentId: string,
  ask: Ask,
): Promise<IncidentEscalation | null> {
  const doing = 'see whom an incident asks';
  const incident = { doing, scope: 'incidents.read', path: ['incidents', incidentId] };
  const found = await nullIfNotFound(client.call({ ...incident, answer: IncidentAssigned }, ask));
  if (found === null) return null;
  const { status, escalation_policy, assignments } = found.body.incident;
  const path = ['escalation_policies', escalation_policy.id];
  const policy = { doing, scope: 'escalation_policies.read', path, answer: PolicyDelays };
  const { body } = await client.call(policy, ask);
  const times = (assignments ?? []).map(({ at }) => parseInstant(at)).filter((at) => at !== null);
  return {
    status,
    assignees: (assignments ?? []).map(({ assignee }) => referenceOf(assignee)),
    since: times.length === 0 ? null : times.reduce((one, other) => (one > other ? one : other)),
    policyId: escalation_policy.id,
    delaysMs: body.escalation_policy.escalation_rules.map(
      (rule) => rule.escalation_delay_in_minutes * MINUTE,
    ),
  };
}

/** For no id PagerDuty would answer about everybody. */
async function inChunks<T>(
  ids: readonly string[],
  ask: (ids: readonly string[]) => Promise<Listed<T>>,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (let from = 0; from < ids.length; from += MOST_IDS)
    found.push(...(await ask(ids.slice(from, from + MOST_IDS))).rows);
  return found;
}

function stretchOf({ start_time, end_time }: z.infer<typeof Maintenance>): readonly Stretch[] {
  const [from, until] = [parseInstant(start_time), parseInstant(end_time)];
  return from === null || until === null ? [] : [{ from, until }];
}
