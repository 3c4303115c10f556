import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

const APPROVED = 2;

describe('a fault', () => {
  it('befalls as many calls of its method as it says, and no others', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    teleport.faults.add({ method: 'Ping', kind: 'error', code: status.RESOURCE_EXHAUSTED, times: 2 });

    const first = await refusal(client.call('Ping', {}));
    await client.call('ListAccessRequests', {});
    const second = await refusal(client.call('Ping', {}));

    expect([first.code, second.code]).toEqual(['RESOURCE_EXHAUSTED', 'RESOURCE_EXHAUSTED']);
    expect(await client.call('Ping', {})).toMatchObject({ ClusterName: 'teleport.example.com' });
  });

  it.each([
    ['stall-before', 'PENDING'],
    ['stall-after', 'APPROVED'],
    ['reset', 'PENDING'],
    ['reset-after', 'APPROVED'],
    ['error-after', 'APPROVED'],
  ] as const)('%s leaves the request %s and the caller without an answer', async (kind, state) => {
    await using teleport = await startTeleport();
    const client = rawClient(teleport, BOT_USER);
    const { id } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });
    teleport.faults.add({ method: 'SubmitAccessReview', kind, times: 1 });

    const answer = refusal(
      client.call('SubmitAccessReview', { RequestID: id, Review: { ProposedState: APPROVED } }),
    );
    const call = await teleport.calls.arrived('SubmitAccessReview');
    await expect.poll(() => teleport.cluster.request(id).state).toBe(state);
    teleport.auth.cutConnections();

    expect(call).toMatchObject({ caller: BOT_USER, request: { RequestID: id } });
    expect(await answer).toMatchObject({ code: 'UNAVAILABLE' });
    client[Symbol.dispose]();
  });
});

describe('the call log', () => {
  it('names method, caller, request and outcome of every call', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);

    await refusal(client.call('GetLock', { Name: 'nonesuch' }));

    expect(await teleport.calls.ended('GetLock')).toMatchObject({
      method: 'GetLock',
      caller: BOT_USER,
      request: { Name: 'nonesuch' },
      code: status.NOT_FOUND,
    });
  });
});
