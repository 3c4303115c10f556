import { matchesPattern } from '../values/pattern.ts';

/**
 * What narrows the access to a resource (Teleport's `types.ResourceConstraints`). `unknown` stands for a narrowing that a newer
 * Teleport may add: present, and not to be taken for none.
 */
export type ResourceConstraints =
  | { readonly kind: 'ssh' | 'windows_desktop'; readonly logins: readonly string[] }
  | { readonly kind: 'aws_console'; readonly roleArns: readonly string[] }
  | { readonly kind: 'unknown' };

/** One requested resource: Teleport's `types.ResourceID`, with what narrows the access to it. */
export interface ResourceId {
  readonly cluster: string;
  readonly kind: string;
  readonly name: string;
  /** Of Kubernetes kinds: `NAMESPACE/NAME`, or `NAME` where the kind belongs to the whole cluster; else empty. */
  readonly subResource: string;
  /** Absent for none, as in all entries of earlier versions. */
  readonly constraints?: ResourceConstraints;
}

/** Kinds that may be requested, beside those of Kubernetes. */
const KINDS: ReadonlySet<string> = new Set([
  'node',
  'app',
  'db',
  'kube_cluster',
  'windows_desktop',
  'linux_desktop',
  'user_group',
  'saml_idp_service_provider',
  'git_server',
  'aws_ic_account',
  'aws_ic_account_assignment',
]);

/**
 * Kinds of Kubernetes as Teleport called them until v17, and as v18 has them in requests. `namespace` has no other spelling: it means
 * all that is in the namespace, `kube:cw:namespaces` the object alone.
 */
const SPELLINGS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pod: 'kube:ns:pods',
    secret: 'kube:ns:secrets',
    configmap: 'kube:ns:configmaps',
    service: 'kube:ns:services',
    serviceaccount: 'kube:ns:serviceaccounts',
    persistentvolumeclaim: 'kube:ns:persistentvolumeclaims',
    deployment: 'kube:ns:deployments.apps',
    replicaset: 'kube:ns:replicasets.apps',
    statefulset: 'kube:ns:statefulsets.apps',
    daemonset: 'kube:ns:daemonsets.apps',
    kube_role: 'kube:ns:roles.rbac.authorization.k8s.io',
    rolebinding: 'kube:ns:rolebindings.rbac.authorization.k8s.io',
    cronjob: 'kube:ns:cronjobs.batch',
    job: 'kube:ns:jobs.batch',
    ingress: 'kube:ns:ingresses.networking.k8s.io',
    kube_node: 'kube:cw:nodes',
    persistentvolume: 'kube:cw:persistentvolumes',
    clusterrole: 'kube:cw:clusterroles.rbac.authorization.k8s.io',
    clusterrolebinding: 'kube:cw:clusterrolebindings.rbac.authorization.k8s.io',
    certificatesigningrequest: 'kube:cw:certificatesigningrequests.certificates.k8s.io',
  }),
);
const OLD_SPELLINGS: ReadonlyMap<string, string> = new Map(
  [...SPELLINGS].map(([old, fresh]) => [fresh, old]),
);

const NARROWED = { ssh: 'node', aws_console: 'app', windows_desktop: 'windows_desktop' } as const;

/** The kind in each of its spellings, the older first. */
export function spellingsOf(kind: string): readonly string[] {
  const old = OLD_SPELLINGS.get(kind) ?? kind;
  const fresh = SPELLINGS.get(old);
  return fresh === undefined ? [kind] : [old, fresh];
}

/** Whether it is something in a Kubernetes cluster, which `name` then names. */
export function isInKubernetes({ kind }: Pick<ResourceId, 'kind'>): boolean {
  return kind === 'namespace' || /^kube:(ns|cw):./u.test(kind) || SPELLINGS.has(kind);
}

/**
 * Whether a pattern of kinds is for something that is within such a resource: all of Kubernetes is within a cluster, and what belongs
 * to a namespace within that.
 */
export function holdsKind({ kind }: Pick<ResourceId, 'kind'>, pattern: string): boolean {
  if (kind !== 'kube_cluster' && kind !== 'namespace') return false;
  const inside = (each: string) => each.startsWith('kube:ns:') || (kind === 'kube_cluster' && each !== kind);
  const named = ['namespace', pattern].map((each) => [each, each] as const);
  return [...SPELLINGS, ...named].some(
    ([old, fresh]) =>
      isInKubernetes({ kind: fresh }) &&
      inside(fresh) &&
      (matchesPattern(pattern, old) || matchesPattern(pattern, fresh)),
  );
}

/** Whether this version knows what kind of thing it is. */
export function isKnownKind(resource: Pick<ResourceId, 'kind'>): boolean {
  return KINDS.has(resource.kind) || isInKubernetes(resource);
}

/** Whether this version knows what narrows the access to it; each kind of narrowing is for one kind of resource. */
export function isKnownNarrowing({ kind, constraints }: ResourceId): boolean {
  if (constraints === undefined) return true;
  return constraints.kind !== 'unknown' && NARROWED[constraints.kind] === kind;
}
