import { expect, it } from 'vitest';
import { createOnCallDirectory, createOwnershipDirectory } from '../../src/pagerduty/on-call-directory.ts';
import { putInTeam, setServiceField } from '../sim/pagerduty/administration.ts';
import { aServiceField } from '../sim/pagerduty/builders.ts';
import { user } from './messages.ts';
import { anAsk, answering, aPagerDuty, failureOf } from './subjects.ts';

it('finds a team by id or exact name, what belongs to it, and the texts of custom fields by one read', async () => {
  await using pagerDuty = await aPagerDuty();
  const { account } = pagerDuty;
  for (const [id, name] of [
    ['PTEAM01', 'Payments'],
    ['PTEAM02', 'Payments EU'],
    ['PTEAM03', 'Twice'],
    ['PTEAM04', 'twice'],
  ] as const)
    account.teams.put({ id, name });
  putInTeam(account, 'PPOLCY1', 'PTEAM01');
  account.serviceFields.put(aServiceField('PFIELD1', 'teleport_selector'));
  account.serviceFields.put({ ...aServiceField('PFIELD2', 'tags'), fieldType: 'multi_value' });
  account.serviceFields.put({ ...aServiceField('PFIELD3', 'critical'), dataType: 'boolean' });
  setServiceField(account, 'PSERVC1', 'tags', ['team=payments', 'env=prod']);
  account.services.put({ ...account.services.require('PSERVC2'), customFields: { critical: true } });
  const directory = createOwnershipDirectory(pagerDuty.client);

  for (const asked of ['payments', 'PTEAM01'])
    expect(await directory.team(asked, anAsk())).toEqual({ id: 'PTEAM01', summary: 'Payments' });
  expect((await failureOf(directory.team('Pay', anAsk()))).kind).toBe('not-found');
  expect((await failureOf(directory.team('Twice', anAsk()))).message).toContain('more than one team');
  expect(await directory.policiesOf('PTEAM01', anAsk())).toEqual([{ id: 'PPOLCY1', summary: 'Payments' }]);
  expect((await directory.servicesOf('PTEAM01', anAsk())).map(({ id }) => id)).toEqual([
    'PSERVC1',
    'PSERVC2',
  ]);
  expect(await directory.servicesOf('PTEAM02', anAsk())).toEqual([]);
  const ask = anAsk();
  const fields = { teleport_selector: null, tags: 'team=payments,env=prod', critical: null };
  expect(Object.fromEntries(await directory.fieldsOf('PSERVC1', ask))).toEqual(fields);
  expect(ask.reads()).toBe(1);
  expect((await directory.fieldsOf('PSERVC2', anAsk())).get('critical')).toBeNull();
  expect((await failureOf(directory.fieldsOf('PNOSERV', anAsk()))).kind).toBe('not-found');
});

it('nothing that was deleted belongs to a team, is a service, or is a user', async () => {
  const rows = [null, '2026-01-01T00:00:00Z'].map((deleted_at, index) => ({
    ...{ id: `PSOME0${index}`, name: 'some', email: 'a@b.c', status: 'active', deleted_at },
    escalation_policy: user('PPOLCY1', 'escalation_policy_reference'),
  }));
  await using server = await answering({
    ...{ services: rows, escalation_policies: rows, users: rows, user: rows[1], more: false },
  });
  const directory = { ...createOnCallDirectory(server.client), ...createOwnershipDirectory(server.client) };

  for (const listed of [
    await directory.policiesOf('PTEAM01', anAsk()),
    await directory.servicesOf('PTEAM01', anAsk()),
    await directory.everyService(anAsk()),
    await directory.users(1, anAsk()),
    await directory.usersByEmail('a@b.c', anAsk()),
  ])
    expect(listed?.map(({ id }) => id)).toEqual(['PSOME00']);
  expect(await directory.user('PSOME01', anAsk())).toBeNull();
  const found = await directory.services(['PSOME00', 'PSOME01', 'Some', 'none'], 1, anAsk());
  expect([...(found ?? [])].map(([asked, { id }]) => `${asked} ${id}`)).toEqual([
    'PSOME00 PSOME00',
    'Some PSOME00',
  ]);
});
