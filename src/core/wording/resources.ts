import { hostNameOf, needsHostName, type ResourceFacts } from '../resources/host-names.ts';
import { labelsOf } from '../resources/labels.ts';
import { isOpen } from '../resources/requested-text.ts';
import { isInKubernetes, spellingsOf, type ResourceId } from '../resources/resource.ts';
import { sanitise, listed } from '../values/words.ts';
import { NAME_MAX } from './phrases.ts';

/** Longer lists nobody reads. */
const SHOWN_MAX = 50;

/** Resources for people, at most fifty of them; fit to be shown. `changed` is what is done with the words for each. */
export function resourcesInWords(
  resources: readonly ResourceId[],
  known: ResourceFacts,
  changed: (words: string, resource: ResourceId) => string = (words) => words,
): string {
  const names = resources.slice(0, SHOWN_MAX).map((each) => changed(resourceInWords(each, known), each));
  return resources.length <= SHOWN_MAX
    ? listed(names)
    : `${names.join(', ')} and ${resources.length - SHOWN_MAX} more, which Teleport shows`;
}

/** What of its labels is known, beside the resource; empty where none is. */
export function labelsInWords(resource: ResourceId, known: ResourceFacts): string {
  const sets = labelsOf(resource, known, []);
  if ('message' in sets) return '';
  const words = sets.flatMap((labels) =>
    Object.entries(labels).map(([name, value]) => text(`${name}=${value}`)),
  );
  return words.length === 0 ? '' : ` {${[...new Set(words)].join(', ')}}`;
}

/**
 * A resource for people: its kind and name, where it is, and what narrows the access to it, as in `pod payments/db-0 in cluster
 * prod-eu`. Nodes by their host name, beside the id that stands in the request. Fit to be shown.
 */
export function resourceInWords(resource: ResourceId, known: ResourceFacts): string {
  const thing = isInKubernetes(resource) ? inKubernetes(resource) : nameInWords(resource, known);
  return `${thing}${leafInWords(resource, known)}${narrowed(resource)}`;
}

function nameInWords(resource: ResourceId, known: ResourceFacts): string {
  const { kind, name, subResource } = resource;
  const plain = text(subResource === '' ? `${kind} ${name}` : `${kind} ${name}/${subResource}`);
  if (known.hostNames === undefined || !needsHostName(resource, known.rootCluster ?? null)) return plain;
  const hostname = hostNameOf(resource, known);
  if (hostname !== null) return hostname === name ? plain : `${kind} ${text(hostname)} (${text(name)})`;
  return known.hostNames.state === 'not-asked' ? plain : `${plain} (host name not known)`;
}

function inKubernetes({ kind, name, subResource }: ResourceId): string {
  const [spelling = kind] = spellingsOf(kind);
  const where = ` in cluster ${text(name)}`;
  const [namespace = '', ...rest] = subResource.split('/');
  const all = `all of kind ${text(spelling)}`;
  if (spelling === 'namespace') {
    if (subResource === '' || subResource === '*') return `all namespaces${where}`;
    return `${isOpen(subResource) ? 'all namespaces like' : 'all of namespace'} ${text(subResource)}${where}`;
  }
  const things = spelling === 'pod' ? 'all pods' : spelling === 'kube:ns:*.*' ? 'everything' : all;
  if (subResource === '' || subResource === '*' || subResource === '*/*') return `${things}${where}`;
  if (!isOpen(namespace) && rest.join('/') === '*')
    return `${things} of namespace ${text(namespace)}${where}`;
  if (isOpen(subResource) || isOpen(kind)) return `${things} like ${text(subResource)}${where}`;
  return `${text(spelling)} ${text(subResource)}${where}`;
}

function leafInWords({ cluster }: ResourceId, { rootCluster }: ResourceFacts): string {
  if (cluster === '' || cluster === rootCluster) return '';
  const isLeaf = rootCluster !== undefined && rootCluster !== null;
  return ` in ${isLeaf ? 'leaf' : 'Teleport'} cluster ${text(cluster)}`;
}

function narrowed({ constraints }: ResourceId): string {
  switch (constraints?.kind) {
    case undefined:
      return '';
    case 'unknown':
      return ', narrowed in a way this version does not know';
    case 'aws_console':
      return ` with role ${listed(constraints.roleArns.map(text), 'or')}`;
    case 'ssh':
    case 'windows_desktop':
      return ` as ${listed(constraints.logins.map(text), 'or')}`;
  }
}

function text(name: string): string {
  return sanitise(name, NAME_MAX);
}
