import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../src/core/values/instant.ts';
import { ResourceLabels } from '../../src/teleport/resource-labels.ts';
import type { Labelled } from '../sim/teleport/model.ts';
import { allOf, answering, signal, unconnected } from './answering.ts';

const ALL = { '*': ['*'] };

/** Resources, all of which the service may see. */
function withResources(...resources: readonly Labelled[]) {
  const world = unconnected();
  const { directory, labelled } = world.cluster;
  const role = directory.role('access-reviewer');
  const labels = { appLabels: ALL, dbLabels: ALL, kubernetesLabels: ALL, windowsDesktopLabels: ALL };
  directory.putRole({ ...role, allow: { ...role.allow, ...labels, githubOrganizations: ['*'] } });
  labelled.push(...resources);
  let nowMs = 0;
  const read = new ResourceLabels(world.client, () => nowMs);
  return { ...world, read, pass: (ms: number) => void (nowMs += ms) };
}

function aDatabase(owner: string, more = {}): Labelled {
  return { kind: 'db', name: 'orders', labels: { owner, ...more } };
}

const ORDERS = { kind: 'db', resources: ['orders'], names: ['owner'] };

describe('labels', () => {
  it.each(['app', 'db', 'kube_cluster', 'windows_desktop', 'git_server'] as const)(
    'of kind %s are those of the thing itself that were asked for, one by one or all of them',
    async (kind) => {
      const { read } = withResources(
        { kind, name: 'one', labels: { owner: 'payments', env: 'prod' } },
        { kind, name: 'two', labels: { owner: 'search' } },
      );

      const wanted = { kind, names: ['owner', 'none', 'constructor'] };

      expect([...(await read.read({ ...wanted, resources: ['one', 'gone'] }, signal))]).toEqual([
        ['one', [{ owner: 'payments' }]],
      ]);
      expect(await allOf(read.pages(wanted, signal))).toEqual([
        [
          { name: 'one', hostName: null, labels: { owner: 'payments' } },
          { name: 'two', hostName: null, labels: { owner: 'search' } },
        ],
      ]);
    },
  );

  it('of a thing that several serve are all that there are, each once', async () => {
    const { read } = withResources(aDatabase('payments'), aDatabase('search'), aDatabase('payments'));

    expect((await read.read(ORDERS, signal)).get('orders')).toEqual([
      { owner: 'payments' },
      { owner: 'search' },
    ]);
  });

  it('are kept for two minutes, for the labels that were asked for', async () => {
    const { cluster, calls, read, pass } = withResources(aDatabase('payments', { env: 'prod' }));
    const owner = async () => (await read.read(ORDERS, signal)).get('orders');
    await owner();
    cluster.labelled[0] = aDatabase('search', { env: 'test' });

    pass(2 * MINUTE - 1);
    expect(await owner()).toEqual([{ owner: 'payments' }]);
    expect(calls.of('ListResources')).toHaveLength(1);
    expect((await read.read({ ...ORDERS, names: ['env'] }, signal)).get('orders')).toEqual([{ env: 'test' }]);
    pass(1);
    expect(await owner()).toEqual([{ owner: 'search' }]);
    expect(calls.of('ListResources')).toHaveLength(3);
  });

  it('are not asked for where a name would have to be escaped, or the kind has none', async () => {
    const { calls, read } = withResources(aDatabase('payments'));

    const odd = { ...ORDERS, resources: ['x" || "a" == "a', '', 'a'.repeat(254)] };
    expect([...(await read.read(odd, signal))]).toEqual([]);
    expect([...(await read.read({ ...ORDERS, kind: 'user_group' }, signal))]).toEqual([]);
    expect(calls.of('ListResources')).toEqual([]);
  });

  it('are asked for in calls of 256, and end after 1,100 characters', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `db-${index}`);
    const { calls, read } = withResources(
      ...names.map((name): Labelled => ({ kind: 'db', name, labels: { owner: 'x'.repeat(2_000) } })),
    );

    const found = await read.read({ ...ORDERS, resources: names }, signal);

    expect(found.size).toBe(300);
    expect(found.get('db-299')?.[0]?.['owner']).toHaveLength(1_100);
    expect(calls.of('ListResources')).toHaveLength(2);
  });

  it('of what was not asked for, or of a server that carries nothing, are none', async () => {
    const carrying = (Name: string) => ({
      DatabaseServer: { Spec: { Database: { Metadata: { Name, Labels: { owner: 'x' } } } } },
    });
    const read = new ResourceLabels(
      answering({
        ListResources: () => ({
          Resources: [
            carrying('another'),
            { DatabaseServer: {} },
            { DatabaseServer: { Spec: {} } },
            { DatabaseServer: { Spec: { Database: {} } } },
            {},
          ],
        }),
      }),
      () => 0,
    );

    expect([...(await read.read(ORDERS, signal))]).toEqual([]);
    expect(await allOf(read.pages(ORDERS, signal))).toEqual([
      [{ name: 'another', hostName: null, labels: { owner: 'x' } }],
    ]);
  });
});
