import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
  bitString,
  booleanTrue,
  explicit,
  implicit,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts';

/** Teleport issues RSA keys up to v16; signature suites of v17 and later may choose ECDSA. */
export type KeyAlgorithm = 'ecdsa-p256' | 'rsa-2048';

export interface KeyPair {
  readonly algorithm: KeyAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface IssuedCertificate {
  readonly keyPair: KeyPair;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface CertificateAuthority extends IssuedCertificate {
  readonly name: DistinguishedName;
}

interface DistinguishedName {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

interface CertificateContents {
  readonly subject: DistinguishedName;
  readonly subjectKey: KeyPair;
  readonly issuer: { readonly name: DistinguishedName; readonly keyPair: KeyPair };
  readonly validity: Validity;
  readonly extensions: readonly Buffer[];
}

const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

const SAN_DNS_NAME = 2;
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;

/** Validity of the given length in milliseconds from now; negative gives a certificate which has already expired. */
export function validFor(ttlMs: number): Validity {
  const now = Date.now();
  const notAfter = now + ttlMs;
  // Teleport backdates by a minute, so that a client whose clock is a little behind is not refused.
  return { notBefore: new Date(Math.min(now, notAfter) - MINUTE_MS), notAfter: new Date(notAfter) };
}

export function generateKeys(algorithm: KeyAlgorithm): KeyPair {
  const pair =
    algorithm === 'rsa-2048'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { algorithm, ...pair };
}

/** PEM of a private key in the form Teleport writes: PKCS#1 for RSA, PKCS#8 otherwise. */
function privateKeyPem({ algorithm, privateKey }: KeyPair): string {
  return privateKey.export({ format: 'pem', type: algorithm === 'rsa-2048' ? 'pkcs1' : 'pkcs8' });
}

/** A self-signed certificate authority; Teleport names its authorities after the cluster, in CN and O. */
export function createAuthority(clusterName: string, algorithm: KeyAlgorithm): CertificateAuthority {
  const name = { commonName: clusterName, organizations: [clusterName] };
  const keyPair = generateKeys(algorithm);
  const certificatePem = issue({
    subject: name,
    subjectKey: keyPair,
    issuer: { name, keyPair },
    validity: validFor(10 * YEAR_MS),
    extensions: [
      extension(OID.basicConstraints, sequence(booleanTrue()), { critical: true }),
      // keyCertSign and cRLSign: bits 5 and 6.
      extension(OID.keyUsage, bitString(Buffer.of(0b0000_0110), 1), { critical: true }),
    ],
  });
  return { name, keyPair, certificatePem, privateKeyPem: privateKeyPem(keyPair) };
}

/** A TLS server certificate for `dnsNames`. */
export function issueServerCertificate(
  authority: CertificateAuthority,
  { commonName, dnsNames }: { readonly commonName: string; readonly dnsNames: readonly string[] },
): IssuedCertificate {
  const names = dnsNames.map((dnsName) => implicit(SAN_DNS_NAME, Buffer.from(dnsName, 'ascii')));
  return issueLeaf(authority, {
    subject: { commonName, organizations: [] },
    validity: validFor(YEAR_MS),
    extensions: [
      extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
      extension(OID.subjectAltName, sequence(...names)),
    ],
  });
}

/** A user's TLS client certificate: Teleport puts the user name into CN and each role into an O of its own. */
export function issueUserCertificate(
  authority: CertificateAuthority,
  options: { readonly user: string; readonly roles: readonly string[]; readonly validity: Validity },
): IssuedCertificate {
  return issueLeaf(authority, {
    subject: { commonName: options.user, organizations: options.roles },
    validity: options.validity,
    extensions: [extension(OID.extendedKeyUsage, sequence(oid(OID.clientAuth)))],
  });
}

function issueLeaf(
  authority: CertificateAuthority,
  leaf: Pick<CertificateContents, 'subject' | 'validity' | 'extensions'>,
): IssuedCertificate {
  const keyPair = generateKeys(authority.keyPair.algorithm);
  const certificatePem = issue({
    ...leaf,
    subjectKey: keyPair,
    issuer: authority,
    extensions: [
      // digitalSignature: bit 0.
      extension(OID.keyUsage, bitString(Buffer.of(0b1000_0000), 7), { critical: true }),
      ...leaf.extensions,
    ],
  });
  return { keyPair, certificatePem, privateKeyPem: privateKeyPem(keyPair) };
}

function issue({ subject, subjectKey, issuer, validity, extensions }: CertificateContents): string {
  const algorithm = signatureAlgorithm(issuer.keyPair.algorithm);
  const subjectPublicKeyInfo = subjectKey.publicKey.export({ type: 'spki', format: 'der' });
  // Two authorities of one cluster share their name during a rotation: the key identifiers tell them apart.
  const identifiers = [
    extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(subjectKey))),
    extension(OID.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(issuer.keyPair)))),
  ];
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(validity.notBefore), time(validity.notAfter)),
    distinguishedName(subject),
    subjectPublicKeyInfo,
    explicit(3, sequence(...extensions, ...identifiers)),
  );
  const signature = sign('sha256', toBeSigned, issuer.keyPair.privateKey);
  return pem('CERTIFICATE', sequence(toBeSigned, algorithm, bitString(signature)));
}

function signatureAlgorithm(algorithm: KeyAlgorithm): Buffer {
  return algorithm === 'rsa-2048'
    ? sequence(oid(OID.sha256WithRsa), nullValue())
    : sequence(oid(OID.ecdsaWithSha256));
}

function distinguishedName({ commonName, organizations }: DistinguishedName): Buffer {
  const attribute = (type: string, value: string) => set(sequence(oid(type), utf8String(value)));
  return sequence(
    ...organizations.map((organization) => attribute(OID.organization, organization)),
    attribute(OID.commonName, commonName),
  );
}

function extension(
  id: string,
  value: Buffer,
  { critical }: { critical: boolean } = { critical: false },
): Buffer {
  return sequence(oid(id), ...(critical ? [booleanTrue()] : []), octetString(value));
}

function keyIdentifier({ publicKey }: KeyPair): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
