import { AuthServer } from './auth-server.ts';
import { CallLog } from './call-log.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { ClusterAuthorities, type CredentialOptions } from './cluster-authorities.ts';
import type { KeyAlgorithm } from './certificates.ts';
import { Faults } from './faults.ts';
import { identityFile } from './identity-file.ts';
import type { Edition, Role, Traits, User } from './model.ts';
import { CLUSTER_NAME, referenceWorld } from './reference-world.ts';
import { TlsRoutingProxy } from './tls-routing-proxy.ts';

export interface StartTeleportOptions extends Partial<
  Omit<ClusterOptions, 'clusterName' | 'edition' | 'serverVersion' | 'roles' | 'users'>
> {
  readonly clusterName?: string;
  readonly edition?: Edition;
  readonly serverVersion?: string;
  /** Roles and users of another world than the reference story. */
  readonly roles?: readonly Role[];
  readonly users?: readonly User[];
  /** For the reference world: annotations put on requests by `sres`, and reviews in the name of people. */
  readonly annotations?: Traits;
  readonly submitForUsers?: boolean;
  readonly readLoginStates?: boolean;
  readonly listUsers?: boolean;
  /** Whether the service may read the audit log. */
  readonly readAuditLog?: boolean;
  readonly keyAlgorithm?: KeyAlgorithm;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly proxyPort?: number;
  /** In which forms the proxy upgrades connections, and how often it pings these; see TlsRoutingProxyOptions. */
  readonly webSockets?: boolean;
  readonly legacyUpgrades?: boolean;
  readonly pingEveryMs?: number;
  /** How often the expiry service runs, in milliseconds. */
  readonly sweepIntervalMs?: number;
}

export interface SimulatedTeleport extends AsyncDisposable {
  readonly clusterName: string;
  /** `host:port` of the auth server: gRPC over mutual TLS. */
  readonly authAddr: string;
  /** `host:port` of the proxy's web port: TLS routing and `/webapi`. */
  readonly proxyAddr: string;
  readonly cluster: Cluster;
  readonly authorities: ClusterAuthorities;
  readonly auth: AuthServer;
  readonly proxy: TlsRoutingProxy;
  readonly faults: Faults;
  readonly calls: CallLog;
  /** The text of an identity file for `user`; other forms come from `authorities.credentialsFor`. */
  identityFileFor(user: string, options?: CredentialOptions): string;
  /** Restarts the auth server on its port: every connection and watch is cut, the cluster's state stays. */
  restart(): Promise<void>;
}

const DEFAULT_VERSION = '18.11.0';
const SWEEP_INTERVAL_MS = 1_000;

/** Starts a cluster of the reference world: an auth server and a proxy on loopback ports. */
export async function startTeleport(options: StartTeleportOptions = {}): Promise<SimulatedTeleport> {
  const { clusterName = CLUSTER_NAME, edition = 'enterprise', serverVersion = DEFAULT_VERSION } = options;
  const world = referenceWorld({
    edition,
    annotations: options.annotations ?? {},
    submitForUsers: options.submitForUsers ?? false,
    readLoginStates: options.readLoginStates ?? true,
    listUsers: options.listUsers ?? false,
    readAuditLog: options.readAuditLog ?? false,
  });
  const cluster = new Cluster({ ...world, ...options, clusterName, edition, serverVersion });
  const authorities = new ClusterAuthorities(clusterName, options.keyAlgorithm ?? 'ecdsa-p256');
  const faults = new Faults();
  const calls = new CallLog();
  const auth = new AuthServer({
    cluster,
    faults,
    calls,
    certificate: () => authorities.authServerCertificate,
    clientAuthorities: () => authorities.userAuthorities,
    port: options.port ?? 0,
  });
  authorities.onTrustChange(() => auth.trustAnew());
  const proxy = new TlsRoutingProxy({
    clusterName,
    serverVersion,
    webCertificate: authorities.webCertificate,
    authAddr: () => auth.addr,
    port: options.proxyPort ?? 0,
    webSockets: options.webSockets ?? true,
    legacyUpgrades: options.legacyUpgrades ?? true,
    ...(options.pingEveryMs === undefined ? {} : { pingEveryMs: options.pingEveryMs }),
  });
  await auth.start();
  await proxy.start();
  const sweep = setInterval(() => cluster.sweepExpired(), options.sweepIntervalMs ?? SWEEP_INTERVAL_MS);
  return {
    clusterName,
    authAddr: auth.addr,
    proxyAddr: proxy.addr,
    cluster,
    authorities,
    auth,
    proxy,
    faults,
    calls,
    identityFileFor: (user, credentialOptions) =>
      identityFile(authorities.credentialsFor(cluster.directory.user(user), credentialOptions)),
    restart: () => auth.restart(),
    [Symbol.asyncDispose]: async () => {
      clearInterval(sweep);
      await proxy.stop();
      await auth.stop();
    },
  };
}
