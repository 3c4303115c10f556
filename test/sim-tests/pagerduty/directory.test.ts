import { describe, expect, it } from 'vitest';
import { openMaintenanceWindow, putInTeam, setServiceField } from '../../sim/pagerduty/administration.ts';
import { aPolicy, aRule, aServiceField, aUser } from '../../sim/pagerduty/builders.ts';
import { MINUTE_MS } from '../../sim/pagerduty/durations.ts';
import { opened } from './opened.ts';

describe('GET /users', () => {
  it('gives 25 a page unless told otherwise', async () => {
    await using api = await opened();
    for (let n = 0; n < 30; n += 1) api.account.addUser(aUser({ email: `person-${n}@example.com` }));

    const page = await api.get('/users');

    expect(page.at('users')).toHaveLength(25);
    expect(page.body).toMatchObject({ more: true, total: null });
    expect((await api.get('/users?limit=100&total=true')).body).toMatchObject({ more: false, total: 36 });
  });
});

describe('GET /services', () => {
  it('matches parts with query and the whole with name, and names the escalation policy', async () => {
    await using api = await opened();
    const policies = 'include[]=escalation_policies';

    const part = await api.get('/services?query=pay');
    const whole = await api.get(`/services?name=Payments%20API&${policies}`);

    expect(part.column('services', 'name')).toEqual(['Payments API']);
    expect(part.at('services.0.escalation_policy.type')).toBe('escalation_policy_reference');
    expect(whole.at('services.0.escalation_policy')).toMatchObject({
      type: 'escalation_policy',
      num_loops: 0,
    });
    expect((await api.get('/services?name=Payments')).at('services')).toEqual([]);
  });
});

describe('teams and custom fields', () => {
  it('belong to policies, and by them to services; every service has every field, with null for no value', async () => {
    await using api = await opened();
    const { account } = api;
    account.teams.put({ id: 'PTEAM01', name: 'Payments' });
    account.serviceFields.put(aServiceField('PFIELD1', 'teleport_selector'));
    account.serviceFields.put({ ...aServiceField('PFIELD2', 'tags'), fieldType: 'multi_value' });
    putInTeam(account, 'PPOLCY1', 'PTEAM01');
    setServiceField(account, 'PSERVC1', 'teleport_selector', 'team=payments');

    const values = await api.get('/services/PSERVC1/custom_fields/values');

    expect(values.at('custom_fields')).toMatchObject([
      { name: 'teleport_selector', value: 'team=payments', type: 'field_value', data_type: 'string' },
      { name: 'tags', value: null, field_type: 'multi_value' },
    ]);
    expect((await api.get('/services/PNOSERV/custom_fields/values')).status).toBe(404);
    expect((await api.get('/teams?query=pay')).column('teams', 'name')).toEqual(['Payments']);
    expect((await api.get('/teams/PTEAM01')).at('team')).toMatchObject({ type: 'team', name: 'Payments' });
    const of = async (what: string, team: string) =>
      (await api.get(`/${what}?team_ids[]=${team}`)).column(what, 'id');
    expect(await of('services', 'PTEAM01')).toEqual(['PSERVC1', 'PSERVC2']);
    expect(await of('escalation_policies', 'PTEAM01')).toEqual(['PPOLCY1']);
    expect(await of('services', 'PTEAM02')).toEqual([]);
    expect((await api.get('/services/PSERVC1')).at('service.teams.0.summary')).toBe('Payments');
    expect(() => setServiceField(account, 'PSERVC1', 'tags', 'one')).toThrow('takes several values');
    expect(() => setServiceField(account, 'PSERVC1', 'other', 'one')).toThrow('no custom field');
  });
});

describe('GET /escalation_policies', () => {
  it('has rules with their targets, services, loops and teams, and can be found by the users it names directly', async () => {
    await using api = await opened();
    const rules = [aRule([{ kind: 'user', id: 'PSAM1RE' }])];
    api.account.addEscalationPolicy(aPolicy({ name: 'Search', rules }));

    const one = await api.get('/escalation_policies/PPOLCY1?include[]=targets');
    const ofSam = await api.get('/escalation_policies?user_ids[]=PSAM1RE');

    expect(one.at('escalation_policy')).toMatchObject({
      type: 'escalation_policy',
      num_loops: 0,
      teams: [],
      services: [{ id: 'PSERVC1', type: 'service_reference' }, { id: 'PSERVC2' }],
      escalation_rules: [
        { escalation_delay_in_minutes: 30, targets: [{ id: 'PSCHED1', type: 'schedule_reference' }] },
        { targets: [{ id: 'PSCHED2' }] },
        { targets: [{ id: 'PMAN5GR', type: 'user', email: 'manager@example.com' }] },
      ],
    });
    expect(ofSam.column('escalation_policies', 'name')).toEqual(['Search']);
  });
});

it('the windows that are open now are listed for a service', async () => {
  await using api = await opened();
  openMaintenanceWindow(api.account, { serviceIds: ['PSERVC1'], durationMs: 10 * MINUTE_MS });
  const ongoing = async (service: string) =>
    (await api.get(`/maintenance_windows?filter=ongoing&service_ids[]=${service}`)).at('maintenance_windows');

  expect(await ongoing('PSERVC1')).toMatchObject([
    { start_time: '2026-03-03T03:00:00Z', end_time: '2026-03-03T03:10:00Z', services: [{ id: 'PSERVC1' }] },
  ]);
  expect(await ongoing('PSERVC2')).toEqual([]);
  api.account.clock.advance(10 * MINUTE_MS);
  expect(await ongoing('PSERVC1')).toEqual([]);
});
