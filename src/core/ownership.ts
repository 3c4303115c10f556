import type { AccessRequest } from './access-request.ts';
import { factOf, type Facts, type TargetFact } from './facts.ts';
import type { ResourceFacts } from './resources/host-names.ts';
import type { LabelValues } from './resources/labels-reading.ts';
import { labelsOf } from './resources/labels.ts';
import { isInKubernetes, type ResourceId } from './resources/resource.ts';
import { covers } from './resources/scope.ts';
import { unsettledSince, type Settling } from './roster/policies-seen.ts';
import type { Escalation, OnCallTargets, OwnerSource, Policy, Rule } from './rule.ts';
import { rolesUnder } from './rule.ts';
import type { Cause } from './values/cause.ts';
import { durationWords, listed, sanitise } from './values/words.ts';
import { resourceInWords } from './wording/resources.ts';

/** The services that own a thing, any of which will do, and whether a label says so; or why that is not known. */
export type Owner =
  | { readonly services: readonly string[]; readonly byLabel: boolean }
  | { readonly why: Pick<Cause, 'message' | 'transient'> };

/** What tells owners; without what looks at PagerDuty told, which services are to be looked at. */
type Known = ResourceFacts & Partial<Pick<Facts, 'targets' | 'policies'>>;

/** Something that is asked for, with its owner: a resource, or all that a role gives. */
type Owned = {
  readonly owner: Owner;
  readonly words: string;
} & ({ readonly resource: ResourceId } | { readonly role: string });

/** No label is longer that names services; Teleport takes any. */
const LONGEST_LABEL = 1_000;
/** One label names no more services. */
const MOST_SERVICES = 10;
/** Of more owners at once nobody is asked: each has a page of its own. */
export const MOST_OWNERS = 10;

/**
 * The policy as it is for this request: a rule that goes by owners becomes an ordinary one for each owner, for its own things, under
 * `RULE/SERVICE`; and one for all that have no owner that is known, by which nobody is on call. Without such rules it is the policy
 * itself, and of what it gives it gives the same again.
 */
export function policyFor(policy: Policy, request: AccessRequest, known: Known): Policy {
  if (!policy.rules.some(({ onCall }) => onCall.owner !== undefined)) return policy;
  return { ...policy, rules: policy.rules.flatMap((rule) => rulesByOwner(rule, request, known)) };
}

/** The names of all labels that these rules ask for. */
export function labelsAskedBy(rules: readonly Rule[]): readonly string[] {
  const asked = rules.flatMap(({ onCall, when }) => [
    ...(onCall.owner?.label === undefined ? [] : [onCall.owner.label]),
    ...Object.keys(when.resources?.labels ?? {}),
  ]);
  return [...new Set(asked)].sort();
}

/** Every service that a source names itself; labels name others. */
export function servicesNamedBy({ map, ofRole, unowned }: OwnerSource): readonly string[] {
  return [...new Set([...map.flatMap(({ services }) => services), ...Object.values(ofRole).flat(), unowned])];
}

function rulesByOwner(rule: Rule, request: AccessRequest, known: Known): readonly Rule[] {
  const { owner: source, ...onCall } = rule.onCall;
  if (source === undefined) return [rule];
  const things = ownedUnder(rule, source, request, known).map((thing) => ({
    ...thing,
    owner: goodOnly(thing.owner, source, known),
  }));
  const owners = new Map<string, Owned[]>();
  for (const thing of things) {
    const key = nameOf(servicesOf(thing.owner));
    owners.set(key, [...(owners.get(key) ?? []), thing]);
  }
  const orphans = owners.get('') ?? [];
  owners.delete('');
  const plain: Rule = { ...rule, onCall };
  if (owners.size > MOST_OWNERS) {
    const message = `what is asked for belongs to ${owners.size} services: ask for things of at most ${MOST_OWNERS} at once`;
    return [withoutOwner(plain, things, source, { message, transient: false })];
  }
  return [
    ...[...owners].map(([key, theirs]) => withOwner(plain, theirs, { key, source })),
    ...(orphans.length === 0 ? [] : [withoutOwner(plain, orphans, source, whyOf(orphans))]),
  ];
}

function ownedUnder(
  rule: Rule,
  source: OwnerSource,
  request: AccessRequest,
  known: ResourceFacts,
): readonly Owned[] {
  if (request.resources.length > 0) {
    return request.resources.map((resource) => ({
      resource,
      owner: ownerOf(resource, source, known),
      words: resourceInWords(resource, known),
    }));
  }
  return rolesUnder(rule, request).map((role) => ({
    role,
    owner: ownerOfRole(role, source),
    words: `role ${sanitise(role, 100)}`,
  }));
}

