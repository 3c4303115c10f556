import { deepStrictEqual, equal } from 'node:assert/strict';

import { anAccessRequest } from './messages.ts';
import type { Scene } from './scene.ts';
import { asKnown, AUTH, REQUEST_ID } from './scene.ts';

const COMMANDS = { told: { Command: ['hostname'], Result: 'by the host' } };
const SAID = { DynamicLabels: COMMANDS };

/** Listing, by pages where the version has them. */
export async function checkListing(scene: Scene): Promise<void> {
  await checkPending(scene);
  await checkLargePage(scene);
  await checkLabels(scene);
}

/** By the kinds of requests, where Teleport's messages have a resource's own metadata; what commands of the host say stands elsewhere. */
const CARRIERS: readonly (readonly [string, string, (metadata: object) => object])[] = [
  ['app', 'app_server', (Metadata) => ({ AppServer: { Spec: { App: { Metadata, Spec: SAID } } } })],
  ['db', 'db_server', (Metadata) => ({ DatabaseServer: { Spec: { Database: { Metadata, Spec: SAID } } } })],
  [
    'kube_cluster',
    'kube_server',
    (Metadata) => ({ KubernetesServer: { Spec: { Cluster: { Metadata, Spec: SAID } } } }),
  ],
  ['windows_desktop', 'windows_desktop', (Metadata) => ({ WindowsDesktop: { Header: { Metadata } } })],
  ['node', 'node', (Metadata) => ({ Node: { Metadata, Spec: { Hostname: 'db-1', CmdLabels: COMMANDS } } })],
  ['git_server', 'git_server', (Metadata) => ({ git_server: { Metadata } })],
];

async function checkLabels({ peer, connection, results, signal }: Scene): Promise<void> {
  for (const [kind, type, carried] of CARRIERS) {
    const metadata = { Name: 'thing', Labels: { owner: 'Payments API' } };
    const [field = ''] = Object.keys(carried(metadata));
    if (!peer.knows('proto.PaginatedResource', field)) continue;
    await results.check(`labels of kind ${kind} are its own, by name and of all that there is`, async () => {
      const page = { messages: [{ Resources: [carried(metadata)] }] };
      await peer.script(`${AUTH}/ListResources`, page, page);
      await peer.calls();
      const wanted = { kind, names: ['owner', 'told'] };
      const labels = { owner: 'Payments API' };
      deepStrictEqual(
        [...(await connection.nodes.labels({ ...wanted, resources: ['thing'] }, signal))],
        [['thing', [labels]]],
      );
      for await (const found of connection.nodes.pages(wanted, signal))
        deepStrictEqual(found, [{ name: 'thing', hostName: kind === 'node' ? 'db-1' : null, labels }]);
      const asked = { ResourceType: type, UseSearchAsRoles: true, UsePreviewAsRoles: true };
      deepStrictEqual(
        (await peer.calls()).map(({ request }) => request),
        [
          { ...asked, Limit: 256, PredicateExpression: 'resource.metadata.name == "thing"' },
          { ...asked, Limit: 1_000 },
        ],
      );
    });
  }
}

async function checkPending(scene: Scene): Promise<void> {
  const { peer, connection, results, signal } = scene;
  const paged = peer.hasMethod('proto.AuthService', 'ListAccessRequests');
  await results.check(`pending requests are listed, ${paged ? 'page by page' : 'as a stream'}`, async () => {
    const first = asKnown(scene, anAccessRequest({ id: 'request-1' }));
    const second = asKnown(scene, anAccessRequest({ id: 'request-2' }));
    if (paged) {
      await peer.script(
        `${AUTH}/ListAccessRequests`,
        { messages: [{ AccessRequests: [first], NextKey: 'after-1' }] },
        { messages: [{ AccessRequests: [second] }] },
      );
    } else {
      await peer.script(`${AUTH}/GetAccessRequestsV2`, { messages: [first, second] });
    }
    await peer.calls();
    const requests = await connection.requests.listPending(signal, (detail) => {
      throw new Error(detail);
    });
    deepStrictEqual(
      requests.map(({ id, state }) => [id, state]),
      [
        ['request-1', 'pending'],
        ['request-2', 'pending'],
      ],
    );
    const asked = (await peer.calls()).map(({ request }) => request);
    const filter = { State: 1 };
    deepStrictEqual(
      asked,
      paged
        ? [
            { Filter: filter, Limit: 100 },
            { Filter: filter, Limit: 100, StartKey: 'after-1' },
          ]
        : [filter],
    );
  });
  await results.check('a request that is gone is null', async () => {
    await peer.script(
      `${AUTH}/${paged ? 'ListAccessRequests' : 'GetAccessRequestsV2'}`,
      paged ? { messages: [{}] } : {},
    );
    equal(await connection.requests.find(REQUEST_ID, signal), null);
  });
}

/** A full page of long reasons passes the 4 MB that a gRPC client takes by default. */
async function checkLargePage({ peer, connection, results, signal }: Scene): Promise<void> {
  if (!peer.hasMethod('proto.AuthService', 'ListAccessRequests')) return;
  await results.check('a page of 5 MB is read', async () => {
    const requests = Array.from({ length: 100 }, (_, index) => ({
      Metadata: { Name: `request-${index}` },
      Spec: { User: 'sre-1', State: 1, RequestReason: 'x'.repeat(50_000) },
    }));
    await peer.script(`${AUTH}/ListAccessRequests`, { messages: [{ AccessRequests: requests }] });
    const listed = await connection.requests.listPending(signal, () => undefined);
    equal(listed.length, 100);
  });
}
