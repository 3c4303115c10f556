import { z } from 'zod';
import { incidentByIdOrNumber } from './incident-lookup.ts';
import type { IncidentType } from './model.ts';
import { accessDenied, invalidInput, notFound } from './refusal.ts';
import { ok, parseBody, type Call, type Reply, type Route } from './route.ts';

const PATH = '/incidents/types/:type/custom_fields';
const VALUES = '/incidents/:id/custom_fields/values';

export const incidentTypeRoutes: readonly Route[] = [
  { method: 'GET', path: '/incidents/types', scope: 'incident_types.read', handle: listTypes },
  { method: 'POST', path: '/incidents/types', scope: 'incident_types.write', handle: createType },
  { method: 'GET', path: PATH, scope: 'custom_fields.read', handle: listFields },
  { method: 'POST', path: PATH, scope: 'custom_fields.write', handle: createField },
  { method: 'GET', path: VALUES, scope: 'incidents.read', handle: getValues },
  { method: 'PUT', path: VALUES, scope: 'incidents.write', handle: putValues },
];

/** PagerDuty's own, which every account has. */
export const BASE_TYPE: IncidentType = {
  ...{ id: 'PBASETY', name: 'incident_default', displayName: 'Base Incident', enabled: true, fields: [] },
};

const name = z.string().regex(/^[a-z_][a-z0-9_]{0,49}$/u);
const newTypeSchema = z.object({
  incident_type: z.object({
    name: name.refine((text) => !text.endsWith('_default')),
    display_name: z.string().min(1).max(50),
    parent_type: z.string().min(1),
    enabled: z.boolean().optional(),
    description: z.string().max(1000).optional(),
  }),
});
const newFieldSchema = z.object({
  field: z.object({
    name,
    display_name: z.string().min(1).max(50),
    data_type: z.literal('string'),
    field_type: z.literal('single_value'),
    description: z.string().max(1000).optional(),
    enabled: z.boolean().optional(),
  }),
});
/** PagerDuty: a text has at most 200 characters. */
const valuesSchema = z.object({
  custom_fields: z.array(z.object({ name, value: z.string().max(200).nullable() })),
});

function typesOf({ account }: Call): readonly IncidentType[] {
  return [BASE_TYPE, ...account.incidentTypes.all()];
}

/** PagerDuty lists those that are enabled unless told. */
function listTypes(call: Call): Reply {
  const filter = call.query.get('filter') ?? 'enabled';
  const wanted = typesOf(call).filter(
    ({ enabled }) => filter === 'all' || enabled === (filter === 'enabled'),
  );
  return ok({ incident_types: wanted.map(renderType) });
}

function createType(call: Call): Reply {
  ensureAdmin(call);
  const { incident_type: asked } = parseBody(newTypeSchema, call.body);
  const { account } = call;
  if (!typesOf(call).some(({ name: known }) => known === asked.parent_type))
    throw invalidInput('Parent type not found');
  if (typesOf(call).some(({ name: known }) => known === asked.name))
    throw invalidInput('Name has been taken');
  const made = account.incidentTypes.put({
    ...{ id: account.ids.short(), name: asked.name, displayName: asked.display_name },
    ...{ enabled: asked.enabled ?? true, fields: [] },
  });
  return { status: 201, body: { incident_type: renderType(made) } };
}

function listFields(call: Call): Reply {
  const { fields } = requireType(call);
  return ok({ fields: fields.map((each) => ({ name: each, data_type: 'string', enabled: true })) });
}

function createField(call: Call): Reply {
  ensureAdmin(call);
  const type = requireType(call);
  const { field } = parseBody(newFieldSchema, call.body);
  if (type.fields.includes(field.name)) throw invalidInput('Name has been taken');
  call.account.incidentTypes.put({ ...type, fields: [...type.fields, field.name] });
  return { status: 201, body: { field } };
}

function getValues(call: Call): Reply {
  const { customFields = {} } = requireIncident(call);
  const values = Object.entries(customFields).map(([of, value]) => ({ name: of, value }));
  return ok({ custom_fields: values });
}

/** PagerDuty: no `From` is needed. */
function putValues(call: Call): Reply {
  const incident = requireIncident(call);
  const { custom_fields: values } = parseBody(valuesSchema, call.body);
  const { fields } = typesOf(call).find((each) => each.name === incident.incidentType) ?? BASE_TYPE;
  if (values.some((each) => !fields.includes(each.name))) throw invalidInput('Field not found');
  const given = Object.fromEntries(values.map(({ name: of, value }) => [of, value]));
  call.account.incidents.put({ ...incident, customFields: { ...incident.customFields, ...given } });
  return { ...getValues(call), status: 201 };
}

function requireIncident({ account, params }: Call) {
  const incident = incidentByIdOrNumber(account, params['id'] ?? '');
  if (incident === undefined) throw notFound();
  return incident;
}

function requireType(call: Call): IncidentType {
  const { type } = call.params;
  const found = typesOf(call).find((each) => each.id === type || each.name === type);
  if (found === undefined) throw notFound();
  return found;
}

/** An account's key with all rights, an app that has the scope, or the key of an admin. */
function ensureAdmin({ account, key }: Call): void {
  const role = key.userId === null ? 'admin' : account.users.require(key.userId).role;
  if (role !== 'admin' && role !== 'owner') throw accessDenied();
}

function renderType({ id, name: of, displayName, enabled }: IncidentType): unknown {
  return { id, name: of, display_name: displayName, enabled, type: 'incident_type' };
}
