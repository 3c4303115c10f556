import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { connected, rejectionOf, type Connected } from './connected.ts';

/** Nodes of production, which the service may see by the role whose requests it reviews. */
async function withNodes(
  count: number,
  previewAsRoles: readonly string[] = ['prodaccess'],
): Promise<Connected> {
  const world = await connected();
  const { directory, nodes } = world.teleport.cluster;
  const role = directory.role('access-reviewer');
  const { reviewRequests = {} } = role.allow;
  directory.putRole({
    ...role,
    allow: { ...role.allow, reviewRequests: { ...reviewRequests, previewAsRoles } },
  });
  for (let index = 1; index <= count; index += 1) {
    const id = `node-${index}`;
    nodes.set(id, { id, hostname: `db-${index}`, labels: { env: 'prod' } });
  }
  return world;
}

describe('host names of nodes', () => {
  it('are read by id, and kept: Teleport writes each look into its audit log', async () => {
    await using world = await withNodes(3);
    const { nodes } = world.connection;

    const first = await nodes.hostNames(['node-1', 'node-3'], world.signal);
    const again = await nodes.hostNames(['node-3'], world.signal);

    expect([...first]).toEqual([
      ['node-1', 'db-1'],
      ['node-3', 'db-3'],
    ]);
    expect([...again]).toEqual([['node-3', 'db-3']]);
    expect(world.teleport.cluster.searches).toEqual([
      {
        roles: ['prodaccess'],
        predicate: 'resource.metadata.name == "node-1" || resource.metadata.name == "node-3"',
      },
    ]);
  });

  it('are missing where the service may not see the node, or there is none, or it is no id', async () => {
    await using world = await withNodes(1, []);

    const names = await world.connection.nodes.hostNames(['node-1', 'gone'], world.signal);

    expect([...names]).toEqual([]);
    expect(world.teleport.cluster.searches).toEqual([]);
    const odd = await world.connection.nodes.hostNames(['x" || "a" == "a'], world.signal);
    expect([...odd]).toEqual([]);
    expect(world.teleport.calls.of('ListResources')).toHaveLength(1);
  });

  it('are asked for in calls of 256', async () => {
    await using world = await withNodes(300);
    const ids = [...world.teleport.cluster.nodes.keys()];

    expect((await world.connection.nodes.hostNames(ids, world.signal)).size).toBe(300);
    expect(world.teleport.calls.of('ListResources')).toHaveLength(2);
  });

  it('fail with the typed error, and are asked again the next time', async () => {
    await using world = await withNodes(1);
    world.teleport.faults.add({ method: 'ListResources', kind: 'error', code: status.UNAVAILABLE, times: 1 });
    const { nodes } = world.connection;

    expect(await rejectionOf(nodes.hostNames(['node-1'], world.signal))).toMatchObject({
      kind: 'unavailable',
    });
    expect((await nodes.hostNames(['node-1'], world.signal)).get('node-1')).toBe('db-1');
  });
});

it('everything of a kind comes page by page, in shorter ones where a page is too long for one message', async () => {
  await using world = await withNodes(1_200);
  const sizes: number[] = [];
  const listed = async () => {
    sizes.length = 0;
    const wanted = { kind: 'node', names: ['env', 'none'] };
    for await (const page of world.connection.nodes.pages(wanted, world.signal)) {
      sizes.push(page.length);
      expect(page[0]).toMatchObject({
        hostName: expect.stringMatching(/^db-/u) as string,
        labels: { env: 'prod' },
      });
    }
    return sizes;
  };

  expect(await listed()).toEqual([1_000, 200]);
  const code = status.RESOURCE_EXHAUSTED;
  world.teleport.faults.add({ method: 'ListResources', kind: 'error', code, times: 1 });
  expect(await listed()).toEqual([500, 500, 200]);
  world.teleport.faults.add({ method: 'ListResources', kind: 'error', code });
  expect(await rejectionOf(listed())).toMatchObject({ kind: 'limited' });
  for await (const page of world.connection.nodes.pages({ kind: 'user_group', names: [] }, world.signal))
    throw new Error(`has no labels: ${JSON.stringify(page)}`);
});
