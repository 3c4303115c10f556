import { expect, it } from 'vitest';
import { answerCode } from '../../../src/core/answers/answer.ts';
import { addNote } from '../../sim/pagerduty/incident-notes.ts';
import { putInTeam, setServiceField } from '../../sim/pagerduty/administration.ts';
import type { Account } from '../../sim/pagerduty/account.ts';
import { aServiceField } from '../../sim/pagerduty/builders.ts';
import { id, owned } from '../../support/owned.ts';
import { answerTo, MINUTE_MS, ROBIN, SAM } from '../../support/situation.ts';

it('goes by the field of a service once it was seen for long enough, and not at once by its absence', async () => {
  const by = {
    field: 'teleport_selector',
    field_of: { services: ['Payments API', 'Databases'] },
    settled: '2m',
  };
  await using stage = await owned({
    owner: { label: 'owner', map: [{ kinds: ['db'], services: ['Databases'] }], ...by },
    arrange: ({ serviceFields }) => serviceFields.put(aServiceField('PFIELD1', 'teleport_selector')),
  });
  const { account } = stage.pagerDuty;
  const ask = () => answerTo(stage, 'sre-1', { resourceIds: [id('db', 'none')] });
  const say = (text: string | null, service = 'PSERVC1') =>
    setServiceField(account, service, 'teleport_selector', text);
  const pass = async () => {
    await stage.time.advance(MINUTE_MS);
    await stage.service.lookAtOwners();
  };
  expect((await ask()).why).toContain('was not looked at yet');
  say('env=prod');
  await stage.service.lookAtOwners();
  await pass();
  await pass();
  // The owner's policy is watched from then on; the roster does so ahead of need.
  expect((await ask()).why).toContain('(`owner.settled`)');
  for (let times = 0; times < 2; times += 1) {
    await pass();
    expect((await ask()).verdict).toBe(times === 0 ? 'escalate' : 'approve');
  }

  // Robin is on call for Databases, to which the map gives it, and may edit the fields of all services.
  say(null);
  await pass();
  const robin = await answerTo(stage, 'sre-3', { resourceIds: [id('db', 'none')] });
  expect(robin).toMatchObject({ verdict: 'escalate', state: 'PENDING' });
  expect(robin.why).toContain('was for it until less than 2 min ago');
  await pass();
  expect((await ask()).why).toContain('not on call for service Databases');
});

it('counts no time in which nobody looked for what a field was before', async () => {
  const by = { field: 'teleport_selector', field_of: { services: ['Payments API'] }, settled: '2m' };
  await using stage = await owned({
    owner: { label: 'owner', map: [{ kinds: ['db'], services: ['Databases'] }], ...by },
    arrange: (account) => {
      account.serviceFields.put(aServiceField('PFIELD1', 'teleport_selector'));
      setServiceField(account, 'PSERVC1', 'teleport_selector', 'env=prod');
    },
  });
  for (let looks = 0; looks < 4; looks += 1) {
    await stage.service.lookAtOwners();
    await stage.time.advance(MINUTE_MS);
  }
  await stage.stopService();
  setServiceField(stage.pagerDuty.account, 'PSERVC1', 'teleport_selector', null);
  stage.time.jump(2 * 3_600_000);
  await stage.startService();
  await stage.service.lookAtOwners();

  // Robin is on call for Databases, to which the map gives it.
  const robin = await answerTo(stage, 'sre-3', { resourceIds: [id('db', 'none')] });
  expect(robin).toMatchObject({ verdict: 'escalate', state: 'PENDING' });
  expect(robin.why).toContain('was for it until less than 2 min ago');
});

it('lets in whoever is on call by a policy that was in a team for long enough', async () => {
  const arrange = (account: Account) => {
    account.teams.put({ id: 'PTEAM01', name: 'Payments' });
    putInTeam(account, 'PPOLCY1', 'PTEAM01');
  };
  const plain = {
    on_call: { teams: ['Payments'] },
    escalate: { service: 'Access requests', decide_within: '1s' },
  };
  await using named = await owned({ rule: plain, arrange });
  expect((await answerTo(named, 'sre-1')).why).toContain('was not looked up');
  await named.service.lookAtOwners();
  expect(await answerTo(named, 'sre-1')).toMatchObject({ verdict: 'approve', state: 'APPROVED' });
  expect(await answerTo(named, 'sre-3')).toMatchObject({ verdict: 'escalate' });
  // Everybody may put a policy into a team, and give its name to another one.
  const { account } = named.pagerDuty;
  putInTeam(account, 'PPOLDB1', 'PTEAM01');
  await named.service.lookAtOwners();
  expect(await answerTo(named, 'sre-3')).toMatchObject({ verdict: 'escalate' });
  account.teams.put({ id: 'PTEAM01', name: 'Was Payments' });
  account.teams.put({ id: 'PTEAM02', name: 'Payments' });
  putInTeam(account, 'PPOLDB1', 'PTEAM02');
  await named.service.lookAtOwners();
  expect((await answerTo(named, 'sre-3')).why).toContain('was PTEAM01 when it was first looked up');

  await using labelled = await owned({
    owner: { label: 'owner', team_label: 'team', settled: '10m' },
    arrange,
  });
  labelled.teleport.cluster.labelled.push({
    kind: 'db',
    name: 'teams',
    labels: { env: 'prod', team: 'Payments' },
  });
  const ask = () => answerTo(labelled, 'sre-1', { resourceIds: [id('db', 'teams')] });
  await labelled.service.lookAtOwners();
  expect((await ask()).why).toContain('no escalation policy that was seen in it for 10 min');
  await labelled.time.advance(10 * MINUTE_MS);
  await labelled.service.lookAtOwners();
  expect(await ask()).toMatchObject({ verdict: 'approve', state: 'APPROVED' });
  const other = await answerTo(labelled, 'sre-3', { resourceIds: [id('db', 'teams')] });
  await labelled.reports.when('effectDone', ({ key }) => key === 'page');
  expect(labelled.incidents().map(({ serviceId }) => serviceId)).toContain('PSERVC1');
  expect(other.verdict).toBe('escalate');
});

it('opens the page where the field of the owner says, and lets nobody answer by that', async () => {
  const field = 'access_requests_service';
  await using stage = await owned({
    owner: { label: 'pagerduty_service' },
    rule: { escalate: { owner: true, owner_field: field, decide_within: '1s' } },
    arrange: (account) => {
      account.serviceFields.put(aServiceField('PFIELD1', field));
      setServiceField(account, 'PSERVC1', field, 'Databases');
    },
  });
  await stage.service.lookAtOwners();
  const { id: request } = await answerTo(stage, 'sre-2', { resourceIds: [id('db', 'pay')] });
  await stage.done('page', request);

  const [page, ...others] = stage.incidents();
  expect([page?.serviceId, others]).toEqual(['PSERVD1', []]);
  const approve = async (by: string) => {
    const note = `approve ${answerCode(request)}`;
    addNote(stage.pagerDuty.account, page?.id ?? '', note, { type: 'user', id: by });
    await stage.followUp(request);
  };
  await approve(ROBIN);
  expect(stage.state(request)).toBe('PENDING');
  await approve(SAM);
  expect(stage.state(request)).toBe('APPROVED');
});
