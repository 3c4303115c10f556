import { describe, expect, it } from 'vitest';
import {
  openMaintenanceWindow,
  repointService,
  setServiceDisabled,
} from '../../sim/pagerduty/administration.ts';
import { aPolicy, aRule, aSchedule } from '../../sim/pagerduty/builders.ts';
import { MINUTE_MS } from '../../sim/pagerduty/durations.ts';
import { triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { at, call, column, get, newIncident, textAt } from './api-client.ts';
import { referenceAccount } from './reference-account.ts';

const SAM = 'sre-1@example.com';

function change(fields: Readonly<Record<string, unknown>>): unknown {
  return { incident: { type: 'incident_reference', ...fields } };
}

describe('POST /incidents', () => {
  it('opens an incident for whoever is on call at level 1, and answers 201', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    const body = newIncident({ incident_key: 'key-1', body: { type: 'incident_body', details: 'why' } });

    const created = await call(pagerDuty.url, 'POST', '/incidents', { body });

    expect(created.status).toBe(201);
    expect(at(created.body, 'incident')).toMatchObject({
      type: 'incident',
      incident_number: 1,
      status: 'triggered',
      urgency: 'high',
      incident_key: 'key-1',
      title: 'access request',
      body: { details: 'why' },
      service: { id: 'PSERVC2', type: 'service_reference' },
      escalation_policy: { id: 'PPOLCY1' },
      assigned_via: 'escalation_policy',
      assignments: [{ at: '2026-03-03T03:00:00Z', assignee: { id: 'PSAM1RE', type: 'user_reference' } }],
      acknowledgements: [],
      last_status_change_by: { id: 'PSERVC2', type: 'service_reference' },
      pending_actions: [{ type: 'escalate', at: '2026-03-03T03:30:00Z' }],
    });
  });

  it('refuses a second one with the same key on the same service while the first is open', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    const body = newIncident({ incident_key: 'key-1' });
    const elsewhere = newIncident({
      incident_key: 'key-1',
      service: { id: 'PSERVC1', type: 'service_reference' },
    });
    const post = (given: unknown) => call(pagerDuty.url, 'POST', '/incidents', { body: given });

    const first = await post(body);
    const second = await post(body);
    const onOtherService = await post(elsewhere);
    const path = `/incidents/${textAt(first.body, 'incident.id')}`;
    await call(pagerDuty.url, 'PUT', path, { body: change({ status: 'resolved' }) });
    const afterResolving = await post(body);

    expect(second).toMatchObject({ status: 400, body: { error: { code: 2002 } } });
    expect([onOtherService.status, afterResolving.status]).toEqual([201, 201]);
  });

  it('opens one that does not say of what type it is, as Teleport’s plugin sends it', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const body = newIncident({ type: undefined });

    expect((await call(pagerDuty.url, 'POST', '/incidents', { body })).status).toBe(201);
  });

  it.each([
    ['without a From header', null, 1028],
    ['with a From header that is no e-mail', 'oncall-approver', 1028],
    ['from somebody unknown', 'nobody@example.com', 1008],
  ])('refuses a request %s', async (_, from, code) => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const { status, body } = await call(pagerDuty.url, 'POST', '/incidents', { from, body: newIncident() });

    expect({ status, code: at(body, 'error.code') }).toEqual({ status: 400, code });
  });

  const assignee = (id: string) => ({ assignee: { id, type: 'user_reference' } });
  const policy = { id: 'PPOLCY1', type: 'escalation_policy_reference' };
  it.each([
    ['no title', { title: ' ' }, 2001],
    ['no service', { service: undefined }, 2001],
    ['an unknown service', { service: { id: 'PNOSUCH', type: 'service_reference' } }, 2002],
    ['an unknown policy', { escalation_policy: { ...policy, id: 'PNOSUCH' } }, 1014],
    ['an unknown assignee', { assignments: [assignee('PNOSUCH')] }, 2001],
    ['two assignees', { assignments: [assignee('PSAM1RE'), assignee('PTAY2RE')] }, 2001],
    ['assignee and policy', { assignments: [assignee('PSAM1RE')], escalation_policy: policy }, 2001],
    ['a blank key', { incident_key: '' }, 2001],
  ])('refuses %s with 400', async (_, fields, code) => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const { status, body } = await call(pagerDuty.url, 'POST', '/incidents', { body: newIncident(fields) });

    expect({ status, code: at(body, 'error.code') }).toEqual({ status: 400, code });
    expect(pagerDuty.account.incidents.all()).toEqual([]);
  });

  it('opens none on a disabled service, during maintenance, or when nobody is on call', async () => {
    const account = referenceAccount();
    await using pagerDuty = await startPagerDuty({ account });
    const post = () => call(pagerDuty.url, 'POST', '/incidents', { body: newIncident() });

    setServiceDisabled(account, 'PSERVC2', true);
    const disabled = await post();
    setServiceDisabled(account, 'PSERVC2', false);
    openMaintenanceWindow(account, { serviceIds: ['PSERVC2'], durationMs: MINUTE_MS });
    const inMaintenance = await post();
    account.clock.advance(MINUTE_MS);
    const empty = account.addSchedule(aSchedule({ name: 'Empty' }));
    const target = { kind: 'schedule', id: empty.id } as const;
    const nobody = account.addEscalationPolicy(aPolicy({ name: 'Nobody', rules: [aRule([target])] }));
    repointService(account, 'PSERVC2', nobody.id);
    const nobodyOnCall = await post();
    const alert = triggerAlert(account, { title: 'down', serviceId: 'PSERVC2' });

    expect([disabled.status, inMaintenance.status]).toEqual([400, 400]);
    expect(nobodyOnCall).toMatchObject({ status: 400, body: { error: { code: 1015 } } });
    expect(alert).toBeUndefined();
  });

  it('starts acknowledged, paging nobody, when the creator takes it', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    const body = newIncident({ assignments: [assignee('PSAM1RE')] });

    const { body: created } = await call(pagerDuty.url, 'POST', '/incidents', { from: SAM, body });

    expect(at(created, 'incident')).toMatchObject({
      status: 'acknowledged',
      assigned_via: 'direct_assignment',
      pending_actions: [],
    });
  });
});

