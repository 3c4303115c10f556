import { z } from 'zod';
import { canonicalEmail, sameEmail, type PagerDutyUser } from '../core/identity.ts';
import {
  PagerDutyError,
  type Ask,
  type OnCallDirectory,
  type Service as PortService,
} from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { lookUp, nullIfNotFound } from './lookup.ts';
import { readOnCallRows } from './on-call-rows.ts';
import { listAll, listUpTo } from './http/paging.ts';
import { isDeleted, referenceOf, Named, Service, User } from './schema.ts';
import { findSchedule, readShifts } from './schedules.ts';

/** The directory as PagerDuty's REST API v2 has it, asked anew every time. */
export function createOnCallDirectory(client: PagerDutyClient): OnCallDirectory {
  return {
    usersByEmail: (email, ask) => findUsersByEmail(client, email, ask),
    user: (id, ask) => findUser(client, id, ask),
    users: (mostPages, ask) => listUsers(client, mostPages, ask),
    onCallsUnder: (policyIds, span, ask) => readOnCallRows(client, { policyIds }, span, ask),
    onCallsOn: (scheduleIds, span, ask) => readOnCallRows(client, { scheduleIds }, span, ask),
    shiftsOf: (schedule, span, ask) => readShifts(client, schedule, span, ask),
    service: (idOrName, ask) => findService(client, idOrName, ask),
    services: (idsOrNames, mostPages, ask) => findServices(client, idsOrNames, mostPages, ask),
    escalationPolicy: async (idOrName, ask) => {
      const { id, name } = await findEscalationPolicy(client, idOrName, ask);
      return { id, summary: name };
    },
    schedule: (idOrName, ask) => findSchedule(client, idOrName, ask),
  };
}

/** PagerDuty's `query` finds parts of names and addresses alike (`e.doe@` finds `joe.doe@`), hence the comparison. */
async function findUsersByEmail(
  client: PagerDutyClient,
  email: string,
  ask: Ask,
): Promise<readonly PagerDutyUser[]> {
  if (canonicalEmail(email) === '') return [];
  const { rows } = await listAll(
    client,
    {
      doing: 'look up a user by e-mail address',
      scope: 'users.read',
      path: ['users'],
      query: { query: email.trim() },
      rows: 'users',
      row: User,
    },
    ask,
  );
  return rows
    .filter((user) => !isDeleted(user) && sameEmail(user.email, email))
    .map(({ id, name, email: address }) => ({ id, name, email: address }));
}

/** Every user of the account; null when there are more than fit on so many pages of 100. */
export async function listUsers(
  client: PagerDutyClient,
  mostPages: number,
  ask: Ask,
): Promise<readonly PagerDutyUser[] | null> {
  const listing = {
    doing: 'list the users',
    scope: 'users.read',
    path: ['users'],
    rows: 'users',
    row: User,
  };
  const listed = await listUpTo(client, listing, mostPages, ask);
  if (listed === null) return null;
  return listed.rows.filter((user) => !isDeleted(user)).map(({ id, name, email }) => ({ id, name, email }));
}

async function findUser(client: PagerDutyClient, id: string, ask: Ask): Promise<PagerDutyUser | null> {
  const about = { doing: 'read a user', scope: 'users.read' };
  const answer = z.object({ user: User });
  const found = await nullIfNotFound(
    client.call({ ...about, method: 'GET', path: ['users', id], answer }, ask),
  );
  if (found === null || isDeleted(found.body.user)) return null;
  const { name, email } = found.body.user;
  return { id: found.body.user.id, name, email };
}

const SERVICES = {
  doing: 'look up a service',
  scope: 'services.read',
  path: ['services'],
  rows: 'services',
  row: Service,
};

async function findService(client: PagerDutyClient, idOrName: string, ask: Ask): Promise<PortService> {
  const { doing, scope, path } = SERVICES;
  const found = await lookUp({
    noun: 'service',
    idOrName,
    byId: async (wanted) => {
      const answer = z.object({ service: Service });
      const call = { doing, scope, method: 'GET', path: [...path, wanted], answer } as const;
      return (await client.call(call, ask)).body.service;
    },
    containing: async (query) => (await listAll(client, { ...SERVICES, query: { query } }, ask)).rows,
  });
  return serviceOf(found);
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

function findEscalationPolicy(client: PagerDutyClient, idOrName: string, ask: Ask): Promise<Named> {
  const about = { doing: 'look up an escalation policy', scope: 'escalation_policies.read' };
  return lookUp({
    noun: 'escalation policy',
    idOrName,
    byId: async (wanted) => {
      const path = ['escalation_policies', wanted];
      const answer = z.object({ escalation_policy: Named });
      return (await client.call({ ...about, method: 'GET', path, answer }, ask)).body.escalation_policy;
    },
    containing: async (query) => {
      const path = ['escalation_policies'];
      const listing = { ...about, path, query: { query }, rows: 'escalation_policies', row: Named };
      return (await listAll(client, listing, ask)).rows;
    },
  });
}
