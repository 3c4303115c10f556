import { isInKubernetes, type ResourceConstraints, type ResourceId } from './resource.ts';

/** What people may write. */
export const RESOURCE_FORM =
  'kind/name, kind/name/sub-resource or /cluster/kind/name, and may end in |logins=a,b or |role_arns=a,b';

const FORM = /^(?:\/([^/|]+)\/)?([^/|]+)\/((?:(?!\|).)+)(?:\|(logins|role_arns)=((?:(?!\|).)+))?$/u;

/**
 * A resource as Teleport's own tools write it: `/CLUSTER/KIND/NAME`, for Kubernetes with `/NAMESPACE/NAME` or `/NAME` behind it, and
 * with `|logins=a,b` or `|role_arns=a,b` for what narrows it. Without the cluster (`KIND/NAME`) it is in the root cluster. Null for
 * what cannot be read so.
 */
export function writtenResource(written: string, rootCluster: string): ResourceId | null {
  const [, cluster = rootCluster, kind, path, what, values] = FORM.exec(written) ?? [];
  if (kind === undefined || path === undefined) return null;
  const constraints =
    values === undefined ? {} : { constraints: constraintsOf(kind, what, values.split(',')) };
  const named = { cluster, kind, name: path, subResource: '', ...constraints };
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

function constraintsOf(
  kind: string,
  what: string | undefined,
  values: readonly string[],
): ResourceConstraints {
  if (what === 'role_arns') return { kind: 'aws_console', roleArns: values };
  return { kind: kind === 'windows_desktop' ? kind : 'ssh', logins: values };
}
