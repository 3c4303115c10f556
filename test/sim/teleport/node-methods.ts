import { badParameter, notImplemented } from './errors.ts';
import type { Labelled, Role } from './model.ts';
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
/** By the types that Teleport lists, the kinds that requests have. */
const KINDS = new Map(
  Object.entries({
    ...{ node: 'node', app_server: 'app', db_server: 'db', kube_server: 'kube_cluster' },
    ...{ windows_desktop: 'windows_desktop', git_server: 'git_server', user_group: 'user_group' },
  }),
);

/**
 * Teleport: everybody may list nodes, and sees those whose labels a role of theirs names; the others are left out without a word. With
 * search or preview roles the caller has more of them for this one call, and then it is written into the audit log.
 */
export function listResources(request: WireListResources, { cluster, roles }: CallContext) {
  if (request.Limit < 0) throw badParameter('nonpositive parameter limit');
  const kind = KINDS.get(request.ResourceType);
  if (kind === undefined) {
    throw notImplemented(`resource type "${request.ResourceType}" does not support pagination`);
  }
  const more = roles.flatMap(({ allow }) => [
    ...(request.UseSearchAsRoles ? (allow.request?.searchAsRoles ?? []) : []),
    ...(request.UsePreviewAsRoles ? (allow.reviewRequests?.previewAsRoles ?? []) : []),
  ]);
  const grown = [...new Set(more)].filter((name) => !roles.some((role) => role.name === name));
  if (grown.length > 0) cluster.searches.push({ roles: grown, predicate: request.PredicateExpression });
  const seeing = [...roles, ...cluster.directory.rolesNamed(grown)];
  const found =
    kind === 'node'
      ? [...cluster.nodes.values()].map(({ id, ...node }) => ({ ...node, kind, name: id }))
      : cluster.labelled.filter((each) => each.kind === kind);
  const visible = found
    .filter((each) => seeing.some((role) => sees(role, each)))
    .filter(({ name }) => matchesPredicate(request.PredicateExpression, { resource: { metadata: { name } } }))
    .map((each, index) => ({ ...each, key: `${each.name}/${index}` }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .filter(({ key }) => key >= request.StartKey);
  const size = request.Limit === 0 ? DEFAULT_PAGE : request.Limit;
  return { Resources: visible.slice(0, size).map(toWire), NextKey: visible[size]?.key ?? '' };
}

/** The server that carries an app, database or cluster has a name and labels of its own. */
function toWire({ kind, name, labels, ...host }: Listed) {
  const dynamic = Object.fromEntries(
    Object.entries(host.dynamic ?? {}).map(([label, Result]) => [label, { Command: ['command'], Result }]),
  );
  const Metadata = { Name: name, Namespace: 'default', Labels: labels };
  const server = (spec: object) => ({
    Metadata: { Name: 'agent', Labels: { owner: 'of the agent' } },
    Spec: spec,
  });
  switch (kind) {
    case 'node':
      return {
        Node: {
          Kind: 'node',
          Version: 'v2',
          Metadata,
          Spec: { Hostname: host.hostname, CmdLabels: dynamic },
        },
      };
    case 'app':
      return { AppServer: server({ App: { Metadata, Spec: { DynamicLabels: dynamic } } }) };
    case 'db':
      return { DatabaseServer: server({ Database: { Metadata, Spec: { DynamicLabels: dynamic } } }) };
    case 'kube_cluster':
      return { KubernetesServer: server({ Cluster: { Metadata, Spec: { DynamicLabels: dynamic } } }) };
    case 'windows_desktop':
      return { WindowsDesktop: { Header: { Metadata } } };
    default:
      return { git_server: { Kind: kind, Metadata } };
  }
}

type Listed = Omit<Labelled, 'kind'> & { readonly kind: string; readonly hostname?: string };

const LABELS_OF = new Map<
  string,
  'nodeLabels' | 'appLabels' | 'dbLabels' | 'kubernetesLabels' | 'windowsDesktopLabels'
>([
  ['node', 'nodeLabels'],
  ['app', 'appLabels'],
  ['db', 'dbLabels'],
  ['kube_cluster', 'kubernetesLabels'],
  ['windows_desktop', 'windowsDesktopLabels'],
]);

/** Teleport: by the labels that the role has for this kind, those of commands included; git servers by their organization. */
function sees({ allow, deny }: Role, { kind, labels, dynamic, organization = '' }: Listed): boolean {
  const all = { ...labels, ...dynamic };
  const key = LABELS_OF.get(kind);
  const has = (side: Partial<Role['allow']> = {}): boolean => {
    if (key === undefined) return matchesAny(side.githubOrganizations ?? [], organization);
    const wanted = side[key];
    return (
      wanted !== undefined &&
      Object.entries(wanted).every(([label, values]) => label === '*' || matchesAny(values, all[label] ?? ''))
    );
  };
  return has(allow) && !has(deny);
}
