import { covers } from '../resources/scope.ts';
import type { ResourceFacts } from '../resources/host-names.ts';
import type { LabelValues } from '../resources/labels-reading.ts';
import { labelsOf } from '../resources/labels.ts';
import { isInKubernetes, type ResourceId } from '../resources/resource.ts';
import type { OwnerSource } from '../rule.ts';
import type { Cause } from '../values/cause.ts';
import { listed, sanitise } from '../values/words.ts';
import { ownerByField, type KnownOfFields } from './by-field.ts';

/**
 * The services, or the teams, that own a thing, any of which will do, and whether others than the configuration say so, by labels or fields;
 * or why that is not known.
 */
export type Owner =
  | {
      readonly services: readonly string[];
      readonly teams?: readonly string[];
      readonly byLabel: boolean;
    }
  | { readonly why: Pick<Cause, 'message' | 'transient'> };

/** No label is longer that names services; Teleport takes any. */
const LONGEST_LABEL = 1_000;
/** One label names no more services. */
const MOST_SERVICES = 10;
/** Its labels decide; where it has none a field, else the map. INVARIANT (unknown-never-approves): what cannot be read may name somebody else. */
export function ownerOf(resource: ResourceId, source: OwnerSource, known: KnownOfFields): Owner {
  const told = isInKubernetes(resource) ? null : ownerByLabels(resource, source, known);
  return told ?? ownerByMap(resource, source, known);
}

/** What is within a Kubernetes cluster has no labels of its own. */
function ownerByLabels(
  resource: ResourceId,
  { label, teamLabel, field, settledMs }: OwnerSource,
  known: KnownOfFields,
): Owner | null {
  const services = label === undefined ? null : namedByLabel(resource, label, known);
  if (services !== null) return 'why' in services ? services : { services: services.names, byLabel: true };
  const teams = teamLabel === undefined ? null : namedByLabel(resource, teamLabel, known);
  if (teams !== null) return 'why' in teams ? teams : { services: [], teams: teams.names, byLabel: true };
  const found = field === undefined ? null : ownerByField(resource, { field, settledMs }, known);
  return found === null || 'why' in found ? found : { services: [found.service], byLabel: true };
}

/** The services, or teams, that labels name; none for one that is no list of them. */
export function labelledNames(labels: LabelValues): readonly string[] {
  return Object.values(labels).flatMap((text) => servicesIn(text.trim()) ?? []);
}

/** The services, or teams, that a label names; null where the resource has no such label. */
function namedByLabel(
  resource: ResourceId,
  label: string,
  known: ResourceFacts,
): { readonly names: readonly string[] } | { readonly why: Pick<Cause, 'message' | 'transient'> } | null {
  const sets = labelsOf(resource, known, [label]);
  if ('message' in sets) return { why: sets };
  const [text, ...others] = new Set(
    sets.map((labels) => (new Map(Object.entries(labels)).get(label) ?? '').trim()),
  );
  if (others.length > 0)
    return { why: whyNobody(`its servers do not agree in label \`${sanitise(label, 100)}\``) };
  if (text === undefined || text === '') return null;
  const names = servicesIn(text);
  return names === null
    ? {
        why: whyNobody(`its label \`${sanitise(label, 100)}\` is no list of up to ${MOST_SERVICES} services`),
      }
    : { names };
}

/** Null for what is no list of services. */
function servicesIn(text: string): readonly string[] | null {
  if (text.length > LONGEST_LABEL || !text.isWellFormed()) return null;
  const services = inOrder(text.split(','));
  return services.length === 0 || services.length > MOST_SERVICES ? null : services;
}

function ownerByMap(
  resource: ResourceId,
  { label, teamLabel, field, map }: OwnerSource,
  known: ResourceFacts,
): Owner {
  const entries = map.map(({ scope, services }) => ({
    answer: covers(scope, resource, known),
    services: inOrder(services),
  }));
  if (entries.some(({ answer }) => answer === 'unknown'))
    return nobody('it is not known which entries of the map of owners are for it');
  const found = new Map(
    entries.flatMap(({ answer, services }) =>
      answer === 'met' ? [[services.map(safe).join(','), services]] : [],
    ),
  );
  const [services, ...others] = found.values();
  if (others.length > 0)
    return nobody(
      `the map of owners names ${listed(
        [...found.keys()].map((each) => sanitise(each, 100)),
        'and',
      )}`,
    );
  if (services !== undefined) return { services, byLabel: false };
  const labels = [label, teamLabel].filter((each) => each !== undefined);
  const places = [
    ...labels.map((each) => `label \`${sanitise(each, 100)}\``),
    ...(field === undefined ? [] : [`service with field \`${sanitise(field.name, 100)}\` for it`]),
    'entry in the map',
  ];
  return nobody(`it has no ${listed(places, 'or')}`);
}

export function nobody(message: string): Owner {
  return { why: whyNobody(message) };
}

function whyNobody(message: string): Pick<Cause, 'message' | 'transient'> {
  return { message, transient: false };
}

/** The same services are the same owner, in whatever order. */
export function inOrder(services: readonly string[]): readonly string[] {
  return [...new Set(services.map((each) => each.trim()).filter((each) => each !== ''))].sort();
}

/** What could be mistaken for another, or has a meaning in a name, is written as its number. */
export function safe(name: string): string {
  return name.replace(
    /[^\p{L}\p{N} ._-]/gu,
    (each) =>
      `%${Array.from({ length: each.length }, (_, at) => each.charCodeAt(at).toString(16)).join('-')};`,
  );
}
