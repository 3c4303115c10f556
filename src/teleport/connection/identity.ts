import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';

import type { Instant } from '../../core/values/instant.ts';
import { instantOf } from '../../core/values/instant.ts';
import { TeleportError } from '../../ports/teleport.ts';

/** Credentials of the service's own Teleport user. */
export interface Identity {
  /** The common name of the client certificate: Teleport's user, the author of our reviews. */
  readonly user: string;
  /** The common name of the issuer: Teleport names a cluster's certificate authorities after the cluster. */
  readonly clusterName: string;
  readonly expires: Instant;
  readonly privateKeyPem: string;
  /** Exactly one: the auth server refuses a longer chain. */
  readonly certificatePem: string;
  /** The cluster's host certificate authorities; two of them during a rotation. */
  readonly rootCaPems: readonly string[];
  /** Differs whenever the certificate or the authorities do. */
  readonly fingerprint: string;
}

/** The three parts of an identity, still text; `source` says in errors where they came from. */
interface IdentityParts {
  readonly source: string;
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  readonly rootCaPems: readonly string[];
}

const REMEDY = 'write it anew with `tctl auth sign` or tbot';
const PEM_BEGIN = /^-----BEGIN [A-Z0-9 ]+-----$/;
const PEM_END = /^-----END [A-Z0-9 ]+-----$/;

/**
 * Text of an identity file (`tctl auth sign --out`, `tsh login --out`, tbot's `identity`) → identity.
 * Teleport's rule: PEM blocks count by position (private key, TLS certificate, then TLS authorities); SSH lines and
 * unknown lines are passed over. Throws TeleportError of kind `identity` naming `source`.
 */
export function parseIdentityFile(text: string, source: string): Identity {
  const [privateKeyPem, certificatePem, ...rootCaPems] = pemBlocks(text, source);
  if (privateKeyPem?.includes('PRIVATE KEY-----') !== true) {
    throw unusable(source, 'has no private key');
  }
  if (certificatePem === undefined) throw unusable(source, 'has no TLS client certificate');
  return identityOf({ source, privateKeyPem, certificatePem, rootCaPems });
}

/** The three files of `tctl auth sign --format=tls` (.crt, .key, .cas) → identity. Throws as `parseIdentityFile`. */
export function parseKeyPair(
  texts: { readonly clientCrt: string; readonly clientKey: string; readonly rootCas: string },
  source: string,
): Identity {
  const [privateKeyPem] = pemBlocks(texts.clientKey, source);
  const [certificatePem] = pemBlocks(texts.clientCrt, source);
  if (privateKeyPem === undefined) throw unusable(source, 'has no private key');
  if (certificatePem === undefined) throw unusable(source, 'has no TLS client certificate');
  return identityOf({ source, privateKeyPem, certificatePem, rootCaPems: pemBlocks(texts.rootCas, source) });
}

export function isExpired(identity: Identity, nowMs: number): boolean {
  return Date.parse(identity.expires) <= nowMs;
}

/** An expired identity, with when and the remedy. Transient: a renewed file is picked up by itself. */
export function expiredIdentity(identity: Identity, source: string): TeleportError {
  return new TeleportError(
    'identity',
    `the identity in \`${source}\` (user \`${identity.user}\`) expired at ${identity.expires}: ${REMEDY}; ` +
      'the renewed file is picked up without a restart',
    { transient: true },
  );
}

export function unusable(source: string, fault: string, cause?: unknown): TeleportError {
  return new TeleportError('identity', `the identity in \`${source}\` ${fault}: ${REMEDY}`, {
    transient: false,
    cause,
  });
}

function identityOf(parts: IdentityParts): Identity {
  const { source, privateKeyPem, certificatePem, rootCaPems } = parts;
  if (rootCaPems.length === 0) throw unusable(source, 'has no certificate authority of the cluster');
  const certificate = certificateOf(certificatePem, source);
  for (const pem of rootCaPems) certificateOf(pem, source);
  if (!certificate.checkPrivateKey(privateKeyOf(privateKeyPem, source))) {
    throw unusable(source, 'has a private key that does not belong to its certificate');
  }
  const user = commonName(certificate.toLegacyObject().subject);
  if (user === null) throw unusable(source, 'has a certificate that names no user');
  return {
    user,
    clusterName: commonName(certificate.toLegacyObject().issuer) ?? '',
    expires: instantOf(certificate.validToDate.getTime()),
    privateKeyPem,
    certificatePem,
    rootCaPems,
    fingerprint: createHash('sha256')
      .update([certificatePem, ...rootCaPems].join('\n'))
      .digest('hex'),
  };
}

function pemBlocks(text: string, source: string): readonly string[] {
  const blocks: string[] = [];
  let open: string[] | null = null;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (PEM_BEGIN.test(line)) {
      if (open !== null) throw unusable(source, 'is cut off in the middle of a PEM block');
      open = [line];
    } else if (open !== null) {
      open.push(line);
      if (PEM_END.test(line)) {
        blocks.push(`${open.join('\n')}\n`);
        open = null;
      }
    }
  }
  if (open !== null) throw unusable(source, 'is cut off in the middle of a PEM block');
  return blocks;
}

function certificateOf(pem: string, source: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw unusable(source, 'has a certificate that cannot be read', error);
  }
}

function privateKeyOf(pem: string, source: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw unusable(source, 'has a private key that cannot be read', error);
  }
}

/** Teleport writes one common name; of several the last is the most specific. */
function commonName(name: { readonly CN?: string | string[] | undefined }): string | null {
  const value = name.CN;
  const last = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' && last !== '' ? last : null;
}
