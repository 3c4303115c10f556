import { expect, it } from 'vitest';
import { createOwnershipDirectory } from '../../src/pagerduty/on-call-directory.ts';
import { putInTeam, setServiceField } from '../sim/pagerduty/administration.ts';
import { aServiceField } from '../sim/pagerduty/builders.ts';
import { anAsk, aPagerDuty, failureOf } from './subjects.ts';

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
