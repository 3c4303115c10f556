import { z } from 'zod';
import type { OwnershipDirectory } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { TEAMS_SCOPE } from './http/oauth.ts';
import { listAll } from './http/paging.ts';
import { lookUp } from './lookup.ts';
import { POLICIES, serviceOf, SERVICES } from './on-call-directory.ts';
import { isDeleted, Named, ServiceFieldValue } from './schema.ts';

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
