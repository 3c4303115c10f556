import { isInKubernetes, type ResourceConstraints, type ResourceId } from './resource.ts';

/** What people may write. */
export const RESOURCE_FORM =
  'kind/name, kind/name/sub-resource or /cluster/kind/name, and may end in |logins=a,b or |role_arns=a,b';

/**
 * A resource as Teleport's own tools write it: `/CLUSTER/KIND/NAME`, for Kubernetes with `/NAMESPACE/NAME` or `/NAME` behind it, and
 * with `|logins=a,b` or `|role_arns=a,b` for what narrows it. Without the cluster (`KIND/NAME`) it is in the root cluster. Null for
 * what cannot be read so.
 */
export function writtenResource(written: string, rootCluster: string): ResourceId | null {
  const [id = '', narrowing, ...more] = written.split('|');
  const [, cluster = rootCluster, kind = '', path = ''] = /^(?:\/([^/]+)\/)?([^/]+)\/(.+)$/u.exec(id) ?? [];
  const constraints = narrowing === undefined ? undefined : constraintsOf(kind, narrowing);
  if (path === '' || constraints === null || more.length > 0) return null;
  const named = {
    cluster,
    kind,
    name: path,
    subResource: '',
    ...(constraints === undefined ? {} : { constraints }),
  };
  if (!isInKubernetes(named)) return named;
  // Names of clusters may have slashes, those in Kubernetes do not.
  const parts = path.split('/');
  const subParts = kind === 'namespace' || kind.startsWith('kube:cw:') ? 1 : 2;
  if (parts.length <= subParts) return named;
  return {
    ...named,
    name: parts.slice(0, -subParts).join('/'),
    subResource: parts.slice(-subParts).join('/'),
  };
}

function constraintsOf(kind: string, narrowing: string): ResourceConstraints | null {
  const [, what, list = ''] = /^(logins|role_arns)=(.+)$/u.exec(narrowing) ?? [];
  if (what === undefined) return null;
  const values = list.split(',');
  if (what === 'role_arns') return { kind: 'aws_console', roleArns: values };
  return { kind: kind === 'windows_desktop' ? kind : 'ssh', logins: values };
}
