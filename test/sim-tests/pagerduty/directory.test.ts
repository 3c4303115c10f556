import { describe, expect, it } from 'vitest';
import { deleteUser, openMaintenanceWindow, setServiceDisabled } from '../../sim/pagerduty/administration.ts';
import { aPolicy, aRule, aUser } from '../../sim/pagerduty/builders.ts';
import { MINUTE_MS } from '../../sim/pagerduty/durations.ts';
import { acknowledge } from '../../sim/pagerduty/incident-life.ts';
import { triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { at, column, get } from './api-client.ts';
import { referenceAccount } from './reference-account.ts';

describe('GET /users', () => {
  it('matches parts of names and e-mails, so one address finds others that contain it', async () => {
    const account = referenceAccount();
    account.addUser(aUser({ email: 'joe.doe@example.com' }));
    account.addUser(aUser({ email: 'E.Doe@example.com' }));
    await using pagerDuty = await startPagerDuty({ account });

    const found = await get(pagerDuty.url, '/users?query=e.doe@example.com');
    const byName = await get(pagerDuty.url, '/users?query=sam');

    expect(column(found.body, 'users', 'email')).toEqual(['joe.doe@example.com', 'E.Doe@example.com']);
    expect(column(byName.body, 'users', 'name')).toEqual(['Sam One']);
  });

  it('gives 25 a page unless told otherwise', async () => {
    const account = referenceAccount();
    for (let n = 0; n < 30; n += 1) account.addUser(aUser({ email: `person-${n}@example.com` }));
    await using pagerDuty = await startPagerDuty({ account });

    const byDefault = await get(pagerDuty.url, '/users');
    const all = await get(pagerDuty.url, '/users?limit=100&total=true');

    expect(at(byDefault.body, 'users')).toHaveLength(25);
    expect(byDefault.body).toMatchObject({ more: true, total: null });
    expect(all.body).toMatchObject({ more: false, total: 36 });
  });

  it('does not list deleted users', async () => {
    const account = referenceAccount();
    deleteUser(account, 'PTAY2RE');
    await using pagerDuty = await startPagerDuty({ account });

    const { body } = await get(pagerDuty.url, '/users?query=sre-2');

    expect(at(body, 'users')).toEqual([]);
  });
});

describe('GET /services', () => {
  it('matches parts with query and the whole with name, and names the escalation policy', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const part = await get(pagerDuty.url, '/services?query=pay');
    const whole = await get(pagerDuty.url, '/services?name=Payments%20API&include[]=escalation_policies');
    const notWhole = await get(pagerDuty.url, '/services?name=Payments');

    expect(column(part.body, 'services', 'name')).toEqual(['Payments API']);
    expect(at(part.body, 'services.0.escalation_policy')).toMatchObject({
      type: 'escalation_policy_reference',
    });
    expect(at(whole.body, 'services.0.escalation_policy')).toMatchObject({
      type: 'escalation_policy',
      num_loops: 0,
    });
    expect(at(notWhole.body, 'services')).toEqual([]);
  });

  it('shows the status that incidents, maintenance and disabling give the service', async () => {
    const account = referenceAccount();
    await using pagerDuty = await startPagerDuty({ account });
    const status = async () => at((await get(pagerDuty.url, '/services/PSERVC1')).body, 'service.status');
    const seen = [await status()];

    const incident = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' });
    seen.push(await status());
    acknowledge(account, incident?.id ?? '', { type: 'user', id: 'PSAM1RE' });
    seen.push(await status());
    openMaintenanceWindow(account, { serviceIds: ['PSERVC1'], durationMs: MINUTE_MS });
    seen.push(await status());
    setServiceDisabled(account, 'PSERVC1', true);
    seen.push(await status());

    expect(seen).toEqual(['active', 'critical', 'warning', 'maintenance', 'disabled']);
  });
});

describe('GET /escalation_policies', () => {
  it('has rules with their targets, services, loops and teams', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const { body } = await get(pagerDuty.url, '/escalation_policies/PPOLCY1?include[]=targets');

    expect(at(body, 'escalation_policy')).toMatchObject({
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
  });

  it('can be found by the users it names directly', async () => {
    const account = referenceAccount();
    account.addEscalationPolicy(
      aPolicy({ name: 'Search', rules: [aRule([{ kind: 'user', id: 'PSAM1RE' }])] }),
    );
    await using pagerDuty = await startPagerDuty({ account });

    const { body } = await get(pagerDuty.url, '/escalation_policies?user_ids[]=PSAM1RE');

    expect(column(body, 'escalation_policies', 'name')).toEqual(['Search']);
  });
});

describe('maintenance windows and abilities', () => {
  it('lists the windows that are open now for a service', async () => {
    const account = referenceAccount();
    openMaintenanceWindow(account, { serviceIds: ['PSERVC1'], durationMs: 10 * MINUTE_MS });
    await using pagerDuty = await startPagerDuty({ account });
    const path = '/maintenance_windows?filter=ongoing&service_ids[]=';

    const during = await get(pagerDuty.url, `${path}PSERVC1`);
    const otherService = await get(pagerDuty.url, `${path}PSERVC2`);
    account.clock.advance(10 * MINUTE_MS);
    const after = await get(pagerDuty.url, `${path}PSERVC1`);

    expect(at(during.body, 'maintenance_windows')).toMatchObject([
      { start_time: '2026-03-03T03:00:00Z', end_time: '2026-03-03T03:10:00Z', services: [{ id: 'PSERVC1' }] },
    ]);
    expect(at(otherService.body, 'maintenance_windows')).toEqual([]);
    expect(at(after.body, 'maintenance_windows')).toEqual([]);
  });

  it('answers 402 for an ability the plan lacks', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount({ abilities: ['teams'] }) });

    const list = await get(pagerDuty.url, '/abilities');
    const has = await get(pagerDuty.url, '/abilities/teams');
    const lacks = await get(pagerDuty.url, '/abilities/coordinated_responding');

    expect(list.body).toEqual({ abilities: ['teams'] });
    expect([has.status, lacks.status]).toEqual([204, 402]);
  });

  it('answers 404 for a path or method it does not have', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    expect((await get(pagerDuty.url, '/tea')).status).toBe(404);
  });
});
