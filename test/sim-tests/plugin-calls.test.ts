import { describe, expect, it } from 'vitest';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { startTeleport } from '../sim/teleport/start-teleport.ts';
import { at, call, column, get, textAt } from './pagerduty/api-client.ts';
import { rawClient, refusal } from './teleport/raw-client.ts';

interface Watched {
  readonly WatchStatus?: { readonly Spec: { readonly Kinds: readonly { readonly Kind: string }[] } };
  readonly AccessRequest?: { readonly Spec: { readonly State: number; readonly Reviews: readonly object[] } };
}

const [PENDING, APPROVED] = [1, 2];
/** By a name within the bounds of the plugin: it takes the first match of equal name, whatever its case. */
const named = (body: unknown, name: string): number =>
  column(body, 'services', 'name').findIndex((each) => String(each).toLowerCase() === name.toLowerCase());

describe('the calls of Teleport’s own plugin, in its order', () => {
  it.each([
    ['18.11.0', ['access_request', 'access_monitoring_rule']],
    ['15.0.0', ['access_request']],
  ])('at its start, with what Teleport %s can watch', async (serverVersion, kinds) => {
    await using teleport = await startTeleport({ serverVersion });
    await using pagerDuty = await startPagerDuty();
    using plugin = rawClient(teleport, BOT_USER);
    const Kinds = [{ Kind: 'access_request' }, { Kind: 'access_monitoring_rule' }];

    const ping = await plugin.call('Ping', {});
    const abilities = await get(pagerDuty.url, '/abilities');
    const watch = plugin.stream<Watched>('WatchEvents', { Kinds, AllowPartialSuccess: true });
    const init = await watch[Symbol.asyncIterator]().next();

    expect(ping).toMatchObject({ ServerFeatures: { AdvancedAccessWorkflows: true } });
    expect([abilities.status, at(abilities.body, 'abilities')]).toEqual([200, expect.any(Array)]);
    const { WatchStatus } = init.value as Watched;
    expect(WatchStatus?.Spec.Kinds.map(({ Kind }) => Kind)).toEqual(kinds);
  });

  it('from a pending request to the end of the incident that it opens', async () => {
    await using teleport = await startTeleport();
    await using pagerDuty = await startPagerDuty();
    using plugin = rawClient(teleport, BOT_USER);
    const events = plugin
      .stream<Watched>('WatchEvents', { Kinds: [{ Kind: 'access_request' }] })
      [Symbol.asyncIterator]() as AsyncIterator<Watched>;
    await events.next();
    const { id, user } = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });
    expect((await events.next()).value).toMatchObject({ AccessRequest: { Spec: { State: PENDING } } });

    // Its notice: the service by name, its own record as the token that only one of several instances gets, and the incident.
    const found = await get(pagerDuty.url, '/services?query=access%20requests');
    const service = textAt(found.body, `services.${named(found.body, 'access requests')}.id`);
    const record = (Set: object, Expect: object) =>
      plugin.call('UpdatePluginData', {
        Kind: 'access_request',
        Plugin: 'pagerduty',
        Resource: id,
        Set,
        Expect,
      });
    const blank = { created: '', incident_id: '' };
    await record({ user, roles: 'prodaccess', created: '1772503200' }, blank);
    expect(await refusal(record({ created: '1772503201' }, blank))).toMatchObject({
      code: 'FAILED_PRECONDITION',
    });
    const opened = await call(pagerDuty.url, 'POST', '/incidents', {
      body: {
        incident: {
          title: `Access request from ${user}`,
          service: { id: service, type: 'service_reference' },
          incident_key: `teleport-access-request/${id}`,
          body: { type: 'incident_body', details: 'asks for prodaccess' },
        },
      },
    });
    expect([opened.status, at(opened.body, 'incident.status')]).toEqual([201, 'triggered']);
    const incident = textAt(opened.body, 'incident.id');
    await record({ incident_id: incident, service_id: service }, { created: '1772503200', incident_id: '' });

    // Its decision: the user by address, each service by name, any on-call row.
    const users = await get(pagerDuty.url, '/users?query=SRE-1@example.com&limit=100');
    expect(column(users.body, 'users', 'email')).toEqual(['sre-1@example.com']);
    const services = await get(pagerDuty.url, '/services?query=Payments%20API');
    const policy = textAt(
      services.body,
      `services.${named(services.body, 'payments api')}.escalation_policy.id`,
    );
    const onCall = (person: string) =>
      get(
        pagerDuty.url,
        `/oncalls?user_ids[]=${person}&escalation_policy_ids[]=${policy}&limit=100&offset=0`,
      );
    const rows = await onCall(textAt(users.body, 'users.0.id'));
    expect(column(rows.body, 'oncalls', 'escalation_policy.id')).toEqual([policy]);
    expect(at(rows.body, 'more')).toBe(false);
    expect(column((await onCall('POUT4SD')).body, 'oncalls', 'user.id')).toEqual([]);
    expect(column((await get(pagerDuty.url, '/services?query=nonesuch')).body, 'services', 'id')).toEqual([]);
    const review = { RequestID: id, Review: { ProposedState: APPROVED, Reason: 'on call' } };
    expect(await plugin.call('SubmitAccessReview', review)).toMatchObject({ Spec: { State: APPROVED } });
    // By the end of this text it tells that it was here before.
    expect((await refusal(plugin.call('SubmitAccessReview', review))).details).toMatch(
      /has already reviewed this request$/u,
    );

    // Its end: a note for each review, one for the resolution, and the incident is resolved.
    expect((await events.next()).value).toMatchObject({
      AccessRequest: { Spec: { State: APPROVED, Reviews: [{ Author: BOT_USER }] } },
    });
    await record({ reviews_count: '1' }, { reviews_count: '' });
    await record({ resolution: 'approved' }, { resolution: '' });
    for (const content of ['oncall-approver reviewed', 'Access request has been approved']) {
      const noted = await call(pagerDuty.url, 'POST', `/incidents/${incident}/notes`, {
        body: { note: { content } },
      });
      expect([noted.status, at(noted.body, 'note.content')]).toEqual([200, content]);
    }
    const body = { incident: { type: 'incident_reference', status: 'resolved' } };
    const resolved = await call(pagerDuty.url, 'PUT', `/incidents/${incident}`, { body });
    expect([resolved.status, at(resolved.body, 'incident.status')]).toEqual([200, 'resolved']);
    expect(
      await plugin.call('GetPluginData', { Kind: 'access_request', Resource: id, Plugin: 'pagerduty' }),
    ).toMatchObject({
      PluginData: [
        { Spec: { Entries: { pagerduty: { Data: { incident_id: incident, resolution: 'approved' } } } } },
      ],
    });
  });
});
