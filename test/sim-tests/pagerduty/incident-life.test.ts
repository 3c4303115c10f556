import { describe, expect, it } from 'vitest';
import { repointService } from '../../sim/pagerduty/administration.ts';
import { aPolicy, aRule } from '../../sim/pagerduty/builders.ts';
import { DAY_MS, MINUTE_MS } from '../../sim/pagerduty/durations.ts';
import { opened, type Opened } from './opened.ts';

const SAM = 'sre-1@example.com';

const shown = (api: Opened, id: string) => api.get(`/incidents/${id}?include[]=escalation_policies`);
const assignees = async (api: Opened, id: string) =>
  (await shown(api, id)).column('incident.assignments', 'assignee.id');

/** With other settings of the service. */
function timeout(api: Opened, settings: object): void {
  const { services } = api.account;
  services.put({ ...services.require('PSERVC1'), ...settings });
}

describe('an open incident', () => {
  it('goes up its policy by itself, level by level, until the policy ends', async () => {
    await using api = await opened();
    const { id } = api.alert();

    expect(await assignees(api, id)).toEqual(['PSAM1RE']);
    api.account.clock.advance(30 * MINUTE_MS);
    expect(await assignees(api, id)).toEqual(['PROB3RE']);
    api.account.clock.advance(DAY_MS);
    expect(await assignees(api, id)).toEqual(['PMAN5GR']);
    expect((await shown(api, id)).at('incident.pending_actions')).toEqual([]);
  });

  it('keeps to the policy as it was when it came in', async () => {
    await using api = await opened();
    const { id } = api.alert();
    const rules = [aRule([{ kind: 'user', id: 'POUT4SD' }])];
    const other = api.account.addEscalationPolicy(aPolicy({ name: 'Other', rules }));

    repointService(api.account, 'PSERVC1', other.id);
    api.account.clock.advance(30 * MINUTE_MS);

    expect((await shown(api, id)).at('incident.escalation_policy')).toMatchObject({
      id: 'PPOLCY1',
      type: 'escalation_policy',
    });
    expect(await assignees(api, id)).toEqual(['PROB3RE']);
  });

  it('is triggered again when its acknowledgement times out', async () => {
    await using api = await opened();
    timeout(api, { acknowledgementTimeoutSeconds: 600 });
    const { id } = api.alert();

    await api.change(id, { status: 'acknowledged' }, SAM);
    api.account.clock.advance(10 * MINUTE_MS);

    expect((await shown(api, id)).at('incident')).toMatchObject({
      status: 'triggered',
      acknowledgements: [],
    });
  });

  it('of low urgency stays where it is until its urgency is raised, which takes acknowledgements back', async () => {
    await using api = await opened();
    const { id } = api.alert({ urgency: 'low' });

    api.account.clock.advance(DAY_MS);
    expect((await api.change(id, { escalation_level: 2 }, SAM)).status).toBe(400);
    await api.change(id, { status: 'acknowledged' }, SAM);
    expect(await assignees(api, id)).toEqual(['PSAM1RE']);
    expect((await api.change(id, { urgency: 'high' }, SAM)).at('incident')).toMatchObject({
      status: 'triggered',
      urgency: 'high',
    });
    api.account.clock.advance(30 * MINUTE_MS);
    expect(await assignees(api, id)).toEqual(['PROB3RE']);
  });

  it('is resolved when the time of its service is over, and says before when that will be', async () => {
    await using api = await opened();
    timeout(api, { autoResolveTimeoutSeconds: 14_400 });
    const { id } = api.alert();
    const acknowledged = await api.change(id, { status: 'acknowledged' }, SAM);
    const end = '2026-03-03T07:00:00Z';

    api.account.clock.advance(DAY_MS);

    expect(acknowledged.at('incident.pending_actions')).toEqual([{ type: 'resolve', at: end }]);
    expect((await shown(api, id)).at('incident')).toMatchObject({
      status: 'resolved',
      resolved_at: end,
      last_status_change_by: { id: 'PSERVC1' },
    });
  });

  it('takes further alerts with its key instead of a second incident', async () => {
    await using api = await opened();

    const [first, second] = [api.alert({ incidentKey: 'disk' }), api.alert({ incidentKey: 'disk' })];

    expect([second.id, second.alertCount]).toEqual([first.id, 2]);
  });
});

describe('GET /incidents', () => {
  it.each([
    ['service_ids[]=PSERVC2', ['ask']],
    ['urgencies[]=high', ['api']],
    ['statuses[]=resolved', []],
    ['user_ids[]=PTAY2RE', []],
    ['incident_key=one', ['api']],
    // PagerDuty: an empty key is no filter at all.
    ['incident_key=&sort_by=urgency:asc', ['ask', 'api']],
    // A month unless asked for all.
    ['service_ids[]=PSERVC1&date_range=all', ['old', 'api']],
  ])('filters: `%s`', async (query, titles) => {
    await using api = await opened();
    api.alert({ title: 'old' });
    api.account.clock.advance(40 * DAY_MS);
    api.alert({ title: 'api', incidentKey: 'one' });
    api.alert({ title: 'ask', serviceId: 'PSERVC2', urgency: 'low' });

    expect((await api.get(`/incidents?${query}`)).column('incidents', 'title')).toEqual(titles);
  });

  it.each(['statuses[]=open', 'sort_by=title', 'sort_by=urgency,created_at,resolved_at', 'date_range=week'])(
    'refuses `%s`',
    async (query) => {
      await using api = await opened();

      expect((await api.get(`/incidents?${query}`)).status).toBe(400);
    },
  );

  it('finds one by id or number, and answers 404 for others', async () => {
    await using api = await opened();
    const { id } = api.alert();

    const byNumber = await api.get('/incidents/1?include[]=assignees');

    expect(byNumber.at('incident')).toMatchObject({
      id,
      assignments: [{ assignee: { type: 'user', email: SAM } }],
    });
    expect(await api.get('/incidents/QNOSUCH')).toMatchObject({
      status: 404,
      body: { error: { code: 2100 } },
    });
  });
});
