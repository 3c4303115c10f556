import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { TeleportError } from '../../src/ports/teleport.ts';
import { IdentitySource } from '../../src/teleport/connection/identity-source.ts';
import { parseIdentityFile, parseKeyPair } from '../../src/teleport/connection/identity.ts';
import {
  type KeyAlgorithm,
  createAuthority,
  generateKeys,
  issueUserCertificate,
  validFor,
} from '../sim/teleport/certificates.ts';
import { type Credentials, identityFile, keyPairFiles } from '../sim/teleport/identity-file.ts';

const HOUR_MS = 3_600_000;
const CLUSTER = 'teleport.example.com';

function credentials({
  user = 'oncall-approver',
  ttlMs = HOUR_MS,
  algorithm = 'ecdsa-p256',
  hostAuthorities = 1,
}: {
  readonly user?: string;
  readonly ttlMs?: number;
  readonly algorithm?: KeyAlgorithm;
  readonly hostAuthorities?: number;
} = {}): Credentials {
  const userAuthority = createAuthority(CLUSTER, algorithm);
  const validity = validFor(ttlMs);
  return {
    user,
    clusterName: CLUSTER,
    logins: [],
    tls: issueUserCertificate(userAuthority, { user, roles: ['access-reviewer', 'auditor'], validity }),
    validity,
    hostAuthorities: Array.from({ length: hostAuthorities }, () => createAuthority(CLUSTER, algorithm)),
    userAuthorities: [userAuthority],
    sshAuthorityKeys: { user: generateKeys('ecdsa-p256'), host: generateKeys('ecdsa-p256') },
  };
}

function failureOf(text: string): TeleportError {
  try {
    parseIdentityFile(text, '/identity');
  } catch (error) {
    if (error instanceof TeleportError) return error;
    throw error;
  }
  throw new Error('the identity was taken');
}

describe('an identity file', () => {
  it.each(['ecdsa-p256', 'rsa-2048'] as const)(
    'gives user, cluster and expiry with a key of %s',
    (algorithm) => {
      const signed = credentials({ algorithm });

      const identity = parseIdentityFile(identityFile(signed), '/identity');

      expect(identity).toMatchObject({
        user: 'oncall-approver',
        clusterName: CLUSTER,
        privateKeyPem: signed.tls.privateKeyPem,
        certificatePem: signed.tls.certificatePem,
      });
      expect(Math.abs(Date.parse(identity.expires) - signed.validity.notAfter.getTime())).toBeLessThan(1_000);
    },
  );

  it('keeps both authorities during a rotation', () => {
    const identity = parseIdentityFile(identityFile(credentials({ hostAuthorities: 2 })), '/identity');

    expect(identity.rootCaPems).toHaveLength(2);
  });

  it('is read with Windows line ends and without its SSH lines as well', () => {
    const text = identityFile(credentials());
    const tlsOnly = text
      .split('\n')
      .filter((line) => !line.includes('openssh.com') && !line.startsWith('@cert-authority'))
      .join('\r\n');

    expect(parseIdentityFile(tlsOnly, '/identity').fingerprint).toBe(
      parseIdentityFile(text, '/identity').fingerprint,
    );
  });

  it('is refused in one sentence with a remedy, wherever it was cut off', () => {
    const text = identityFile(credentials());

    for (let length = 0; length < text.length - 1; length += 97) {
      expect(failureOf(text.slice(0, length)).message).toMatch(
        /^the identity in `\/identity` (has|is) .+: write it anew with `tctl auth sign` or tbot$/,
      );
    }
  });

  it('is refused when its key belongs to another certificate, as when two writers met', () => {
    const [one, other] = [credentials(), credentials()];
    const text = identityFile(one).replace(one.tls.privateKeyPem, other.tls.privateKeyPem);

    expect(failureOf(text).message).toContain('a private key that does not belong to its certificate');
  });

  it('never quotes the private key in an error', () => {
    const signed = credentials();
    const secret = signed.tls.privateKeyPem.split('\n')[1] ?? '';
    const broken = identityFile(signed).replace(secret, `!${secret}`);

    expect(secret).not.toBe('');
    expect(JSON.stringify(failureOf(broken).message)).not.toContain(secret);
  });
});

describe('a key pair', () => {
  it('gives the same identity as the file', () => {
    const signed = credentials();
    const { crt, key, cas } = keyPairFiles(signed);

    const identity = parseKeyPair({ clientCrt: crt, clientKey: key, rootCas: cas }, '/tls.crt');

    expect(identity).toEqual(parseIdentityFile(identityFile(signed), '/identity'));
  });

  it('is refused without authorities', () => {
    const { crt, key } = keyPairFiles(credentials());

    expect(() => parseKeyPair({ clientCrt: crt, clientKey: key, rootCas: '' }, '/tls.crt')).toThrow(
      'has no certificate authority of the cluster',
    );
  });
});

describe('the identity on disk', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'identity-'));
    file = join(folder, 'identity');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('that is expired is refused with when it expired', async () => {
    await writeFile(file, identityFile(credentials({ ttlMs: -HOUR_MS })));

    await expect(IdentitySource.open({ file })).rejects.toMatchObject({
      kind: 'identity',
      transient: true,
      message: expect.stringMatching(/\(user `oncall-approver`\) expired at 20\d\d-/) as string,
    });
  });

  it('that is missing is refused with its path', async () => {
    await expect(IdentitySource.open({ file })).rejects.toMatchObject({
      kind: 'identity',
      message: `the identity in \`${file}\` cannot be read (ENOENT): write it anew with \`tctl auth sign\` or tbot`,
    });
  });

  it('is reported once when it was renewed', async () => {
    const renewals: string[] = [];
    await writeFile(file, identityFile(credentials()));
    const source = await IdentitySource.open({ file }, { onRenewed: ({ user }) => renewals.push(user) });

    await source.refresh();
    await writeFile(file, identityFile(credentials({ user: 'bot-approver' })));
    await source.refresh();
    await source.refresh();

    expect(renewals).toEqual(['bot-approver']);
    expect(source.current.user).toBe('bot-approver');
  });

  it('that is half-written leaves the one before in use, and says so', async () => {
    const problems: TeleportError[] = [];
    const text = identityFile(credentials());
    await writeFile(file, text);
    const source = await IdentitySource.open({ file }, { onUnreadable: (error) => problems.push(error) });

    await writeFile(file, text.slice(0, 100));
    expect((await source.refresh()).user).toBe('oncall-approver');
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('is cut off in the middle of a PEM block'),
    ]);
  });

  it('that expires without being renewed is refused from then on', async () => {
    await writeFile(file, identityFile(credentials()));
    const source = await IdentitySource.open({ file });

    await writeFile(file, identityFile(credentials({ ttlMs: -1_000 })));

    await expect(source.refresh()).rejects.toMatchObject({ kind: 'identity', transient: true });
  });
});
