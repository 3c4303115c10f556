import { describe, expect, it } from 'vitest';
import { newIncident } from './api-client.ts';
import { opened } from './opened.ts';

const SAM = 'sre-1@example.com';
const TAYLOR = 'sre-2@example.com';
const service = (id: string) => ({ service: { id, type: 'service_reference' } });
const refused = (code: number) => ({ status: 400, body: { error: { code } } });

describe('POST /incidents', () => {
  it('opens one that does not say of what type it is, as Teleport’s plugin sends it', async () => {
    await using api = await opened();

    expect((await api.send('POST', '/incidents', newIncident({ type: undefined }))).status).toBe(201);
  });

  it.each([
    ['without a From header', null, 1028],
    ['with a From header that is no e-mail', 'oncall-approver', 1028],
    ['from somebody unknown', 'nobody@example.com', 1008],
  ])('refuses a request %s', async (_, from, code) => {
    await using api = await opened();

    expect(await api.send('POST', '/incidents', newIncident(), { from })).toMatchObject(refused(code));
  });

  const assignee = (id: string) => ({ assignee: { id, type: 'user_reference' } });
  const policy = { id: 'PPOLCY1', type: 'escalation_policy_reference' };
  it.each([
    ['no title', { title: ' ' }, 2001],
    ['no service', { service: undefined }, 2001],
    ['an unknown service', service('PNOSUCH'), 2002],
    ['an unknown policy', { escalation_policy: { ...policy, id: 'PNOSUCH' } }, 1014],
    ['an unknown assignee', { assignments: [assignee('PNOSUCH')] }, 2001],
    ['two assignees', { assignments: [assignee('PSAM1RE'), assignee('PTAY2RE')] }, 2001],
    ['assignee and policy', { assignments: [assignee('PSAM1RE')], escalation_policy: policy }, 2001],
    ['a blank key', { incident_key: '' }, 2001],
  ])('refuses %s with 400', async (_, fields, code) => {
    await using api = await opened();

    expect(await api.send('POST', '/incidents', newIncident(fields))).toMatchObject(refused(code));
    expect(api.account.incidents.all()).toEqual([]);
  });

  it('starts acknowledged, paging nobody, when the creator takes it', async () => {
    await using api = await opened();
    const body = newIncident({ assignments: [assignee('PSAM1RE')] });

    expect((await api.send('POST', '/incidents', body, { from: SAM })).at('incident')).toMatchObject({
      status: 'acknowledged',
      assigned_via: 'direct_assignment',
      pending_actions: [],
    });
  });
});

describe('PUT /incidents/{id}', () => {
  it('makes whoever acknowledges an assignee, and refuses to do it twice', async () => {
    await using api = await opened();
    const { id } = api.alert();

    expect((await api.change(id, { status: 'acknowledged' }, TAYLOR)).at('incident')).toMatchObject({
      status: 'acknowledged',
      assignments: [{ assignee: { id: 'PSAM1RE' } }, { assignee: { id: 'PTAY2RE' } }],
      acknowledgements: [{ acknowledger: { id: 'PTAY2RE', type: 'user_reference' } }],
      pending_actions: [],
    });
    expect(await api.change(id, { status: 'acknowledged' }, TAYLOR)).toMatchObject(refused(1002));
  });

  it('empties a resolved incident, and refuses to change what is not opened again', async () => {
    await using api = await opened();
    const { id } = api.alert();

    expect((await api.change(id, { status: 'resolved' })).at('incident')).toMatchObject({
      status: 'resolved',
      resolved_at: '2026-03-03T03:00:00Z',
      assignments: [],
      acknowledgements: null,
    });
    expect(await api.change(id, { status: 'resolved' })).toMatchObject(refused(1001));
  });

  it.each([
    ['triggered', 'PSAM1RE', [], 'escalation_policy'],
    ['acknowledged', 'PTAY2RE', ['PTAY2RE'], 'direct_assignment'],
  ])('opens a resolved incident again that is set to %s', async (status, assignee, by, via) => {
    await using api = await opened();
    const { id } = api.alert();
    await api.change(id, { status: 'acknowledged' }, TAYLOR);
    await api.change(id, { status: 'resolved' }, TAYLOR);

    const again = await api.change(id, { status }, TAYLOR);

    expect(again.at('incident')).toMatchObject({ status, resolved_at: null, assigned_via: via });
    expect(again.column('incident.assignments', 'assignee.id')).toEqual([assignee]);
    expect(again.column('incident.acknowledgements', 'acknowledger.id')).toEqual(by);
  });

  it('takes an acknowledgement back', async () => {
    await using api = await opened();
    const { id } = api.alert();
    await api.change(id, { status: 'acknowledged' });

    expect((await api.change(id, { status: 'triggered' })).at('incident')).toMatchObject({
      status: 'triggered',
      acknowledgements: [],
    });
  });

  it('escalates to a level of the policy, reassigns, and refuses levels that are not there', async () => {
    await using api = await opened();
    const { id } = api.alert();
    const change = async (fields: object) => {
      const reply = await api.change(id, fields);
      return reply.status === 200 ? reply.column('incident.assignments', 'assignee.id') : reply.status;
    };

    expect(await change({ escalation_level: 3 })).toEqual(['PMAN5GR']);
    expect(await change({ escalation_level: 4 })).toBe(400);
    expect(await change({ assignments: [{ assignee: { id: 'PTAY2RE', type: 'user_reference' } }] })).toEqual([
      'PTAY2RE',
    ]);
    expect(await change({ escalation_level: 1, status: 'resolved' })).toBe(400);
  });
});
