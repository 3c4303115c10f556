import { covers } from '../core/on-call.ts';
import { ownerOf } from '../core/owners/owner-of.ts';
import { labelsAskedBy, servicesNamedBy } from '../core/ownership.ts';
import { LABELLED_KINDS } from '../core/resources/labels.ts';
import { covers as isInScope } from '../core/resources/scope.ts';
import { teamOf, type OwnershipReading } from '../core/owners/reading.ts';
import type { KnownOfFields } from '../core/owners/by-field.ts';
import { selectorOf } from '../core/owners/selector.ts';
import type { PolicySeen } from '../core/roster/policies-seen.ts';
import type { Ownership } from '../ports/ownership.ts';
import { canonicalName, looksLikeId } from '../core/roster/pin.ts';
import type { OwnerSource, Rule } from '../core/rule.ts';
import type { Ask, OnCallAnswer, OnCallDirectory, Service } from '../ports/pagerduty.ts';
import type { ListedResource, ResourceList } from '../ports/teleport.ts';
import { CarriedBySeveral, type Found } from './carried-by-several.ts';

/** A service or team that owns something, as a label, a field or the map has it, and who is on call for it now. */
export interface OwnerNow {
  readonly asked: string;
  /** Whether a team is asked for; absent for a service. */
  readonly team?: true;
  /** Its name; null where PagerDuty has none by that name, or several, or it is disabled. */
  readonly service: string | null;
  readonly onCall: readonly string[];
}

/** Whose a resource is by a rule; none, and why, where that is not known. */
export interface SurveyedResource {
  readonly kind: string;
  readonly name: string;
  readonly hostName: string | null;
  readonly rule: string;
  readonly owners: readonly OwnerNow[];
  readonly why: string | null;
}

export interface OwnersSummary {
  /** What some rule by owners is for, once for each of these. */
  readonly resources: number;
  readonly unowned: number;
  /** What labels and maps name and is no service that pages, by the number of resources that it would own. */
  readonly missing: Readonly<Record<string, number>>;
  /** Fields that say nothing that can be understood, or that would be for everything, by service. */
  readonly misread: Readonly<Record<string, string>>;
  /** Services of PagerDuty that own nothing. */
  readonly idle: readonly string[];
}

export interface Survey {
  readonly rules: readonly Rule[];
  readonly rootCluster: string | null;
  readonly resources: ResourceList;
  readonly ownership: Ownership;
  readonly directory: Pick<OnCallDirectory, 'everyService' | 'onCallsUnder'>;
  /** Told of each resource as it is found. */
  readonly onResource: (resource: SurveyedResource) => void;
}

/** So many policies are asked for in one call. */
const MOST_POLICIES = 50;

/** Carried by several servers, which may differ, and stand anywhere in the list. */
const BY_SEVERAL: ReadonlySet<string> = new Set(['app', 'db', 'kube_cluster']);

/** An owner as it is written. */
interface Asked {
  readonly asked: string;
  readonly team?: true;
}

type OwnerRule = Rule & { readonly onCall: { readonly owner: OwnerSource } };

/**
 * Everything that the service may see and a rule by owners is for, with its owner and who is on call for it; memory holds a page of it. What
 * several servers may carry comes by name, once all of its kind was listed. Throws TeleportError, PagerDutyError, and an Error where so much
 * cannot be put aside (`CarriedBySeveral`).
 */