describe('PUT /incidents/{id}', () => {
  it('makes whoever acknowledges an assignee, and refuses to do it twice', async () => {
    const account = referenceAccount();
    const incident = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' });
    await using pagerDuty = await startPagerDuty({ account });
    const path = `/incidents/${incident?.id ?? ''}`;
    const options = { from: 'sre-2@example.com', body: change({ status: 'acknowledged' }) };

    const acknowledged = await call(pagerDuty.url, 'PUT', path, options);
    const again = await call(pagerDuty.url, 'PUT', path, options);

    expect(at(acknowledged.body, 'incident')).toMatchObject({
      status: 'acknowledged',
      assignments: [{ assignee: { id: 'PSAM1RE' } }, { assignee: { id: 'PTAY2RE' } }],
      acknowledgements: [{ acknowledger: { id: 'PTAY2RE', type: 'user_reference' } }],
      pending_actions: [],
    });
    expect(again).toMatchObject({ status: 400, body: { error: { code: 1002 } } });
  });

  it('empties a resolved incident, and refuses to change what is not opened again', async () => {
    const account = referenceAccount();
    const incident = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' });
    await using pagerDuty = await startPagerDuty({ account });
    const path = `/incidents/${incident?.id ?? ''}`;

    const resolved = await call(pagerDuty.url, 'PUT', path, { body: change({ status: 'resolved' }) });
    const late = await call(pagerDuty.url, 'PUT', path, { body: change({ status: 'resolved' }) });

    expect(at(resolved.body, 'incident')).toMatchObject({
      status: 'resolved',
      resolved_at: '2026-03-03T03:00:00Z',
      assignments: [],
      acknowledgements: null,
    });
    expect(late).toMatchObject({ status: 400, body: { error: { code: 1001 } } });
  });

  it.each([
    ['triggered', 'PSAM1RE', [], 'escalation_policy'],
    ['acknowledged', 'PTAY2RE', ['PTAY2RE'], 'direct_assignment'],
  ])('opens a resolved incident again that is set to %s', async (status, assignee, by, via) => {
    const account = referenceAccount();
    const { id } = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' }) ?? { id: '' };
    await using pagerDuty = await startPagerDuty({ account });
    const put = (to: string) =>
      call(pagerDuty.url, 'PUT', `/incidents/${id}`, {
        from: 'sre-2@example.com',
        body: change({ status: to }),
      });
    await put('acknowledged');
    await put('resolved');

    const { body } = await put(status);

    expect(at(body, 'incident')).toMatchObject({ status, resolved_at: null, assigned_via: via });
    expect(column(at(body, 'incident'), 'assignments', 'assignee.id')).toEqual([assignee]);
    expect(column(at(body, 'incident'), 'acknowledgements', 'acknowledger.id')).toEqual(by);
  });

  it('takes an acknowledgement back, and moves an incident to another service', async () => {
    const account = referenceAccount();
    const { id } = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' }) ?? { id: '' };
    await using pagerDuty = await startPagerDuty({ account });
    const put = (fields: Readonly<Record<string, unknown>>) =>
      call(pagerDuty.url, 'PUT', `/incidents/${id}`, { body: change(fields) });
    const service = (serviceId: string) => ({ service: { id: serviceId, type: 'service_reference' } });

    await put({ status: 'acknowledged' });
    const triggered = await put({ status: 'triggered' });
    const moved = await put(service('PSERVC2'));

    expect(at(triggered.body, 'incident')).toMatchObject({ status: 'triggered', acknowledgements: [] });
    expect(at(moved.body, 'incident.service.id')).toBe('PSERVC2');
    expect((await put(service('PNOSUCH'))).status).toBe(400);
  });

  it('merges others into one that is open, by whoever asks, each once: these are resolved, and say into which', async () => {
    const account = referenceAccount();
    const [target = '', source = '', done = ''] = ['a', 'b', 'c'].map(
      (title) => triggerAlert(account, { title, serviceId: 'PSERVC1' })?.id,
    );
    await using pagerDuty = await startPagerDuty({ account });
    const merge = async (into: string, id: string) => {
      const body = { source_incidents: [{ id, type: 'incident_reference' }] };
      const reply = await call(pagerDuty.url, 'PUT', `/incidents/${into}/merge`, { from: SAM, body });
      return [reply.status, at(reply.body, 'error.code') ?? at(reply.body, 'incident.id')];
    };
    await call(pagerDuty.url, 'PUT', `/incidents/${done}`, { body: change({ status: 'resolved' }) });

    expect(await merge(target, source)).toEqual([200, target]);
    expect(await merge(target, source)).toEqual([400, 1019]);
    expect(await merge(done, target)).toEqual([400, 1001]);
    expect(await merge(target, 'QNOSUCH')).toEqual([404, 2100]);
    const { body } = await get(pagerDuty.url, `/incidents/${source}`);
    expect(at(body, 'incident')).toMatchObject({
      status: 'resolved',
      resolve_reason: { type: 'merge_resolve_reason', incident: { id: target } },
      last_status_change_by: { id: 'PSAM1RE' },
      alert_counts: { all: 0 },
    });
    expect(account.incidents.require(target).alertCount).toBe(2);
  });

  it('escalates to a level of the policy, reassigns, and refuses levels that are not there', async () => {
    const account = referenceAccount();
    const incident = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' });
    await using pagerDuty = await startPagerDuty({ account });
    const put = (fields: Readonly<Record<string, unknown>>) =>
      call(pagerDuty.url, 'PUT', `/incidents/${incident?.id ?? ''}`, { body: change(fields) });
    const assigneeOf = (body: unknown) => column(at(body, 'incident'), 'assignments', 'assignee.id');

    const escalated = await put({ escalation_level: 3 });
    const tooHigh = await put({ escalation_level: 4 });
    const reassigned = await put({ assignments: [{ assignee: { id: 'PTAY2RE', type: 'user_reference' } }] });
    const twoMoves = await put({ escalation_level: 1, status: 'resolved' });

    expect(assigneeOf(escalated.body)).toEqual(['PMAN5GR']);
    expect(assigneeOf(reassigned.body)).toEqual(['PTAY2RE']);
    expect([tooHigh.status, twoMoves.status]).toEqual([400, 400]);
  });
});
