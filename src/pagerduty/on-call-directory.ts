import { z } from 'zod';
import { canonicalEmail, sameEmail, type PagerDutyUser } from '../core/identity.ts';
import {
  PagerDutyError,
  type Ask,
  type OnCallDirectory,
  type Service as PortService,
  type OwnershipDirectory,
} from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { lookUp, nullIfNotFound } from './lookup.ts';
import { readOnCallRows } from './on-call-rows.ts';
import { listAll, listUpTo } from './http/paging.ts';
import { isDeleted, referenceOf, Named, Service, User, ServiceFieldValue } from './schema.ts';
import { findSchedule, readShifts } from './schedules.ts';
import { TEAMS_SCOPE } from './http/oauth.ts';

const USERS = { scope: 'users.read', path: ['users'], rows: 'users', row: User };
/** Services and policies, as they are listed. */
const SERVICES = {
  doing: 'look up a service',
  scope: 'services.read',
  path: ['services'],
  rows: 'services',
  row: Service,
};
const POLICIES = {
  ...{ doing: 'look up an escalation policy', scope: 'escalation_policies.read' },
  ...{ path: ['escalation_policies'], rows: 'escalation_policies', row: Named },
};

/** The directory as PagerDuty's REST API v2 has it, asked anew every time. */
export function createOnCallDirectory(client: PagerDutyClient): OnCallDirectory {
  return {
    /** PagerDuty's `query` finds parts of names and addresses alike (`e.doe@` finds `joe.doe@`), hence the comparison. */
    async usersByEmail(email, ask) {
      if (canonicalEmail(email) === '') return [];
      const listing = { ...USERS, doing: 'look up a user by e-mail address', query: { query: email.trim() } };
      const { rows } = await listAll(client, listing, ask);
      return rows.filter((user) => sameEmail(user.email, email)).flatMap(usersIn);
    },
    async user(id, ask) {
      const about = { doing: 'read a user', scope: USERS.scope, answer: z.object({ user: User }) };
      const found = await nullIfNotFound(client.call({ ...about, path: ['users', id] }, ask));
      return found === null ? null : (usersIn(found.body.user)[0] ?? null);
    },
    users: (mostPages, ask) => listUsers(client, mostPages, ask),
    onCallsUnder: (policyIds, span, ask) => readOnCallRows(client, { policyIds }, span, ask),
    onCallsOn: (scheduleIds, span, ask) => readOnCallRows(client, { scheduleIds }, span, ask),
    shiftsOf: (schedule, span, ask) => readShifts(client, schedule, span, ask),
    async service(idOrName, ask) {
      const answer = z.object({ service: Service });
      const byId = { doing: SERVICES.doing, scope: SERVICES.scope, answer };
      return serviceOf(
        await lookUp({
          noun: 'service',
          idOrName,
          byId: async (id) => (await client.call({ ...byId, path: ['services', id] }, ask)).body.service,
          containing: async (query) => (await listAll(client, { ...SERVICES, query: { query } }, ask)).rows,
        }),
      );
    },
    services: (idsOrNames, mostPages, ask) => findServices(client, idsOrNames, mostPages, ask),
    everyService: async (ask) => {
      const { rows } = await listAll(client, { ...SERVICES, doing: 'list services' }, ask);
      return rows.filter((row) => !isDeleted(row)).map(serviceOf);
    },
    async escalationPolicy(idOrName, ask) {
      const { doing, scope, path } = POLICIES;
      const answer = z.object({ escalation_policy: Named });
      const { id, name } = await lookUp({
        noun: 'escalation policy',
        idOrName,
        byId: async (wanted) =>
          (await client.call({ doing, scope, path: [...path, wanted], answer }, ask)).body.escalation_policy,
        containing: async (query) => (await listAll(client, { ...POLICIES, query: { query } }, ask)).rows,
      });
      return { id, summary: name };
    },
    schedule: (idOrName, ask) => findSchedule(client, idOrName, ask),
  };
}

