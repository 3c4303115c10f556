import { covers } from '../core/on-call.ts';
import { ownerOf } from '../core/owners/owner-of.ts';
import { labelsAskedBy, servicesNamedBy } from '../core/ownership.ts';
import type { LabelValues } from '../core/resources/labels-reading.ts';
import { LABELLED_KINDS } from '../core/resources/labels.ts';
import { covers as isInScope } from '../core/resources/scope.ts';
import { canonicalName, looksLikeId } from '../core/roster/pin.ts';
import type { OwnerSource, Rule } from '../core/rule.ts';
import type { Ask, OnCallAnswer, OnCallDirectory, Service } from '../ports/pagerduty.ts';
import type { ListedResource, ResourceList } from '../ports/teleport.ts';

/** A service that owns something, as a label or the map has it, and who is on call for it now. */
export interface OwnerNow {
  readonly asked: string;
  /** Null where PagerDuty has none by that name, or several, or it is disabled. */
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
  /** Services of PagerDuty that own nothing. */
  readonly idle: readonly string[];
}

export interface Survey {
  readonly rules: readonly Rule[];
  readonly rootCluster: string | null;
  readonly resources: ResourceList;
  readonly directory: Pick<OnCallDirectory, 'everyService' | 'onCallsUnder'>;
  /** Told of each resource as it is found. */
  readonly onResource: (resource: SurveyedResource) => void;
}

/** So many policies are asked for in one call. */
const MOST_POLICIES = 50;
/** So many resources are looked at together. */
const BATCH = 1_000;

/** Carried by several servers, which may differ, and stand anywhere in the list. */
const BY_SEVERAL: ReadonlySet<string> = new Set(['app', 'db', 'kube_cluster']);

type OwnerRule = Rule & { readonly onCall: { readonly owner: OwnerSource } };

/**
 * Everything that the service may see and a rule by owners is for, with its owner and who is on call for it; memory holds a page of it, and of
 * what several servers may carry the labels that rules ask for. Throws TeleportError and PagerDutyError.
 */
export async function surveyOwners(
  { rules: all, rootCluster, resources, directory, onResource }: Survey,
  ask: Ask,
): Promise<OwnersSummary> {
  const rules = all.filter((rule): rule is OwnerRule => rule.onCall.owner !== undefined && !rule.breakGlass);
  const names = labelsAskedBy(rules);
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
    const rows = found.flatMap((each) => rules.flatMap((rule) => owned(kind, each, rule, rootCluster) ?? []));
    const wanted = rows.flatMap(({ asked }) => asked.flatMap((each) => services(each) ?? []));
    await readOnCall([...new Set(wanted.map(({ escalationPolicy: { id } }) => id))]);
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

  function ownerNow(asked: string, { onCall: { maxLevel, permanent } }: Rule): OwnerNow {
    const service = services(asked);
    if (service === null) {
      missing.set(asked, (missing.get(asked) ?? 0) + 1);
      return { asked, service: null, onCall: [] };
    }
    used.add(service.id);
    const policy = service.escalationPolicy.id;
    const answer = onCall.get(policy);
    const counted = answer?.rows.filter(
      (row) =>
        row.escalation_policy?.id === policy &&
        row.escalation_level <= maxLevel &&
        (permanent || row.schedule !== null) &&
        covers(row, answer.at),
    );
    return {
      asked,
      service: service.summary,
      onCall: [...new Set(counted?.map(({ user }) => user.summary))],
    };
  }

  for (const kind of LABELLED_KINDS) {
    const bySeveral = BY_SEVERAL.has(kind) ? new Map<string, Found>() : null;
    for await (const page of resources.pages({ kind, names }, ask.signal)) {
      if (bySeveral === null) await look(kind, page.map(alone));
      else for (const each of page) bySeveral.set(each.name, together(bySeveral.get(each.name), each));
    }
    const left = [...(bySeveral?.values() ?? [])];
    for (let from = 0; from < left.length; from += BATCH) await look(kind, left.slice(from, from + BATCH));
  }
  const idle = services.all
    .filter(({ id, status }) => !used.has(id) && status !== 'disabled')
    .map(({ summary }) => summary);
  return { resources: count, unowned, missing: Object.fromEntries(missing), idle: idle.sort() };
}

/** Problems that somebody should mend; that a service owns nothing is none. */
export function hasGaps({ unowned, missing }: OwnersSummary): boolean {
  return unowned > 0 || Object.keys(missing).length > 0;
}

interface Found {
  readonly name: string;
  readonly hostName: string | null;
  readonly labels: readonly LabelValues[];
}

function alone({ labels, ...resource }: ListedResource): Found {
  return { ...resource, labels: [labels] };
}

function together(before: Found | undefined, { labels, ...resource }: ListedResource): Found {
  const known = before?.labels ?? [];
  const isKnown = known.some((each) => JSON.stringify(each) === JSON.stringify(labels));
  return { ...resource, labels: isKnown ? known : [...known, labels] };
}

/** Null for what the rule is not for. */
function owned(
  kind: string,
  { name, hostName, labels }: Found,
  rule: OwnerRule,
  rootCluster: string | null,
): (Omit<SurveyedResource, 'owners' | 'rule'> & { asked: readonly string[]; rule: Rule }) | null {
  const resource = { cluster: rootCluster ?? '', kind, name, subResource: '' };
  const names = hostName === null ? [] : [{ id: name, hostname: hostName }];
  const known = {
    rootCluster,
    hostNames: { state: 'known', names },
    labels: { state: 'known', resources: [{ kind, name, labels }] },
  } as const;
  if (isInScope(rule.when.resources, resource, known) === 'not-met') return null;
  const owner = ownerOf(resource, rule.onCall.owner, known);
  const told = 'why' in owner ? { asked: [], why: owner.why.message } : { asked: owner.services, why: null };
  return { kind, name, hostName, rule, ...told };
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
