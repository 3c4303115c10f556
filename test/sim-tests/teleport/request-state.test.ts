import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient } from './raw-client.ts';

const APPROVED = 2;
const DENIED = 3;

describe('the Community edition', () => {
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
  it('lets a denial overwrite an approval, and of a denial its reason be overwritten, but not the state', async () => {
    await using teleport = await startTeleport({ edition: 'community' });
    using client = rawClient(teleport, BOT_USER);
    const { id } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });

    await client.call('SetAccessRequestState', { ID: id, State: APPROVED });
    await client.call('SetAccessRequestState', { ID: id, State: DENIED });
    const Annotations = { Values: { by: { Values: ['sre-1'] } } };
    await client.call('SetAccessRequestState', { ID: id, State: DENIED, Reason: 'said again', Annotations });

    expect(teleport.cluster.request(id)).toMatchObject({
      state: 'DENIED',
      resolveReason: 'said again',
      resolveAnnotations: { by: ['sre-1'] },
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
      Metadata: { Name: randomUUID() },
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
});