/** Every user of the account; null when there are more than fit on so many pages of 100. */
export async function listUsers(
  client: PagerDutyClient,
  mostPages: number,
  ask: Ask,
): Promise<readonly PagerDutyUser[] | null> {
  const listed = await listUpTo(client, { ...USERS, doing: 'list the users' }, mostPages, ask);
  return listed === null ? null : listed.rows.flatMap(usersIn);
}

function usersIn(user: z.infer<typeof User>): readonly PagerDutyUser[] {
  const { id, name, email } = user;
  return isDeleted(user) ? [] : [{ id, name, email }];
}

/** By one list of all of them what would take a look-up each. */
async function findServices(
  client: PagerDutyClient,
  idsOrNames: readonly string[],
  mostPages: number,
  ask: Ask,
): Promise<ReadonlyMap<string, PortService> | null> {
  const listed = await listUpTo(client, { ...SERVICES, doing: 'list services' }, mostPages, ask);
  if (listed === null) return null;
  const { rows } = listed;
  const found = new Map<string, PortService>();
  for (const idOrName of idsOrNames) {
    const byId = (id: string) =>
      Promise.resolve(rows.find((row) => row.id === id && !isDeleted(row)) ?? null);
    try {
      const containing = () => Promise.resolve(rows);
      found.set(idOrName, serviceOf(await lookUp({ noun: 'service', idOrName, byId, containing })));
    } catch (error) {
      if (!(error instanceof PagerDutyError)) throw error;
    }
  }
  return found;
}

function serviceOf({ id, name, status, escalation_policy }: Service): PortService {
  return { id, summary: name, status, escalationPolicy: referenceOf(escalation_policy) };
}

const TEAMS = { doing: 'look up a team', scope: TEAMS_SCOPE, path: ['teams'], rows: 'teams', row: Named };
const FIELDS = { doing: "read a service's custom fields", scope: SERVICES.scope };
const Fields = z.object({ custom_fields: z.array(ServiceFieldValue) });

/** Teams and custom fields as PagerDuty's REST API v2 has them, asked anew every time. */
export function createOwnershipDirectory(client: PagerDutyClient): OwnershipDirectory {
  return {
    async team(idOrName, ask) {
      const { doing, scope, path } = TEAMS;
      const answer = z.object({ team: Named });
      const { id, name } = await lookUp({
        noun: 'team',
        idOrName,
        byId: async (wanted) =>
          (await client.call({ doing, scope, path: [...path, wanted], answer }, ask)).body.team,
        containing: async (query) => (await listAll(client, { ...TEAMS, query: { query } }, ask)).rows,
      });
      return { id, summary: name };
    },
    async policiesOf(teamId, ask) {
      const listing = { ...POLICIES, doing: "list a team's escalation policies", query: inTeam(teamId) };
      const { rows } = await listAll(client, listing, ask);
      return rows.filter((row) => !isDeleted(row)).map(({ id, name }) => ({ id, summary: name }));
    },
    async servicesOf(teamId, ask) {
      const listing = { ...SERVICES, doing: "list a team's services", query: inTeam(teamId) };
      const { rows } = await listAll(client, listing, ask);
      return rows.filter((row) => !isDeleted(row)).map(serviceOf);
    },
    async fieldsOf(serviceId, ask) {
      const path = [...SERVICES.path, serviceId, 'custom_fields', 'values'];
      const { body } = await client.call({ ...FIELDS, path, answer: Fields }, ask);
      return new Map(body.custom_fields.map(({ name, value }) => [name, textOf(value)]));
    },
  };
}

function inTeam(teamId: string) {
  return { 'team_ids[]': teamId };
}

/** Of a field that takes several values all, with commas; null for what is no text. */
function textOf(value: unknown): string | null {
  const texts = [value].flat().filter((each) => typeof each === 'string');
  return texts.length === 0 ? null : texts.join(',');
}