export async function surveyOwners(
  { rules: all, rootCluster, resources, ownership, directory, onResource }: Survey,
  ask: Ask,
): Promise<OwnersSummary> {
  const rules = all.filter((rule): rule is OwnerRule => rule.onCall.owner !== undefined && !rule.breakGlass);
  const reading = ownership.reading(rules);
  const names = labelsAskedBy(rules, reading);
  const cluster = { rootCluster, ...(reading === undefined ? {} : { ownership: reading }) };
  const services = bookOf(await directory.everyService(ask));
  const onCall = new Map<string, OnCallAnswer>();
  const used = new Set(
    rules.flatMap(({ onCall: { owner } }) =>
      servicesNamedBy(owner).map((asked) => services(asked)?.id ?? ''),
    ),
  );
  const missing = new Map<string, number>();
  let [count, unowned] = [0, 0];

  async function look(kind: string, found: readonly Found[]): Promise<void> {
    const rows = found.flatMap((each) => rules.flatMap((rule) => owned(kind, each, rule, cluster) ?? []));
    await readOnCall([...new Set(rows.flatMap(({ asked }) => asked.flatMap(policiesOf)))]);
    for (const { asked, rule, ...row } of rows) {
      count += 1;
      if (asked.length === 0) unowned += 1;
      const owners = asked.map((each) => ownerNow(each, rule));
      onResource({ ...row, rule: rule.name, owners });
    }
  }

  async function readOnCall(policies: readonly string[]): Promise<void> {
    const unread = policies.filter((id) => !onCall.has(id));
    for (let from = 0; from < unread.length; from += MOST_POLICIES) {
      const ids = unread.slice(from, from + MOST_POLICIES);
      const answer = await directory.onCallsUnder(ids, null, ask);
      for (const id of ids) onCall.set(id, answer);
    }
  }

  function policiesOf({ asked, team }: Asked): readonly string[] {
    if (team !== true) return [services(asked)?.escalationPolicy.id ?? []].flat();
    const fact = teamOf(asked, reading);
    return fact.state === 'unknown' ? [] : idsPresent(fact.policies);
  }

  function ownerNow(each: Asked, { onCall: { maxLevel, permanent } }: Rule): OwnerNow {
    const name = nameOf(each);
    if (name === null) {
      const shown = each.team === true ? `team ${each.asked}` : each.asked;
      missing.set(shown, (missing.get(shown) ?? 0) + 1);
      return { ...each, service: null, onCall: [] };
    }
    used.add(services(each.asked)?.id ?? '');
    const people = policiesOf(each).flatMap((policy) => {
      const answer = onCall.get(policy);
      const counted = answer?.rows.filter(
        (row) =>
          row.escalation_policy?.id === policy &&
          row.escalation_level <= maxLevel &&
          (permanent || row.schedule !== null) &&
          covers(row, answer.at),
      );
      return counted?.map(({ user }) => user.summary) ?? [];
    });
    return { ...each, service: name, onCall: [...new Set(people)] };
  }

  function nameOf({ asked, team }: Asked): string | null {
    if (team !== true) return services(asked)?.summary ?? null;
    const fact = teamOf(asked, reading);
    return fact.state === 'unknown' ? null : fact.name;
  }

  for (const kind of LABELLED_KINDS) {
    using carried = BY_SEVERAL.has(kind) ? new CarriedBySeveral() : null;
    for await (const page of resources.pages({ kind, names }, ask.signal)) {
      if (carried === null) await look(kind, page.map(alone));
      else carried.add(page);
    }
    for (const batch of carried?.batches() ?? []) {
      await look(kind, batch);
      // Whoever else waits gets a turn, and what was printed is let go.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const idle = services.all
    .filter(({ id, status }) => !used.has(id) && status !== 'disabled')
    .map(({ summary }) => summary);
  return {
    ...{ resources: count, unowned, missing: Object.fromEntries(missing) },
    ...{ misread: misreadIn(rules, reading), idle: idle.sort() },
  };
}

/** Problems that somebody should mend; that a service owns nothing is none. */
export function hasGaps({ unowned, missing, misread }: OwnersSummary): boolean {
  return unowned > 0 || Object.keys(missing).length > 0 || Object.keys(misread).length > 0;
}

function misreadIn(
  rules: readonly OwnerRule[],
  reading: OwnershipReading | undefined,
): Readonly<Record<string, string>> {
  const names = new Set(rules.map(({ onCall: { owner } }) => owner.field?.name));
  const said = (reading?.fields ?? []).flatMap((fact) =>
    fact.state === 'known' && names.has(fact.field)
      ? idsPresent(fact.values).map((text) => [fact.service.summary, text] as const)
      : [],
  );
  return Object.fromEntries(said.filter(([, text]) => selectorOf(text) === null));
}

function idsPresent(seen: readonly PolicySeen[]): readonly string[] {
  return seen.flatMap(({ id, gone }) => (gone === undefined ? [id] : []));
}

function alone({ labels, ...resource }: ListedResource): Found {
  return { ...resource, labels: [labels] };
}

/** Null for what the rule is not for. */
function owned(
  kind: string,
  { name, hostName, labels }: Found,
  rule: OwnerRule,
  cluster: Pick<KnownOfFields, 'rootCluster' | 'ownership'>,
): (Omit<SurveyedResource, 'owners' | 'rule'> & { asked: readonly Asked[]; rule: Rule }) | null {
  const resource = { cluster: cluster.rootCluster ?? '', kind, name, subResource: '' };
  const names = hostName === null ? [] : [{ id: name, hostname: hostName }];
  const known = {
    ...cluster,
    hostNames: { state: 'known', names },
    labels: { state: 'known', resources: [{ kind, name, labels }] },
  } as const;
  if (isInScope(rule.when.resources, resource, known) === 'not-met') return null;
  const owner = ownerOf(resource, rule.onCall.owner, known);
  if ('why' in owner) return { kind, name, hostName, rule, asked: [], why: owner.why.message };
  const { services, teams = [] } = owner;
  const asked = [
    ...services.map((each): Asked => ({ asked: each })),
    ...teams.map((each): Asked => ({ asked: each, team: true })),
  ];
  return { kind, name, hostName, rule, asked, why: null };
}

/** Services by id, or exact name, as they are looked up for a decision; null for none, several, and those that are disabled. */
function bookOf(all: readonly Service[]): ((asked: string) => Service | null) & { all: readonly Service[] } {
  const byId = new Map(all.map((service) => [service.id, service]));
  const byName = Map.groupBy(all, ({ summary }) => canonicalName(summary));
  const find = (asked: string): Service | null => {
    const wanted = asked.trim();
    const own = looksLikeId(wanted) ? byId.get(wanted) : undefined;
    const [named = null, ...others] = byName.get(canonicalName(wanted)) ?? [];
    const found = own ?? (others.length === 0 ? named : null);
    return found?.status === 'disabled' ? null : found;
  };
  return Object.assign(find, { all });
}
