import { expect, it } from 'vitest';
import type { TeleportClient } from '../../src/teleport/connection/client.ts';
import { TeleportAccessRequests } from '../../src/teleport/access-requests.ts';
import { TeleportNodeNames } from '../../src/teleport/node-names.ts';
import { grpcTeleportUsers } from '../../src/teleport/users.ts';
import { answering, signal } from './answering.ts';

const ANOTHER = { Metadata: { Name: 'another' }, Spec: { User: 'sre-2', Roles: ['prodaccess'], State: 2 } };

it.each<[string, Parameters<typeof answering>[0], (client: TeleportClient) => Promise<unknown>]>([
  [
    'a user',
    { GetUser: () => ({ user: { Metadata: { Name: 'another' } } }) },
    (client) => grpcTeleportUsers(client).user('sre-1', signal),
  ],
  [
    'a login state',
    { GetUserLoginState: () => ({ header: { metadata: { name: 'another' } } }) },
    (client) => grpcTeleportUsers(client).loginState('sre-1', signal),
  ],
  [
    'somebody without a name among the users',
    { ListUsers: () => ({ users: [{}] }) },
    (client) => grpcTeleportUsers(client).search(() => true, signal),
  ],
  [
    'one page of requests again and again',
    { ListAccessRequests: () => ({ NextKey: 'x' }) },
    (client) => new TeleportAccessRequests(client).listPending(signal, () => undefined),
  ],
  [
    'one page of resources again and again',
    { ListResources: () => ({ NextKey: 'x' }) },
    (client) => new TeleportNodeNames(client).hostNames(['node-1'], signal),
  ],
])('%s that was not asked for is malformed', async (_what, answers, ask) => {
  await expect(ask(answering(answers))).rejects.toMatchObject({
    name: 'TeleportError',
    kind: 'malformed',
    message: expect.stringMatching(/\w/u) as string,
  });
});

it('another request than the one that was asked for is not it', async () => {
  const requests = new TeleportAccessRequests(
    answering({ ListAccessRequests: () => ({ AccessRequests: [ANOTHER, { Metadata: null }] }) }),
  );

  expect(await requests.find('r-1', signal)).toBeNull();
  expect(await requests.find('another', signal)).toMatchObject({ requester: 'sre-2' });
});

it('a host that was not asked for, or that has no name, has none', async () => {
  const node = (Name: string, Hostname: string) => ({ Node: { Metadata: { Name }, Spec: { Hostname } } });
  const nodes = new TeleportNodeNames(
    answering({
      ListResources: () => ({
        Resources: [node('n-2', 'db-2'), node('n-1', ''), { Node: {} }, {}, node('n-3', 'db-3')],
      }),
    }),
    () => 0,
  );

  expect([...(await nodes.hostNames(['n-1', 'n-3'], signal))]).toEqual([['n-3', 'db-3']]);
});
