import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { answerCode } from '../../../src/core/answers/answer.ts';
import { addNote } from '../../sim/pagerduty/incident-notes.ts';
import { repointService, setServiceDisabled } from '../../sim/pagerduty/administration.ts';
import type { ResourceId } from '../../sim/teleport/model.ts';
import { id, owned, pod } from '../../support/owned.ts';
import { answerTo, MINUTE_MS } from '../../support/situation.ts';

describe('one rule for what every service owns', () => {
  it.each<[string, readonly ResourceId[]]>([
    ['a database, by its label', [id('db', 'pay')]],
    ['several things of one owner', [id('db', 'pay'), id('app', 'till'), id('node', 'uuid-1')]],
    ['what several own, any of which will do', [id('db', 'both')]],
    ['a namespace, by the map', [id('namespace', 'prod-eu', { subResource: 'payments' })]],
    ['what is in it', [pod('payments/db-0')]],
    ['a whole cluster, by its label', [id('kube_cluster', 'prod-eu')]],
  ])('lets in whoever is on call for the owner of %s', async (_what, resourceIds) => {
    await using stage = await owned();

    const answer = await answerTo(stage, 'sre-1', { resourceIds });

    expect(answer).toMatchObject({ verdict: 'approve', state: 'APPROVED' });
    expect(answer.why).toContain('on call for service');
    expect(stage.teleport.calls.of('ListResources').length).toBeLessThanOrEqual(resourceIds.length + 1);
  });

  it.each<[string, readonly ResourceId[], string]>([
    ['somebody else owns', [id('db', 'users')], 'not on call for service Databases'],
    ['somebody else owns, beside their own', [id('db', 'pay'), id('db', 'users')], 'service Databases'],
    ['is in a namespace of somebody else', [pod('search/db-0')], 'not on call for service Databases'],
    ['is all that is in a cluster', [pod('*/*')], 'which entries of the map of owners'],
    ['the map gives to two', [pod('search/two-1')], 'the map of owners names Databases and Payments API'],
    ['is in a namespace the map lacks', [pod('other/x')], 'no label `pagerduty_service` or entry in the map'],
    ['has no owner', [id('db', 'none')], 'no label `pagerduty_service` or entry in the map'],
    ['has no owner, beside their own', [id('db', 'pay'), id('db', 'none')], 'no owner is known of db none'],
    ['has a label of 64 KB', [id('db', 'long')], 'no list of up to 10 services'],
    ['has two servers that differ', [id('db', 'split')], 'its servers do not agree'],
    ['says by a command of its host whose it is', [id('db', 'moving')], 'no label `pagerduty_service`'],
    ['names what does not exist', [id('db', 'odd')], 'PagerDuty has no service `No such service`'],
    ['the service may not see', [id('db', 'hidden')], 'the service may not see it'],
    ['is in a leaf cluster', [id('db', 'pay', { cluster: 'leaf' })], 'root cluster alone'],
    ['is all that the role gives', [], '`owner.of_role` names no service'],
  ])('sends to a person whoever asks for what %s', async (_what, resourceIds, why) => {
    await using stage = await owned({ rule: { otherwise: 'deny' } });

    const answer = await answerTo(stage, 'sre-1', { resourceIds });

    expect(answer.why).toContain(why);
    expect(answer.verdict).toBe(why.includes('service Databases') ? 'deny' : 'escalate');
  });

  it('asks a person where labels cannot be read, and where the owner is disabled by now', async () => {
    await using silent = await owned({ fail: status.UNAVAILABLE });
    const unread = await answerTo(silent, 'sre-1', { resourceIds: [id('db', 'pay')] });
    expect(unread).toMatchObject({ verdict: 'escalate', state: 'PENDING' });
    expect(unread.why).toContain('its labels are not known');

    await using disabled = await owned({
      arrange: (account) => setServiceDisabled(account, 'PSERVC1', true),
    });
    const off = await answerTo(disabled, 'sre-1', { resourceIds: [id('db', 'pay')] });
    expect(off).toMatchObject({ verdict: 'escalate', state: 'PENDING' });
  });

  it('counts a policy that is new to a service that a label names only once it was seen for long enough', async () => {
    await using stage = await owned({ owner: { settled: '10m' } });
    const ask = () => answerTo(stage, 'sre-1', { resourceIds: [id('db', 'pay')] });
    const { account } = stage.pagerDuty;
    const first = await ask();
    expect(first).toMatchObject({ verdict: 'escalate', state: 'PENDING' });
    expect(first.why).toContain('10 min (`owner.settled`)');
    await stage.reports.when('effectDone', ({ key }) => key === 'page');
    const desk = stage.incidents().map(({ serviceId }) => account.services.require(serviceId).name);
    expect(desk).toEqual(['Access requests']);

    await stage.time.advance(10 * MINUTE_MS);
    expect(await ask()).toMatchObject({ verdict: 'approve', state: 'APPROVED' });

    // Sam has an old rota, and the right to edit services, like everybody in PagerDuty.
    const payments = account.escalationPolicies.require('PPOLCY1');
    account.escalationPolicies.put({ ...payments, id: 'PEVIL01', name: 'Old rota' });
    repointService(account, 'PSERVC1', 'PEVIL01');
    await stage.time.advance(2 * MINUTE_MS);
    expect((await ask()).why).toContain('`Old rota`');
    await stage.time.advance(2 * MINUTE_MS);
    repointService(account, 'PSERVC1', 'PPOLCY1');
    expect(await ask()).toMatchObject({ verdict: 'escalate', state: 'PENDING' });
  });

  it('counts at once what a service is seen with first that the configuration names, and nothing that comes later', async () => {
    await using stage = await owned({ owner: { settled: '24h', of_role: { prodaccess: ['Payments API'] } } });
    const { account } = stage.pagerDuty;
    expect(await answerTo(stage, 'sre-1')).toMatchObject({ verdict: 'approve' });

    const payments = account.escalationPolicies.require('PPOLCY1');
    account.escalationPolicies.put({ ...payments, id: 'PEVIL01', name: 'Old rota' });
    repointService(account, 'PSERVC1', 'PEVIL01');
    await stage.time.advance(20 * MINUTE_MS);

    expect(await answerTo(stage, 'sre-1')).toMatchObject({ verdict: 'escalate', state: 'PENDING' });
  });

  it('goes by no label of yesterday where the clock was set back', async () => {
    await using stage = await owned();
    const ask = () => answerTo(stage, 'sre-1', { resourceIds: [id('db', 'pay')] });
    await ask();
    const { labelled } = stage.teleport.cluster;
    const labels = { env: 'prod', pagerduty_service: 'Databases' };
    labelled.splice(0, labelled.length, { kind: 'db', name: 'pay', labels });
    stage.time.jump(-3_600_000);
    await stage.time.advance(3 * MINUTE_MS);

    expect(await ask()).toMatchObject({ verdict: 'escalate', state: 'PENDING' });
  });

  it('goes by the owner of a role that is asked for without resources', async () => {
    await using stage = await owned({ owner: { of_role: { prodaccess: ['Payments API'] } } });

    expect(await answerTo(stage, 'sre-1')).toMatchObject({ verdict: 'approve' });
  });

  it('pages each owner for its own things, and is answered by those on call for them', async () => {
    await using stage = await owned();
    const { id: request } = await answerTo(stage, 'sre-2', {
      resourceIds: [id('db', 'pay'), id('db', 'users')],
    });
    const pages = () =>
      stage.incidents().toSorted((one, other) => (one.serviceId < other.serviceId ? -1 : 1));
    await stage.reports.when('effectDone', ({ key }) => key.startsWith('page of'));

    expect(pages().map(({ serviceId }) => serviceId)).toEqual(['PSERVC1', 'PSERVD1']);
    const [payments, databases] = pages();
    const say = async (page: string, by: string) => {
      addNote(stage.pagerDuty.account, page, `approve ${answerCode(request)}`, { type: 'user', id: by });
      await stage.followUp(request);
    };
    await say(payments?.id ?? '', 'PSAM1RE');
    await say(payments?.id ?? '', 'PSAM1RE');
    expect(stage.state(request)).toBe('PENDING');
    await say(databases?.id ?? '', 'PROB3RE');
    await stage.reports.when(
      'effectDone',
      ({ key }) => key === 'vote PROB3RE' || key.startsWith('close-page'),
    );

    expect(stage.state(request)).toBe('APPROVED');
  });

  it('goes by labels where a rule is for some of them', async () => {
    const rule = {
      on_call: { services: ['Payments API'] },
      when: { resources: { labels: { pagerduty_service: ['Pay*'] } } },
      escalate: { service: 'Access requests', decide_within: '1s' },
    };
    await using stage = await owned({ rule });

    expect(await answerTo(stage, 'sre-1', { resourceIds: [id('db', 'pay')] })).toMatchObject({
      verdict: 'approve',
    });
    for (const name of ['split', 'hidden']) {
      const answer = await answerTo(stage, 'sre-1', { resourceIds: [id('db', name)] });
      expect(answer).toMatchObject({ verdict: 'escalate' });
    }
    const others = await answerTo(stage, 'sre-1', { resourceIds: [id('db', 'users')] });
    expect(others).toMatchObject({ verdict: 'abstain', state: 'PENDING' });
  });
});
