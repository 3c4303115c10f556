import { z } from 'zod';
import { passedOn } from '../core/wording/phrases.ts';
import { PAGE_TYPE, PagerDutyError, type Ask, type NewIncident, type PageType } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { PAGE_TYPE_SCOPES } from './http/oauth.ts';

const TYPE = { name: PAGE_TYPE, display_name: 'Access request' };
const FIELDS = {
  access_requester: 'Requester',
  access_roles: 'Roles',
  access_decision: 'Decision',
  access_ends_at: 'Access ends at',
} as const;
type Field = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as Field[];
/** PagerDuty: of a text. */
const LONGEST_VALUE = 200;

const Types = z.object({ incident_types: z.array(z.object({ name: z.string() })) });
const Known = z.object({ fields: z.array(z.object({ name: z.string() })) });
const [TYPES, OF_TYPE] = [
  ['incidents', 'types'],
  ['incidents', 'types', TYPE.name, 'custom_fields'],
];

/** Also what pages are to have by what was seen last: to ask for it first would keep a page waiting. */
export interface SeenPageType extends PageType {
  /** What goes into the incident; nothing where the account has no such type. */
  body(): { readonly incident_type?: { readonly name: string } };
  /** The type was refused: until it is seen again pages go without it. */
  forget(): void;
  /** The values of the fields that there are, written by a call of their own: PagerDuty takes none at the opening. Never throws. */
  fill(incidentId: string, about: NewIncident['about'], ask: Ask): Promise<void>;
}

export function createPageType(client: PagerDutyClient): SeenPageType {
  let seen: readonly Field[] | null = null;

  async function lacking(ask: Ask): Promise<readonly string[]> {
    const [typesScope, fieldsScope] = PAGE_TYPE_SCOPES;
    const types = { doing: 'list incident types', scope: typesScope, path: TYPES, answer: Types };
    const { incident_types } = (await client.call(types, ask)).body;
    if (!incident_types.some(({ name }) => name === TYPE.name)) return [TYPE.name, ...NAMES];
    const fields = { doing: 'list custom fields', scope: fieldsScope, path: OF_TYPE, answer: Known };
    const known = (await client.call(fields, ask)).body.fields.map(({ name }) => name);
    return NAMES.filter((name) => !known.includes(name));
  }

  return {
    lacking,
    async create(missing, ask) {
      const made = { method: 'POST', answer: z.unknown() } as const;
      if (missing.includes(TYPE.name)) {
        const about = { doing: 'create an incident type', scope: 'incident_types.write', path: TYPES };
        const body = { incident_type: { ...TYPE, parent_type: 'incident_default', enabled: true } };
        await client.call({ ...made, ...about, body }, ask);
      }
      for (const name of NAMES.filter((each) => missing.includes(each))) {
        const about = { doing: 'create a custom field', scope: 'custom_fields.write', path: OF_TYPE };
        const field = { name, display_name: FIELDS[name], data_type: 'string', field_type: 'single_value' };
        await client.call({ ...made, ...about, body: { field: { ...field, enabled: true } } }, ask);
      }
    },
    async refresh(ask) {
      try {
        const missing = await lacking(ask);
        seen = missing.includes(TYPE.name) ? null : NAMES.filter((name) => !missing.includes(name));
      } catch (error) {
        // What cannot be seen for now is as it was.
        if (!(error instanceof PagerDutyError && error.transient)) seen = null;
      }
    },
    body: () => (seen === null ? {} : { incident_type: { name: TYPE.name } }),
    forget() {
      seen = null;
    },
    async fill(incidentId, of, ask) {
      if (seen === null || seen.length === 0 || of === undefined) return;
      const values: Record<Field, string> = {
        access_requester: of.requester,
        access_roles: of.roles.join(', '),
        access_decision: of.decisionId,
        access_ends_at: of.endsAt ?? '',
      };
      const custom_fields = seen
        .map((name) => ({ name, value: passedOn(values[name], LONGEST_VALUE) }))
        .filter(({ value }) => value !== '');
      const path = ['incidents', incidentId, 'custom_fields', 'values'];
      const about = { doing: 'fill in custom fields', scope: 'incidents.write', answer: z.unknown() };
      const call = { ...about, method: 'PUT', path, body: { custom_fields } } as const;
      await client.call(call, ask).catch(() => undefined);
    },
  };
}
