import { badParameter, notImplemented } from './errors.ts';
import type { Node, Role } from './model.ts';
import { matchesAny } from './permissions.ts';
import { matchesPredicate } from './predicate.ts';
import type { CallContext } from './rpc.ts';

interface WireListResources {
  readonly ResourceType: string;
  readonly Limit: number;
  readonly StartKey: string;
  readonly PredicateExpression: string;
  readonly UseSearchAsRoles: boolean;
  readonly UsePreviewAsRoles: boolean;
}

const DEFAULT_PAGE = 1_000;
/** Types that Teleport lists and of which this cluster has nothing. */
const EMPTY = ['app_server', 'db_server', 'kube_server', 'windows_desktop', 'user_group', 'git_server'];

/**
 * Teleport: everybody may list nodes, and sees those whose labels a role of theirs names; the others are left out without a word. With
 * search or preview roles the caller has more of them for this one call, and then it is written into the audit log.
 */
export function listResources(request: WireListResources, { cluster, roles }: CallContext) {
  if (request.Limit < 0) throw badParameter('nonpositive parameter limit');
  if (request.ResourceType !== 'node' && !EMPTY.includes(request.ResourceType)) {
    throw notImplemented(`resource type "${request.ResourceType}" does not support pagination`);
  }
  const more = roles.flatMap(({ allow }) => [
    ...(request.UseSearchAsRoles ? (allow.request?.searchAsRoles ?? []) : []),
    ...(request.UsePreviewAsRoles ? (allow.reviewRequests?.previewAsRoles ?? []) : []),
  ]);
  const grown = [...new Set(more)].filter((name) => !roles.some((role) => role.name === name));
  if (grown.length > 0) cluster.searches.push({ roles: grown, predicate: request.PredicateExpression });
  const seeing = [...roles, ...cluster.directory.rolesNamed(grown)];
  const found = request.ResourceType === 'node' ? [...cluster.nodes.values()] : [];
  const visible = found
    .filter((node) => seeing.some((role) => sees(role, node)))
    .filter(({ id }) =>
      matchesPredicate(request.PredicateExpression, { resource: { metadata: { name: id } } }),
    )
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .filter(({ id }) => id >= request.StartKey);
  const size = request.Limit === 0 ? DEFAULT_PAGE : request.Limit;
  return {
    Resources: visible.slice(0, size).map(({ id, hostname }) => ({
      Node: {
        Kind: 'node',
        Version: 'v2',
        Metadata: { Name: id, Namespace: 'default' },
        Spec: { Hostname: hostname },
      },
    })),
    NextKey: visible[size]?.id ?? '',
  };
}

function sees({ allow, deny }: Role, { labels }: Node): boolean {
  const has = (wanted: Role['allow']['nodeLabels']) =>
    wanted !== undefined &&
    Object.entries(wanted).every(([key, values]) => key === '*' || matchesAny(values, labels[key] ?? ''));
  return has(allow.nodeLabels) && !has(deny?.nodeLabels);
}
