import { describe, expect, it } from 'vitest';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

const HOUR_MS = 3_600_000;

describe('the auth server as a TLS peer', () => {
  it('lets a client without a certificate in and refuses its calls', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport);

    expect(await refusal(client.call('ListAccessRequests', {}))).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(teleport.calls.of('ListAccessRequests')).toMatchObject([{ caller: undefined }]);
  });

  it.each([
    ['of another cluster by the same name', { foreign: true }],
    ['which has expired', { ttlMs: -HOUR_MS }],
    ['followed by its issuer’s', { withChain: true }],
  ])('cuts a client off whose certificate is one %s', async (_case, options) => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'oncall-approver', options);

    expect(await refusal(client.call('Ping', {}))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(teleport.calls.all).toEqual([]);
  });

  it('answers under the name which encodes the cluster, and under no name of another domain', async () => {
    await using teleport = await startTeleport();
    const encoded = `${Buffer.from('teleport.example.com').toString('hex')}.teleport.cluster.local`;
    using named = rawClient(teleport, 'oncall-approver', { serverName: encoded });
    using misnamed = rawClient(teleport, 'oncall-approver', { serverName: 'teleport.example.com' });

    expect(await named.call('Ping', {})).toMatchObject({ ClusterName: 'teleport.example.com' });
    expect(await refusal(misnamed.call('Ping', {}))).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it.each([
    ['18.2.0', 'taken'],
    ['17.0.0', 'taken'],
    ['16.9.9', 'refused'],
    ['dev', 'refused'],
  ])('has a client which says that its version is %s %s', async (version, outcome) => {
    await using teleport = await startTeleport({ serverVersion: '18.11.0' });
    using client = rawClient(teleport, 'oncall-approver', { version });

    const ping = client.call('Ping', {});

    if (outcome === 'taken') await expect(ping).resolves.toMatchObject({ ServerVersion: '18.11.0' });
    else expect(await refusal(ping)).toMatchObject({ details: 'client version is unsupported' });
  });
});
