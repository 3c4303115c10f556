import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

const APPROVED = 2;
const DENIED = 3;

describe('the Community edition', () => {
  it('says so, knows no reviews, and resolves by setting the state', async () => {
    await using teleport = await startTeleport({ edition: 'community' });
    using client = rawClient(teleport, BOT_USER);
    const { id } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });

    const ping = await client.call('Ping', {});
    const review = await refusal(
      client.call('SubmitAccessReview', { RequestID: id, Review: { ProposedState: APPROVED } }),
    );
    await client.call('SetAccessRequestState', { ID: id, State: APPROVED, Reason: 'on call' });

    expect(ping).toMatchObject({ ServerFeatures: { AdvancedAccessWorkflows: false } });
    expect(review).toEqual({
      code: 'PERMISSION_DENIED',
      details: `user "${BOT_USER}" cannot submit reviews`,
    });
    expect(teleport.cluster.request(id)).toMatchObject({ state: 'APPROVED', resolveReason: 'on call' });
  });

  it.each([
    ['review_requests', { reviewRequests: { roles: ['*'] } }],
    ['thresholds', { request: { thresholds: [{ name: '', filter: '', approve: 2, deny: 1 }] } }],
  ])('refuses a role with %s', async (_field, allow) => {
    await using teleport = await startTeleport({ edition: 'community' });

    expect(() => teleport.cluster.directory.putRole({ name: 'role', allow })).toThrow(
      /only available in enterprise subscriptions/,
    );
  });
});

describe('SetAccessRequestState', () => {
  it('refuses a caller without the update verb, as the service is on Enterprise', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const { id } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });

    expect(await refusal(client.call('SetAccessRequestState', { ID: id, State: APPROVED }))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });

  it.each([
    ['NONE', { State: 0 }],
    ['PROMOTED', { State: 4 }],
    ['a denial with roles', { State: DENIED, Roles: ['prodaccess'] }],
    ['a role nobody asked for', { State: APPROVED, Roles: ['sres'] }],
  ])('refuses %s', async (_case, setter) => {
    await using teleport = await startTeleport({ edition: 'community' });
    using client = rawClient(teleport, BOT_USER);
    const { id } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });

    expect(await refusal(client.call('SetAccessRequestState', { ID: id, ...setter }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(teleport.cluster.request(id).state).toBe('PENDING');
  });

  it('lets a denial overwrite an approval, and only the reason of a denial be overwritten', async () => {
    await using teleport = await startTeleport({ edition: 'community' });
    using client = rawClient(teleport, BOT_USER);
    const { id } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });

    await client.call('SetAccessRequestState', { ID: id, State: APPROVED });
    await client.call('SetAccessRequestState', { ID: id, State: DENIED });
    await client.call('SetAccessRequestState', { ID: id, State: DENIED, Reason: 'said again' });

    expect(teleport.cluster.request(id)).toMatchObject({ state: 'DENIED', resolveReason: 'said again' });
    expect(await refusal(client.call('SetAccessRequestState', { ID: id, State: APPROVED }))).toEqual({
      code: 'INVALID_ARGUMENT',
      details: 'cannot set request-state "APPROVED" (already denied)',
    });
  });

  it('gives every write a revision of its own', async () => {
    await using teleport = await startTeleport({ edition: 'community' });
    using client = rawClient(teleport, BOT_USER);
    const { id, revision } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });

    await client.call('SetAccessRequestState', { ID: id, State: APPROVED });

    expect(teleport.cluster.request(id).revision).not.toBe(revision);
  });
});

describe('a new access request', () => {
  it('is made by its requester, with id, lifetimes, annotations and thresholds from the server', async () => {
    await using teleport = await startTeleport({ annotations: { pagerduty_services: ['Payments API'] } });
    using client = rawClient(teleport, 'sre-2');

    const request = await client.call('CreateAccessRequestV2', {
      Spec: { User: 'sre-2', Roles: ['prodaccess'], State: 1, RequestReason: 'INC-1' },
    });

    expect(request).toMatchObject({
      Kind: 'access_request',
      Metadata: { Name: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string },
      Spec: {
        User: 'sre-2',
        State: 1,
        RequestReason: 'INC-1',
        SystemAnnotations: { Values: { pagerduty_services: { Values: ['Payments API'] } } },
        Thresholds: [{ Name: 'default', Approve: 1, Deny: 1 }],
        RoleThresholdMapping: { prodaccess: { Sets: [{ Indexes: [0] }] } },
      },
    });
  });

  it.each([
    ['a role its roles do not allow', 'visitor', ['prodaccess'], 'INVALID_ARGUMENT'],
    ['a role which does not exist', 'sre-2', ['nonesuch'], 'INVALID_ARGUMENT'],
    ['whatever may be had, where there is nothing', 'visitor', ['*'], 'INVALID_ARGUMENT'],
    ['no role', 'sre-2', [], 'INVALID_ARGUMENT'],
  ])('is refused for %s', async (_case, user, roles, code) => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, user);
    const Spec = { User: user, Roles: roles, State: 1 };

    expect(await refusal(client.call('CreateAccessRequestV2', { Spec }))).toMatchObject({ code });
  });

  it('is not made in the name of somebody else', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'sre-3');
    const Spec = { User: 'sre-2', Roles: ['prodaccess'], State: 1 };

    expect(await refusal(client.call('CreateAccessRequestV2', { Spec }))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });
});