function ownerOfRole(role: string, { ofRole }: OwnerSource): Owner {
  const services = inOrder(new Map(Object.entries(ofRole)).get(role) ?? []);
  return services.length > 0
    ? { services, byLabel: false }
    : nobody('it is asked for without resources, and `owner.of_role` names no service that owns all of it');
}

/**
 * The owner without services of which somebody may just have changed the policy: who is on call under that counts for nothing, pages do not
 * go there, and nobody is denied by it. Where none is left, or PagerDuty has none of them, or they are disabled, there is no owner.
 */
function goodOnly(owner: Owner, source: OwnerSource, known: Known): Owner {
  const { targets } = known;
  if (!('services' in owner) || owner.services.length === 0 || targets === undefined) return owner;
  const settling = settlingOf(owner, source);
  const faults = owner.services.map((asked) => {
    const fact = factOf({ kind: 'service', asked }, targets);
    const why = whyNew(fact, settling, known);
    return { asked, isNew: why !== null, why: why ?? whyNone(fact) };
  });
  const whys = faults.map(({ why }) => why).filter((why) => why !== null);
  if (whys.length === faults.length) return nobody(listed(whys));
  return { ...owner, services: faults.filter(({ isNew }) => !isNew).map(({ asked }) => asked) };
}

function whyNew(fact: TargetFact, settling: Settling, { policies }: Known): string | null {
  if (fact.state === 'unknown' || fact.policy === null || policies === undefined) return null;
  const { id: policy, summary } = fact.policy;
  const fresh = unsettledSince({ service: fact.id, policy }, settling, policies);
  if (fresh === null) return null;
  return `its owner, service \`${sanitise(fact.asked, 100)}\`, has been seen with escalation policy \`${sanitise(summary, 100)}\` since ${fresh.since ?? policies.at} only, and counts once that is ${durationWords(settling.ms)} (\`owner.settled\`)`;
}

/** What may be had by asking again is still an owner. */
function whyNone(fact: TargetFact): string | null {
  if (fact.state === 'unknown') return fact.cause.transient ? null : fact.cause.message;
  return fact.disabled ? `its owner, service \`${sanitise(fact.asked, 100)}\`, is disabled` : null;
}

/** Whoever writes the configuration has looked at the services that it names; a label may name any. */
function settlingOf({ byLabel }: { readonly byLabel: boolean }, { settledMs: ms }: OwnerSource): Settling {
  return { ms, orFirst: !byLabel };
}

/** Its label decides; where it has none, the map. INVARIANT (unknown-never-approves): what cannot be read may name somebody else. */
export function ownerOf(resource: ResourceId, source: OwnerSource, known: ResourceFacts): Owner {
  const labelled = isInKubernetes(resource) ? null : ownerByLabel(resource, source, known);
  return labelled ?? ownerByMap(resource, source, known);
}

/** The services that labels name; none for one that is no list of services. */
export function labelledServices(labels: LabelValues): readonly string[] {
  return Object.values(labels).flatMap((text) => servicesIn(text.trim()) ?? []);
}

/** Null where it has no such label. What is within a Kubernetes cluster has none of its own. */
function ownerByLabel(resource: ResourceId, { label }: OwnerSource, known: ResourceFacts): Owner | null {
  if (label === undefined) return null;
  const sets = labelsOf(resource, known, [label]);
  if ('message' in sets) return { why: sets };
  const [text, ...others] = new Set(
    sets.map((labels) => (new Map(Object.entries(labels)).get(label) ?? '').trim()),
  );
  if (others.length > 0) return nobody(`its servers do not agree in label \`${sanitise(label, 100)}\``);
  if (text === undefined || text === '') return null;
  const services = servicesIn(text);
  return services === null
    ? nobody(`its label \`${sanitise(label, 100)}\` is no list of up to ${MOST_SERVICES} services`)
    : { services, byLabel: true };
}

/** Null for what is no list of services. */
function servicesIn(text: string): readonly string[] | null {
  if (text.length > LONGEST_LABEL || !text.isWellFormed()) return null;
  const services = inOrder(text.split(','));
  return services.length === 0 || services.length > MOST_SERVICES ? null : services;
}

