import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyPairFiles, writeTbotDirectory } from '../../sim/teleport/identity-file.ts';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

const HOUR_MS = 3_600_000;

describe('the auth server as a TLS peer', () => {
  it('serves a client with a certificate of its user authority', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'oncall-approver');

    const ping = await client.call<{ ClusterName: string }>('Ping', {});

    expect(ping.ClusterName).toBe('teleport.example.com');
  });

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

  it('works with RSA keys as older clusters issue them', async () => {
    await using teleport = await startTeleport({ keyAlgorithm: 'rsa-2048', serverVersion: '15.4.0' });
    using client = rawClient(teleport, 'oncall-approver');

    expect(await client.call('Ping', {})).toMatchObject({ ServerVersion: '15.4.0' });
    expect(teleport.identityFileFor('oncall-approver')).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
  });

  it('cuts its connections on restart and is back on the same port with its state', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'oncall-approver');
    teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });
    await client.call('Ping', {});
    const addrBefore = teleport.auth.addr;

    await teleport.restart();

    using again = rawClient(teleport, 'oncall-approver');
    const listed = await again.call<{ AccessRequests: unknown[] }>('ListAccessRequests', {});
    expect(teleport.auth.addr).toBe(addrBefore);
    expect(listed.AccessRequests).toHaveLength(1);
  });
});

describe('a directory written by tbot', () => {
  it('holds the identity file, the raw key and certificates, and the authorities, for its owner alone', async () => {
    await using teleport = await startTeleport();
    const directory = await mkdtemp(join(tmpdir(), 'tbot-'));
    const credentials = teleport.authorities.credentialsFor(teleport.cluster.directory.user('sre-1'));

    await writeTbotDirectory(directory, credentials);

    const { crt, key, cas } = keyPairFiles(credentials);
    const content = (name: string) => readFile(join(directory, name), 'utf8');
    expect(await content('identity')).toContain(crt);
    expect(await content('key')).toBe(key);
    expect(await content('tlscert')).toBe(crt);
    expect(await content('teleport-host-ca.crt')).toBe(cas);
    expect((await stat(join(directory, 'key'))).mode & 0o777).toBe(0o600);
    await rm(directory, { recursive: true });
  });
});

describe('an identity file', () => {
  it('holds key, SSH certificate, TLS certificate, SSH authority and TLS authorities in this order', async () => {
    await using teleport = await startTeleport();

    const text = teleport.identityFileFor('sre-1', { duringRotation: true });

    const marks = [
      ...text.matchAll(/^(-----BEGIN [A-Z ]+-----|\S+-cert-v01@openssh\.com|@cert-authority)/gm),
    ];
    expect(marks.map(([mark]) => mark)).toEqual([
      '-----BEGIN PRIVATE KEY-----',
      'ecdsa-sha2-nistp256-cert-v01@openssh.com',
      '-----BEGIN CERTIFICATE-----',
      '@cert-authority',
      '-----BEGIN CERTIFICATE-----',
      '-----BEGIN CERTIFICATE-----',
    ]);
  });

  it('names the user and each role in the certificate, and the key fits it', async () => {
    await using teleport = await startTeleport();

    const text = teleport.identityFileFor('sre-1');

    const key = createPrivateKey(text);
    const certificate = new X509Certificate(text.slice(text.indexOf('-----BEGIN CERTIFICATE-----')));
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(certificate.subject.split('\n')).toEqual(['O=sres', 'O=access-reviewer', 'CN=sre-1']);
    expect(certificate.issuer).toContain('CN=teleport.example.com');
  });
});
