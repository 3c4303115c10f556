import { randomBytes, sign, type KeyObject } from 'node:crypto';
import type { KeyPair, Validity } from './certificates.ts';

/**
 * OpenSSH certificates (PROTOCOL.certkeys of OpenSSH). A client which speaks TLS to the auth server ignores them, but
 * every identity file carries one, so ours carries a true one.
 */

const USER_CERTIFICATE = 1;

interface SshUserCertificate {
  readonly user: string;
  readonly logins: readonly string[];
  readonly keyPair: KeyPair;
  /** The signing authority's keys; must be ECDSA P-256. */
  readonly authorityKeys: KeyPair;
  readonly validity: Validity;
}

/** One line, `<type> <base64>`, as it stands second in an identity file. */
export function sshUserCertificateLine(certificate: SshUserCertificate): string {
  const { user, logins, keyPair, authorityKeys, validity } = certificate;
  const type = certificateType(keyPair);
  const signed = Buffer.concat([
    text(type),
    string(randomBytes(32)),
    ...publicKeyFields(keyPair),
    uint64(0n),
    uint32(USER_CERTIFICATE),
    text(user),
    string(Buffer.concat(logins.map(text))),
    uint64(seconds(validity.notBefore)),
    uint64(seconds(validity.notAfter)),
    string(Buffer.alloc(0)),
    string(Buffer.concat([text('permit-pty'), string(Buffer.alloc(0))])),
    string(Buffer.alloc(0)),
    string(publicKeyBlob(authorityKeys)),
  ]);
  const blob = Buffer.concat([signed, string(signature(signed, authorityKeys.privateKey))]);
  return `${type} ${blob.toString('base64')}`;
}

/** A `known_hosts` line which trusts the cluster's SSH host authority. */
export function certAuthorityLine(clusterName: string, authorityKeys: KeyPair): string {
  const key = publicKeyBlob(authorityKeys).toString('base64');
  return `@cert-authority ${clusterName},*.${clusterName} ecdsa-sha2-nistp256 ${key} type=host`;
}

function certificateType({ algorithm }: KeyPair): string {
  return algorithm === 'rsa-2048'
    ? 'ssh-rsa-cert-v01@openssh.com'
    : 'ecdsa-sha2-nistp256-cert-v01@openssh.com';
}

function publicKeyFields({ algorithm, publicKey }: KeyPair): readonly Buffer[] {
  const jwk = publicKey.export({ format: 'jwk' });
  if (algorithm === 'rsa-2048') return [mpint(base64url(jwk.e)), mpint(base64url(jwk.n))];
  const uncompressedPoint = Buffer.concat([Buffer.of(0x04), base64url(jwk.x), base64url(jwk.y)]);
  return [text('nistp256'), string(uncompressedPoint)];
}

function publicKeyBlob(keyPair: KeyPair): Buffer {
  return Buffer.concat([text('ecdsa-sha2-nistp256'), ...publicKeyFields(keyPair)]);
}

function signature(signed: Buffer, privateKey: KeyObject): Buffer {
  const raw = sign('sha256', signed, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const half = raw.length / 2;
  const pair = Buffer.concat([mpint(raw.subarray(0, half)), mpint(raw.subarray(half))]);
  return Buffer.concat([text('ecdsa-sha2-nistp256'), string(pair)]);
}

function base64url(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : '', 'base64url');
}

function text(value: string): Buffer {
  return string(Buffer.from(value, 'utf8'));
}

function string(bytes: Buffer): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function mpint(bigEndian: Buffer): Buffer {
  const firstNonZero = bigEndian.findIndex((byte) => byte !== 0);
  const trimmed = firstNonZero < 0 ? Buffer.alloc(0) : bigEndian.subarray(firstNonZero);
  const negative = (trimmed[0] ?? 0) >= 0x80;
  return string(negative ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function seconds(instant: Date): bigint {
  return BigInt(Math.floor(instant.getTime() / 1000));
}