function ownerByMap(resource: ResourceId, { label, map }: OwnerSource, known: ResourceFacts): Owner {
  const entries = map.map(({ scope, services }) => ({
    answer: covers(scope, resource, known),
    services: inOrder(services),
  }));
  if (entries.some(({ answer }) => answer === 'unknown'))
    return nobody('it is not known which entries of the map of owners are for it');
  const found = new Map(
    entries.flatMap(({ answer, services }) => (answer === 'met' ? [[nameOf(services), services]] : [])),
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
  const places = [...(label === undefined ? [] : [`label \`${sanitise(label, 100)}\``]), 'entry in the map'];
  return nobody(`it has no ${listed(places, 'or')}`);
}

function withOwner(
  rule: Rule,
  things: readonly Owned[],
  { key, source }: { readonly key: string; readonly source: OwnerSource },
): Rule {
  const services = [...new Set(things.flatMap(({ owner }) => servicesOf(owner)))];
  const byLabel = things.some(({ owner }) => 'services' in owner && owner.byLabel);
  const onCall: OnCallTargets = { ...rule.onCall, services, settled: settlingOf({ byLabel }, source) };
  const { escalate } = rule;
  const [service = null, ...instead] = services;
  return {
    ...limitedTo(rule, things),
    name: `${rule.name}/${key}`,
    onCall,
    escalate:
      escalate?.toOwner === true ? atDesks(escalate, service, [...instead, source.unowned]) : escalate,
  };
}

/** No fact of theirs may deny or approve: a person is asked, by the page for what has no owner. */
function withoutOwner(
  rule: Rule,
  things: readonly Owned[],
  { unowned }: OwnerSource,
  noOwner: Pick<Cause, 'message' | 'transient'>,
): Rule {
  const { escalate, approvers } = rule;
  return {
    ...limitedTo(rule, things),
    name: `${rule.name}/(no owner)`,
    onCall: { ...rule.onCall, noOwner },
    require: { ...rule.require, openIncident: null },
    otherwise: rule.otherwise === 'leave' ? 'leave' : 'escalate',
    escalate: escalate === null ? null : atDesks(escalate, unowned, []),
    approvers: { ...approvers, onCall: approvers.onCall ?? { ...rule.onCall, services: [unowned] } },
  };
}

function limitedTo(rule: Rule, things: readonly Owned[]): Rule {
  const roles = things.flatMap((thing) => ('role' in thing ? [thing.role] : []));
  const owned = things.flatMap((thing) => ('resource' in thing ? [thing.resource] : []));
  return owned.length > 0 ? { ...rule, owned } : { ...rule, roles };
}

/** `instead` stays absent where there are no others. */
function atDesks(escalate: Escalation, service: string | null, others: readonly string[]): Escalation {
  const desks = Object.entries(escalate).filter(([key]) => key !== 'instead');
  const rest = Object.fromEntries(desks) as unknown as Escalation;
  return { ...rest, service, ...(others.length === 0 ? {} : { instead: others }) };
}

function whyOf(orphans: readonly Owned[]): Pick<Cause, 'message' | 'transient'> {
  const causes = orphans.map(({ owner, words }) => ({ ...whyNot(owner), words }));
  const shown = causes.slice(0, 3).map(({ words, message }) => `${words}: ${message}`);
  const more = causes.length > shown.length ? `; and ${causes.length - shown.length} more` : '';
  return {
    message: `no owner is known of ${shown.join('; ')}${more}`,
    transient: causes.every(({ transient }) => transient),
  };
}

/** None where it is not known. */
function servicesOf(owner: Owner): readonly string[] {
  return 'services' in owner ? owner.services : [];
}

/** A map that names a blank for a service names none. */
function whyNot(owner: Owner): Pick<Cause, 'message' | 'transient'> {
  return 'why' in owner ? owner.why : { message: 'no service is named', transient: false };
}

function nobody(message: string): Owner {
  return { why: { message, transient: false } };
}

/** The same services are the same owner, in whatever order. */
function inOrder(services: readonly string[]): readonly string[] {
  return [...new Set(services.map((each) => each.trim()).filter((each) => each !== ''))].sort();
}

/** Each owner has its own: what could be mistaken for another, or has a meaning in a name, is written as its number. */
function nameOf(services: readonly string[]): string {
  const safe = (text: string) =>
    text.replace(
      /[^\p{L}\p{N} ._-]/gu,
      (each) =>
        `%${Array.from({ length: each.length }, (_, at) => each.charCodeAt(at).toString(16)).join('-')};`,
    );
  return services.map(safe).join(',');
}
