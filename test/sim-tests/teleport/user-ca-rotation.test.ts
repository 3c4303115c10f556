import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startTeleport, type SimulatedTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

/** Whether the authority issued the certificate in the text, by its signature: both authorities have the same name. */
function isIssuedBy(text: string, { certificatePem }: { readonly certificatePem: string }): boolean {
  const certificate = new X509Certificate(text.slice(text.indexOf('-----BEGIN CERTIFICATE-----')));
  return certificate.verify(new X509Certificate(certificatePem).publicKey);
}

/** A client with a certificate of this moment that has not connected yet. */
function aClient(teleport: SimulatedTeleport) {
  return rawClient(teleport, BOT_USER);
}

describe('while the user CA is rotated', () => {
  it('certificates of both authorities are taken', async () => {
    await using teleport = await startTeleport();
    using old = aClient(teleport);
    teleport.authorities.rotateUser();
    using renewed = aClient(teleport);

    expect(await old.call('Ping', {})).toMatchObject({ ClusterName: teleport.clusterName });
    expect(await renewed.call('Ping', {})).toMatchObject({ ClusterName: teleport.clusterName });
  });

  it('identities are issued by the new one', async () => {
    await using teleport = await startTeleport();
    const before = teleport.identityFileFor(BOT_USER);
    teleport.authorities.rotateUser();
    const [current, previous] = teleport.authorities.userAuthorities;
    if (current === undefined || previous === undefined) throw new Error('there are no two authorities');

    const after = teleport.identityFileFor(BOT_USER);

    expect([isIssuedBy(before, previous), isIssuedBy(before, current)]).toEqual([true, false]);
    expect([isIssuedBy(after, previous), isIssuedBy(after, current)]).toEqual([false, true]);
  });

  it('an authority of another cluster by the same name is trusted no more than ever', async () => {
    await using teleport = await startTeleport();
    teleport.authorities.rotateUser();
    using foreign = rawClient(teleport, BOT_USER, { foreign: true });

    expect(await refusal(foreign.call('Ping', {}))).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('the auth server shows the certificate that it showed before, and keeps its connections', async () => {
    await using teleport = await startTeleport();
    using open = aClient(teleport);
    await open.call('Ping', {});
    teleport.authorities.rotateHost();
    teleport.authorities.rotateUser();

    expect(await open.call('Ping', {})).toMatchObject({ ClusterName: teleport.clusterName });
    expect(teleport.auth.connectionCount).toBe(1);
    using ofNewHost = aClient(teleport);
    expect(await refusal(ofNewHost.call('Ping', {}))).toMatchObject({ code: 'UNAVAILABLE' });
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
