import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startTeleport, type SimulatedTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

/** A client with a certificate of this moment that has not connected yet. */
function aClient(teleport: SimulatedTeleport) {
  return rawClient(teleport, BOT_USER);
}

describe('while the user CA is rotated', () => {
  it('an authority of another cluster by the same name is trusted no more than ever', async () => {
    await using teleport = await startTeleport();
    teleport.authorities.rotateUser();
    using foreign = rawClient(teleport, BOT_USER, { foreign: true });

    expect(await refusal(foreign.call('Ping', {}))).toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('once the user CA has been rotated', () => {
  it('a certificate of the old one is refused at the handshake, one of the new one is taken', async () => {
    await using teleport = await startTeleport();
    using old = aClient(teleport);
    teleport.authorities.rotateUser();
    using renewed = aClient(teleport);
    teleport.authorities.endUserRotation();

    expect(await refusal(old.call('Ping', {}))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(teleport.calls.all).toEqual([]);
    expect(await renewed.call('Ping', {})).toMatchObject({ ClusterName: teleport.clusterName });
  });

  it('a connection from before goes on until the auth server restarts, and does not come back', async () => {
    await using teleport = await startTeleport();
    using old = aClient(teleport);
    await old.call('Ping', {});
    teleport.authorities.rotateUser();
    teleport.authorities.endUserRotation();
    await old.call('Ping', {});

    await teleport.restart();

    expect(await refusal(old.call('Ping', {}))).toMatchObject({ code: 'UNAVAILABLE' });
    using renewed = aClient(teleport);
    expect(await renewed.call('Ping', {})).toMatchObject({ ClusterName: teleport.clusterName });
  });
});
