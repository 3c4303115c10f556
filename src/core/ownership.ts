import type { AccessRequest } from './access-request.ts';
import { factOf, type Facts, type TargetFact } from './facts.ts';
import { inOrder, labelledNames, nobody, ownerOf, safe, type Owner } from './owners/owner-of.ts';
import { labelsIn, mayConcern, type KnownOfFields } from './owners/by-field.ts';
import { byPolicies, desksOfTeams, teamsNamedBy, whyNoTeam } from './owners/by-team.ts';
import type { OwnershipReading } from './owners/reading.ts';
import type { ResourceFacts } from './resources/host-names.ts';
import type { ResourceId } from './resources/resource.ts';
import { unsettledSince, type Settling } from './roster/policies-seen.ts';
import type { Escalation, OnCallTargets, OwnerSource, Policy, Rule } from './rule.ts';
import { rolesUnder } from './rule.ts';
import type { Cause } from './values/cause.ts';
import { durationWords, listed, sanitise } from './values/words.ts';
import { resourceInWords } from './wording/resources.ts';

/** What tells owners; without what looks at PagerDuty told, which services are to be looked at. */
type Known = KnownOfFields & Partial<Pick<Facts, 'targets' | 'policies'>>;

/** Something that is asked for, with its owner: a resource, or all that a role gives. */
type Owned = {
  readonly owner: Owner;
  readonly words: string;
} & ({ readonly resource: ResourceId } | { readonly role: string });

/** Of more owners at once nobody is asked: each has a page of its own. */
export const MOST_OWNERS = 10;

/**
 * The policy as it is for this request: a rule that goes by owners becomes an ordinary one for each owner, for its own things, under
 * `RULE/SERVICE`; and one for all that have no owner that is known, by which nobody is on call. Teams become their escalation policies.
 * Without such rules it is the policy itself, and of what it gives it gives the same again.
 */
export function policyFor(policy: Policy, request: AccessRequest, known: Known): Policy {
  if (!policy.rules.some(goesByOwners)) return policy;
  const rules = policy.rules.flatMap((rule) => rulesByOwner(rule, request, known));
  return { ...policy, rules: rules.map((rule) => byPolicies(rule, known.ownership)) };
}

/** Whether a rule is such a one, which is asked at each step of each request: no list is made for it. */
function goesByOwners({ onCall, approvers }: Rule): boolean {
  return onCall.owner !== undefined || onCall.teams !== undefined || approvers.onCall?.teams !== undefined;
}

/** The names of all labels that these rules ask for, and those by which fields go. */
export function labelsAskedBy(
  rules: readonly Rule[],
  ownership?: Pick<OwnershipReading, 'fields'>,
): readonly string[] {
  const asked = rules.flatMap(({ onCall: { owner }, when }) => [
    ...[owner?.label, owner?.teamLabel].filter((each) => each !== undefined),
    ...(owner?.field === undefined || ownership === undefined ? [] : labelsIn(ownership)),
    ...Object.keys(when.resources?.labels ?? {}),
  ]);
  return [...new Set(asked)].sort();
}

/** Of all that is at hand of teams and fields what decides here: that alone is written down. */
export function concerning(
  { teams, fields, asked }: OwnershipReading,
  { resources }: AccessRequest,
  known: Known,
  rules: readonly Rule[],
): OwnershipReading {
  const labelled = known.labels?.state === 'known' ? known.labels.resources : [];
  const named = new Set([
    ...rules.flatMap(teamsNamedBy),
    ...labelled.flatMap(({ labels }) => labels.flatMap(labelledNames)),
  ]);
  const ids = new Set(known.targets?.flatMap((fact) => (fact.state === 'known' ? [fact.id] : [])));
  return {
    teams: teams.filter((fact) => named.has(fact.asked)),
    fields: fields.filter((fact) => ids.has(fact.service.id) || mayConcern(fact, resources, known)),
    asked,
  };
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
    const key = keyOf(thing.owner);
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
    ...[...owners].map(([key, theirs]) => withOwner(plain, theirs, { key, source, known })),
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
 * go there, and nobody is denied by it; the same of teams without a policy that counts. Where none is left, or PagerDuty has none of them, or
 * they are disabled, there is no owner.
 */
function goodOnly(owner: Owner, source: OwnerSource, known: Known): Owner {
  const { targets } = known;
  if (!('services' in owner) || targets === undefined) return owner;
  const { services, teams = [] } = owner;
  if (services.length + teams.length === 0) return owner;
  const settling = settlingOf(owner, source);
  const faults = services.map((asked) => {
    const fact = factOf({ kind: 'service', asked }, targets);
    const why = whyNew(fact, settling, known);
    return { asked, isNew: why !== null, why: why ?? whyNone(fact) };
  });
  const ofTeams = teams.map((asked) => whyNoTeam(asked, settling, known.ownership));
  const whys = [...faults.map(({ why }) => why), ...ofTeams];
  if (whys.every((why) => why !== null)) return nobody(listed(whys));
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

function withOwner(
  rule: Rule,
  things: readonly Owned[],
  { key, source, known }: { readonly key: string; readonly source: OwnerSource; readonly known: Known },
): Rule {
  const owners = things.map(({ owner }) => namedBy(owner));
  const services = [...new Set(owners.flatMap((each) => each.services))];
  const names = [...new Set(owners.flatMap(({ teams }) => teams))];
  const settled = settlingOf({ byLabel: owners.some(({ byLabel }) => byLabel) }, source);
  const onCall: OnCallTargets = {
    ...{ ...rule.onCall, services, settled },
    ...(names.length === 0 ? {} : { teams: { names, settled } }),
  };
  const { escalate } = rule;
  const desks = [
    ...desksNamed(services, escalate, known),
    ...services,
    ...desksOfTeams(names, known.ownership),
  ];
  const [service = source.unowned, ...instead] = [...new Set([...desks, source.unowned])];
  return {
    ...limitedTo(rule, things),
    name: `${rule.name}/${key}`,
    onCall,
    escalate: escalate?.toOwner === true ? atDesks(escalate, service, instead) : escalate,
  };
}

/** The services that owners name by a field to be paged in their place: whose answer counts is the same. */
function desksNamed(
  services: readonly string[],
  escalate: Escalation | null,
  { targets = [], ownership }: Known,
): readonly string[] {
  const field = escalate?.ownerField;
  const ids = services.flatMap((asked) => {
    const fact = factOf({ kind: 'service', asked }, targets);
    return fact.state === 'known' ? [fact.id] : [];
  });
  const said = ownership?.fields.flatMap((fact) =>
    fact.field === field && fact.state === 'known' && ids.includes(fact.service.id)
      ? fact.values.filter(({ gone }) => gone === undefined).map(({ id }) => id.trim())
      : [],
  );
  return said ?? [];
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

/** Each owner has its own; empty where it is not known. */
function keyOf(owner: Owner): string {
  const { services, teams } = namedBy(owner);
  return [...services.map(safe), ...teams.map((each) => `team:${safe(each)}`)].join(',');
}

/** Nobody where it is not known. */
function namedBy(owner: Owner) {
  return 'services' in owner ? { teams: [], ...owner } : { services: [], teams: [], byLabel: false };
}

/** A map that names a blank for a service names none. */
function whyNot(owner: Owner): Pick<Cause, 'message' | 'transient'> {
  return 'why' in owner ? owner.why : { message: 'no service is named', transient: false };
}
