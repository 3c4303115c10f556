import { describe, expect, it } from 'vitest';
import { repointService } from '../../sim/pagerduty/administration.ts';
import { aPolicy, aRule } from '../../sim/pagerduty/builders.ts';
import { DAY_MS, MINUTE_MS } from '../../sim/pagerduty/durations.ts';
import { openIncident, triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { at, call, column, get } from './api-client.ts';
import { referenceAccount } from './reference-account.ts';

const SAM = 'sre-1@example.com';

function change(fields: Readonly<Record<string, unknown>>): unknown {
  return { incident: { type: 'incident_reference', ...fields } };
}

describe('an open incident', () => {
  it('goes up its policy by itself, level by level, until somebody acknowledges or the policy ends', async () => {
    const account = referenceAccount();
    const { id } = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' }) ?? { id: '' };
    await using pagerDuty = await startPagerDuty({ account });
    const incident = async () => at((await get(pagerDuty.url, `/incidents/${id}`)).body, 'incident');
    const seen = [await incident()];

    account.clock.advance(30 * MINUTE_MS);
    seen.push(await incident());
    account.clock.advance(DAY_MS);
    seen.push(await incident());

    expect(seen.map((one) => column(one, 'assignments', 'assignee.id'))).toEqual([
      ['PSAM1RE'],
      ['PROB3RE'],
      ['PMAN5GR'],
    ]);
    expect(at(seen[2], 'pending_actions')).toEqual([]);
  });

  it('keeps to the policy as it was when it came in', async () => {
    const account = referenceAccount();
    const { id } = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' }) ?? { id: '' };
    await using pagerDuty = await startPagerDuty({ account });
    const rules = [aRule([{ kind: 'user', id: 'POUT4SD' }])];
    const other = account.addEscalationPolicy(aPolicy({ name: 'Other', rules }));

    repointService(account, 'PSERVC1', other.id);
    account.clock.advance(30 * MINUTE_MS);

    const { body } = await get(pagerDuty.url, `/incidents/${id}?include[]=escalation_policies`);
    expect(at(body, 'incident.escalation_policy')).toMatchObject({
      id: 'PPOLCY1',
      type: 'escalation_policy',
    });
    expect(column(at(body, 'incident'), 'assignments', 'assignee.id')).toEqual(['PROB3RE']);
  });

  it('is triggered again when its acknowledgement times out', async () => {
    const account = referenceAccount();
    account.services.put({ ...account.services.require('PSERVC1'), acknowledgementTimeoutSeconds: 600 });
    const { id } = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' }) ?? { id: '' };
    await using pagerDuty = await startPagerDuty({ account });

    await call(pagerDuty.url, 'PUT', `/incidents/${id}`, {
      from: SAM,
      body: change({ status: 'acknowledged' }),
    });
    account.clock.advance(10 * MINUTE_MS);

    const { body } = await get(pagerDuty.url, `/incidents/${id}`);
    expect(at(body, 'incident')).toMatchObject({ status: 'triggered', acknowledgements: [] });
  });

  it('of low urgency stays where it is until its urgency is raised, which takes acknowledgements back', async () => {
    const account = referenceAccount();
    const alert = { title: 'down', serviceId: 'PSERVC1', urgency: 'low' } as const;
    const { id } = triggerAlert(account, alert) ?? { id: '' };
    await using pagerDuty = await startPagerDuty({ account });
    const put = (fields: Readonly<Record<string, unknown>>) =>
      call(pagerDuty.url, 'PUT', `/incidents/${id}`, { from: SAM, body: change(fields) });

    account.clock.advance(DAY_MS);
    const byHand = await put({ escalation_level: 2 });
    const acknowledged = await put({ status: 'acknowledged' });
    const raised = await put({ urgency: 'high' });
    account.clock.advance(30 * MINUTE_MS);
    const climbed = await get(pagerDuty.url, `/incidents/${id}`);

    expect(byHand.status).toBe(400);
    expect(column(at(acknowledged.body, 'incident'), 'assignments', 'assignee.id')).toEqual(['PSAM1RE']);
    expect(at(raised.body, 'incident')).toMatchObject({ status: 'triggered', urgency: 'high' });
    expect(column(at(climbed.body, 'incident'), 'assignments', 'assignee.id')).toEqual(['PROB3RE']);
  });

  it('is resolved when the time of its service is over, and says before when that will be', async () => {
    const account = referenceAccount();
    account.services.put({ ...account.services.require('PSERVC1'), autoResolveTimeoutSeconds: 14_400 });
    const { id } = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' }) ?? { id: '' };
    await using pagerDuty = await startPagerDuty({ account });
    const acknowledged = await call(pagerDuty.url, 'PUT', `/incidents/${id}`, {
      from: SAM,
      body: change({ status: 'acknowledged' }),
    });

    account.clock.advance(DAY_MS);

    expect(at(acknowledged.body, 'incident.pending_actions')).toEqual([
      { type: 'resolve', at: '2026-03-03T07:00:00Z' },
    ]);
    const { body } = await get(pagerDuty.url, `/incidents/${id}`);
    expect(at(body, 'incident')).toMatchObject({
      status: 'resolved',
      resolved_at: '2026-03-03T07:00:00Z',
      last_status_change_by: { id: 'PSERVC1' },
    });
  });

  it('takes further alerts with its key instead of a second incident', () => {
    const account = referenceAccount();
    const alert = { title: 'down', serviceId: 'PSERVC1', incidentKey: 'disk' };

    const first = triggerAlert(account, alert);
    const second = triggerAlert(account, alert);

    expect(second?.id).toBe(first?.id);
    expect(second?.alertCount).toBe(2);
  });
});

describe('GET /incidents', () => {
  it('filters by status, service, urgency, assignee and key', async () => {
    const account = referenceAccount();
    triggerAlert(account, { title: 'api', serviceId: 'PSERVC1', incidentKey: 'one' });
    triggerAlert(account, { title: 'ask', serviceId: 'PSERVC2', urgency: 'low' });
    await using pagerDuty = await startPagerDuty({ account });
    const titles = async (query: string) =>
      column((await get(pagerDuty.url, `/incidents?${query}`)).body, 'incidents', 'title');

    expect(await titles('service_ids[]=PSERVC2')).toEqual(['ask']);
    expect(await titles('urgencies[]=high')).toEqual(['api']);
    expect(await titles('statuses[]=resolved')).toEqual([]);
    expect(await titles('user_ids[]=PTAY2RE')).toEqual([]);
    expect(await titles('incident_key=one')).toEqual(['api']);
    expect(await titles('sort_by=urgency:asc')).toEqual(['ask', 'api']);
  });

  it('takes an empty incident key for no filter at all', async () => {
    const account = referenceAccount();
    triggerAlert(account, { title: 'api', serviceId: 'PSERVC1', incidentKey: 'one' });
    await using pagerDuty = await startPagerDuty({ account });

    const { body } = await get(pagerDuty.url, '/incidents?incident_key=');

    expect(at(body, 'incidents')).toHaveLength(1);
  });

  it('looks back one month unless asked for all', async () => {
    const account = referenceAccount();
    triggerAlert(account, { title: 'old', serviceId: 'PSERVC1' });
    account.clock.advance(40 * DAY_MS);
    await using pagerDuty = await startPagerDuty({ account });

    const recent = await get(pagerDuty.url, '/incidents');
    const all = await get(pagerDuty.url, '/incidents?date_range=all');

    expect(at(recent.body, 'incidents')).toEqual([]);
    expect(column(all.body, 'incidents', 'title')).toEqual(['old']);
  });

  it.each(['statuses[]=open', 'sort_by=title', 'sort_by=urgency,created_at,resolved_at', 'date_range=week'])(
    'refuses `%s`',
    async (query) => {
      await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

      expect((await get(pagerDuty.url, `/incidents?${query}`)).status).toBe(400);
    },
  );

  it('finds one by id or number, and answers 404 for others', async () => {
    const account = referenceAccount();
    const incident = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' });
    await using pagerDuty = await startPagerDuty({ account });

    const byNumber = await get(pagerDuty.url, '/incidents/1?include[]=assignees');
    const absent = await get(pagerDuty.url, '/incidents/QNOSUCH');

    expect(at(byNumber.body, 'incident.id')).toBe(incident?.id);
    expect(at(byNumber.body, 'incident.assignments.0.assignee')).toMatchObject({ type: 'user', email: SAM });
    expect(absent).toMatchObject({ status: 404, body: { error: { code: 2100 } } });
  });
});

describe('the first log entry of an incident', () => {
  it('is read with its channel, whose text who may write incidents can change', async () => {
    const account = referenceAccount();
    const incident = openIncident(
      account,
      { title: 'page', details: 'as sent', serviceId: 'PSERVC2' },
      { type: 'user', id: 'PBOT6OA' },
    );
    await using pagerDuty = await startPagerDuty({ account });
    const path = `/log_entries/${incident.logEntries[0]?.id ?? ''}`;
    const details = async () => {
      const { body } = await get(pagerDuty.url, `${path}?include[]=channels`);
      return at(body, 'log_entry.channel');
    };

    expect(await details()).toMatchObject({ type: 'web_trigger', subject: 'page', details: 'as sent' });
    const body = { channel: { type: 'web_trigger', details: 'edited' } };
    const changed = await call(pagerDuty.url, 'PUT', `${path}/channel`, { body, from: SAM });

    expect([changed.status, at(await details(), 'details')]).toEqual([202, 'edited']);
    expect((await get(pagerDuty.url, '/log_entries/RNONE')).status).toBe(404);
  });
});
