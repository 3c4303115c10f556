import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

interface PluginDataSeq {
  readonly PluginData: readonly { readonly Spec: { readonly Entries: object } }[];
}

const PLUGIN = { Kind: 'access_request', Plugin: 'oncall-approver' };

describe('plugin data', () => {
  it('merges keys, deletes those set to the empty string, and shows the entries of all plugins', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const { id: Resource } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });
    const update = (Plugin: string, Set: object) =>
      client.call('UpdatePluginData', { ...PLUGIN, Plugin, Resource, Set });

    await update('oncall-approver', { a: '1', b: '2' });
    await update('oncall-approver', { a: '' });
    await update('slack', { c: '3' });

    const { PluginData } = await client.call<PluginDataSeq>('GetPluginData', { ...PLUGIN, Resource });
    expect(PluginData[0]?.Spec.Entries).toEqual({
      'oncall-approver': { Data: { b: '2' } },
      slack: { Data: { c: '3' } },
    });
  });

  it('can be read after its request is gone', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const { id: Resource } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });
    await client.call('UpdatePluginData', { ...PLUGIN, Resource, Set: { a: '1' } });
    teleport.cluster.deleteRequest(Resource);

    const { PluginData } = await client.call<PluginDataSeq>('GetPluginData', { ...PLUGIN, Resource });

    expect(PluginData).toHaveLength(1);
  });
});

describe('locks', () => {
  it('are made on an access request in the name of the caller, listed, and deleted', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const target = { AccessRequest: 'some-request' };

    await client.call('UpsertLock', {
      Metadata: { Name: 'lock-1' },
      Spec: { Target: target, Message: 'shift is over', CreatedBy: 'somebody else' },
    });

    const { locks } = await client.call<{ locks: unknown[] }>('ListLocks', { filter: { targets: [target] } });
    expect(locks).toMatchObject([
      { Metadata: { Name: 'lock-1' }, Spec: { Target: target, CreatedBy: BOT_USER } },
    ]);
    await client.call('DeleteLock', { Name: 'lock-1' });
    expect(await refusal(client.call('GetLock', { Name: 'lock-1' }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are gone at their Metadata.Expires; without it they stay, long after they are in force', async () => {
    let now = new Date('2026-03-03T02:14:07Z');
    await using teleport = await startTeleport({ now: () => now });
    using client = rawClient(teleport, BOT_USER);
    const end = { seconds: String(now.getTime() / 1_000 + 60), nanos: 0 };
    const Spec = { Target: { AccessRequest: 'r', User: 'sre-1' }, Expires: end };
    await client.call('UpsertLock', { Metadata: { Name: 'kept' }, Spec });
    await client.call('UpsertLock', { Metadata: { Name: 'removed', Expires: end }, Spec });
    const names = async (filter: object) => {
      const { locks } = await client.call<{ locks: { Metadata: { Name: string } }[] }>('ListLocks', {
        filter,
      });
      return locks.map(({ Metadata }) => Metadata.Name);
    };

    // Either of its fields hits.
    expect(await names({ targets: [{ User: 'sre-1' }] })).toEqual(['kept', 'removed']);
    expect(await names({ targets: [{ User: 'sre-2' }] })).toEqual([]);
    now = new Date(now.getTime() + 60_000);

    expect(await names({})).toEqual(['kept']);
    expect(await names({ in_force_only: true })).toEqual([]);
  });
});
