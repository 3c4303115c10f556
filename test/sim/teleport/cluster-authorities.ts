import {
  createAuthority,
  generateKeys,
  issueServerCertificate,
  issueUserCertificate,
  validFor,
  type CertificateAuthority,
  type IssuedCertificate,
  type KeyAlgorithm,
} from './certificates.ts';
import type { Credentials } from './identity-file.ts';
import type { User } from './model.ts';
import { encodedClusterName } from './tls-routing-proxy.ts';

export interface CredentialOptions {
  /** Lifetime of the certificates in milliseconds; zero or less: they have already expired. */
  readonly ttlMs?: number;
  /** Roles in the certificate, if other than the user's. */
  readonly roles?: readonly string[];
  /** Signs with the user CA of another cluster. */
  readonly foreign?: boolean;
  /** Lists the old host CA as well, as during a CA rotation. */
  readonly duringRotation?: boolean;
}

const TWELVE_HOURS_MS = 12 * 3_600_000;

/** The certificate authorities of a cluster: one signs hosts, one users; and one stands in for the public WebPKI. */
export class ClusterAuthorities {
  readonly clusterName: string;
  readonly webPki: CertificateAuthority;
  readonly webCertificate: IssuedCertificate;
  readonly #listeners = new Set<() => void>();
  #user: CertificateAuthority;
  /** Trusted beside the one that signs, while users are rotated. */
  #previousUser: CertificateAuthority | undefined;
  #host: CertificateAuthority;
  #authServerCertificate: IssuedCertificate;
  readonly #algorithm: KeyAlgorithm;
  readonly #sshAuthorityKeys = { user: generateKeys('ecdsa-p256'), host: generateKeys('ecdsa-p256') };
  #previousHost: CertificateAuthority | undefined;
  #foreign: CertificateAuthority | undefined;

  constructor(clusterName: string, algorithm: KeyAlgorithm) {
    this.clusterName = clusterName;
    this.#algorithm = algorithm;
    this.#host = createAuthority(clusterName, algorithm);
    this.#user = createAuthority(clusterName, algorithm);
    this.webPki = createAuthority('Example Public CA', algorithm);
    this.#authServerCertificate = this.#certifyAuthServer();
    this.webCertificate = issueServerCertificate(this.webPki, {
      commonName: clusterName,
      dnsNames: [clusterName, `*.${clusterName}`, 'localhost'],
    });
  }

  /** What signs the auth server now, or at its next start after a rotation. */
  get host(): CertificateAuthority {
    return this.#host;
  }

  get authServerCertificate(): IssuedCertificate {
    return this.#authServerCertificate;
  }

  /** Whose client certificates are taken: the one that signs first, and during a rotation the one before it. */
  get userAuthorities(): readonly CertificateAuthority[] {
    return this.#previousUser === undefined ? [this.#user] : [this.#user, this.#previousUser];
  }

  get isRotatingUser(): boolean {
    return this.#previousUser !== undefined;
  }

  /** Signs credentials for `user`. */
  credentialsFor(user: User, options: CredentialOptions = {}): Credentials {
    const validity = validFor(options.ttlMs ?? TWELVE_HOURS_MS);
    const signer = options.foreign === true ? this.#foreignAuthority() : this.#user;
    return {
      user: user.name,
      clusterName: this.clusterName,
      logins: user.traits['logins'] ?? [],
      tls: issueUserCertificate(signer, { user: user.name, roles: options.roles ?? user.roles, validity }),
      validity,
      hostAuthorities: options.duringRotation === true ? [this.#oldHostAuthority(), this.host] : [this.host],
      userAuthorities: this.userAuthorities,
      sshAuthorityKeys: this.#sshAuthorityKeys,
    };
  }

  /**
   * Begins to rotate the host CA: the auth server shows a certificate of the new one from its next start on. Credentials that
   * are issued with `duringRotation` until then list both.
   */
  rotateHost(): void {
    this.#previousHost = this.#host;
    this.#host = createAuthority(this.clusterName, this.#algorithm);
    this.#authServerCertificate = this.#certifyAuthServer();
  }

  /**
   * Begins to rotate the user CA, up to where Teleport calls it `update_clients`: credentials are issued by the new one, and
   * certificates of both are taken. Throws when a rotation is under way already, as Teleport refuses a second one.
   */
  rotateUser(): void {
    if (this.#previousUser !== undefined) throw new Error('the user CA is being rotated already');
    this.#previousUser = this.#user;
    this.#user = createAuthority(this.clusterName, this.#algorithm);
    this.#tellOfTrust();
  }

  /**
   * Ends the rotation (`standby`): the old user CA is not trusted any more, from the next handshake on. What connected with a
   * certificate of it before is cut by the restart that ends the rotation in Teleport, too. Throws when there is no rotation.
   */
  endUserRotation(): void {
    if (this.#previousUser === undefined) throw new Error('the user CA is not being rotated');
    this.#previousUser = undefined;
    this.#tellOfTrust();
  }

  /** Told whenever another set of user CAs is trusted. */
  onTrustChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #tellOfTrust(): void {
    for (const listener of this.#listeners) listener();
  }

  #certifyAuthServer(): IssuedCertificate {
    return issueServerCertificate(this.#host, {
      commonName: `auth.${this.clusterName}`,
      dnsNames: ['teleport.cluster.local', '*.teleport.cluster.local', encodedClusterName(this.clusterName)],
    });
  }

  #foreignAuthority(): CertificateAuthority {
    // The same name, so that only the signature can tell it apart.
    this.#foreign ??= createAuthority(this.clusterName, this.#algorithm);
    return this.#foreign;
  }

  #oldHostAuthority(): CertificateAuthority {
    this.#previousHost ??= createAuthority(this.clusterName, this.#algorithm);
    return this.#previousHost;
  }
}
