import { z } from 'zod';
import { canonicalEmail, sameEmail, type PagerDutyUser } from '../core/identity.ts';
import type { Ask, OnCallDirectory, Service as PortService } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { lookUp, nullIfNotFound } from './lookup.ts';
import { readOnCallRowsOf, readOnCallRowsUnder } from './on-call-rows.ts';
import { listAll, listUpTo } from './http/paging.ts';
import { isDeleted, referenceOf } from './references.ts';
import { findSchedule, readShifts } from './schedules.ts';
import { Named, Service, User } from './schema.ts';

/** The directory as PagerDuty's REST API v2 has it, asked anew every time. */
export function createOnCallDirectory(client: PagerDutyClient): OnCallDirectory {
  return {
    usersByEmail: (email, ask) => findUsersByEmail(client, email, ask),
    user: (id, ask) => findUser(client, id, ask),
    onCallsOf: (userId, span, ask) => readOnCallRowsOf(client, [userId], span, ask),
    onCallsUnder: (policyId, ask) => readOnCallRowsUnder(client, [policyId], ask),
    shiftsOf: (schedule, span, ask) => readShifts(client, schedule, span, ask),
    service: (idOrName, ask) => findService(client, idOrName, ask),
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

async function findService(client: PagerDutyClient, idOrName: string, ask: Ask): Promise<PortService> {
  const about = { doing: 'look up a service', scope: 'services.read' };
  const { id, name, status, escalation_policy } = await lookUp({
    noun: 'service',
    idOrName,
    byId: async (wanted) => {
      const answer = z.object({ service: Service });
      const { body } = await client.call(
        { ...about, method: 'GET', path: ['services', wanted], answer },
        ask,
      );
      return body.service;
    },
    containing: async (query) => {
      const listing = { ...about, path: ['services'], query: { query }, rows: 'services', row: Service };
      return (await listAll(client, listing, ask)).rows;
    },
  });
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
