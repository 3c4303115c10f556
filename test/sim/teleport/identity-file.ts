import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateAuthority, IssuedCertificate, KeyPair, Validity } from './certificates.ts';
import { certAuthorityLine, sshUserCertificateLine } from './ssh-certificate.ts';

/** Everything Teleport hands out together when it signs credentials for a user. */
export interface Credentials {
  readonly user: string;
  readonly clusterName: string;
  readonly logins: readonly string[];
  readonly tls: IssuedCertificate;
  readonly validity: Validity;
  /** The host CAs which sign auth server certificates; more than one during a rotation. */
  readonly hostAuthorities: readonly CertificateAuthority[];
  readonly userAuthorities: readonly CertificateAuthority[];
  /** SSH signing keys of the cluster (user and host authority); ECDSA P-256. */
  readonly sshAuthorityKeys: { readonly user: KeyPair; readonly host: KeyPair };
}

/** The files `tctl auth sign --format=tls --out=X` writes. */
export interface KeyPairFiles {
  readonly crt: string;
  readonly key: string;
  readonly cas: string;
}

/** The text of an identity file: private key, SSH certificate, TLS certificate, SSH CAs, TLS CAs, in this order. */
export function identityFile(credentials: Credentials): string {
  const { tls, clusterName, sshAuthorityKeys } = credentials;
  return [
    tls.privateKeyPem,
    `${sshCertificateLine(credentials)}\n`,
    tls.certificatePem,
    `${certAuthorityLine(clusterName, sshAuthorityKeys.host)}\n`,
    bundle(credentials.hostAuthorities),
  ].join('');
}

export function keyPairFiles({ tls, hostAuthorities }: Credentials): KeyPairFiles {
  return { crt: tls.certificatePem, key: tls.privateKeyPem, cas: bundle(hostAuthorities) };
}

/** What a tbot output of type `identity` leaves in its directory, by file name. */
export function tbotFiles(credentials: Credentials): Readonly<Record<string, string>> {
  const { tls, clusterName, sshAuthorityKeys } = credentials;
  return {
    identity: identityFile(credentials),
    'teleport-host-ca.crt': bundle(credentials.hostAuthorities),
    'teleport-user-ca.crt': bundle(credentials.userAuthorities),
    known_hosts: `${certAuthorityLine(clusterName, sshAuthorityKeys.host)}\n`,
    key: tls.privateKeyPem,
    tlscert: tls.certificatePem,
    'key-cert.pub': `${sshCertificateLine(credentials)}\n`,
  };
}

/** Writes them; files with keys get mode 0600. */
export async function writeTbotDirectory(directory: string, credentials: Credentials): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await Promise.all(
    Object.entries(tbotFiles(credentials)).map(([name, content]) =>
      writeFile(join(directory, name), content, { mode: 0o600 }),
    ),
  );
}

function sshCertificateLine({ user, logins, tls, sshAuthorityKeys, validity }: Credentials): string {
  return sshUserCertificateLine({
    user,
    logins,
    keyPair: tls.keyPair,
    authorityKeys: sshAuthorityKeys.user,
    validity,
  });
}

function bundle(authorities: readonly CertificateAuthority[]): string {
  return authorities.map(({ certificatePem }) => certificatePem).join('');
}
