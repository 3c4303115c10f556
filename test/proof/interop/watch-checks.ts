import { deepStrictEqual } from 'node:assert/strict';

import type { AccessRequestEvent } from '../../../src/ports/teleport.ts';
import type { TeleportConnection } from '../../../src/teleport/connect.ts';
import { connectTeleport } from '../../../src/teleport/connect.ts';
import { anAccessRequest, aWholeRequest, unknownField, wholeRequestRead } from './messages.ts';
import type { Scene } from './scene.ts';
import { asKnown, AUTH, failure, REQUEST_ID } from './scene.ts';

/** The event stream: what it yields, what it passes over, and how it ends. */
export async function checkWatch(scene: Scene): Promise<void> {
  await checkEvents(scene);
  await checkSlowWatch(scene);
}

async function checkEvents(scene: Scene): Promise<void> {
  const { peer, connection, results, signal } = scene;
  await results.check(
    'a watch yields init, put and delete, and passes over what it does not know',
    async () => {
      await peer.script(`${AUTH}/WatchEvents`, {
        messages: [
          {
            WatchStatus: {
              Kind: 'watch_status',
              Version: 'v1',
              Spec: { Kinds: [{ Kind: 'access_request' }] },
            },
          },
          { Type: 1, AccessRequest: asKnown(scene, aWholeRequest()) },
          { Type: 1, Lock: { Kind: 'lock', Metadata: { Name: 'a-lock' } } },
          { Type: 1, ...unknownField() },
          { Type: 99, AccessRequest: anAccessRequest({ id: REQUEST_ID }) },
          { Type: 2, ResourceHeader: { Kind: 'access_request', Metadata: { Name: REQUEST_ID } } },
          { Type: 2, ResourceHeader: { Kind: 'lock', Metadata: { Name: 'a-lock' } } },
        ],
      });
      const events: AccessRequestEvent[] = [];
      for await (const each of connection.requests.watch(signal)) events.push(each);
      deepStrictEqual(events, [
        { kind: 'init' },
        { kind: 'put', request: wholeRequestRead((message, field) => peer.knows(message, field)) },
        { kind: 'delete', id: REQUEST_ID },
      ]);
    },
  );
  await results.check('the watch asks for access requests, whole', async () => {
    const [call] = await peer.calls();
    deepStrictEqual(call?.request, { Kinds: [{ Kind: 'access_request' }] });
  });
  await results.check('a watch cut by the server ends in a transient error', async () => {
    await peer.script(`${AUTH}/WatchEvents`, {
      messages: [{}],
      error: { code: 2, message: 'event fanout system reset' },
    });
    const error = await failure(eventsOf(connection, signal));
    deepStrictEqual([error.kind, error.transient], ['unknown', true]);
  });
}

async function checkSlowWatch({ peer, results, signal }: Scene): Promise<void> {
  const connection = await connectTeleport({
    addr: peer.addr,
    via: 'direct',
    identity: { file: peer.identityFile },
    initTimeoutMs: 200,
  });
  try {
    await results.check('a watch without init in time is given up, to be tried again', async () => {
      await peer.script(`${AUTH}/WatchEvents`, { hold: true });
      const error = await failure(eventsOf(connection, signal));
      deepStrictEqual([error.kind, error.transient], ['unavailable', true]);
    });
  } finally {
    connection.close();
  }
}

async function eventsOf(
  { requests }: TeleportConnection,
  signal: AbortSignal,
): Promise<readonly AccessRequestEvent[]> {
  const events: AccessRequestEvent[] = [];
  for await (const each of requests.watch(signal)) events.push(each);
  return events;
}
