import type { ResourceScope } from '../core/resources/resource-scope.ts';
import type { IncidentRequirement, OnCallTargets, Rule, When } from '../core/rule.ts';
import { matchesAny } from '../core/values/pattern.ts';

const same = new WeakMap<object, number>();
const numbers = new Map<string, number>();

/** Of what the configuration says, which is data alone. A map of owners may be long, and is asked about at every step of a proof. */
export function isSame(one: unknown, other: unknown): boolean {
  return numbered(one) === numbered(other);
}

/** The same for all objects that say the same. */
function numbered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const text = same.has(value) ? '' : JSON.stringify(value);
  const number = same.get(value) ?? numbers.get(text) ?? numbers.size;
  if (text !== '') numbers.set(text, number);
  same.set(value, number);
  return number;
}

/** Whether each of the narrow patterns stands only for what one of the wide ones stands for. */
export function patternsAreWithin(narrow: readonly string[], wide: readonly string[]): boolean {
  // A star of the narrow pattern, taken as a letter, can only fall under a star of the wide one.
  return narrow.every((pattern) => matchesAny(wide, pattern));
}

export function isSubset(some: readonly string[], all: readonly string[]): boolean {
  return some.every((each) => all.includes(each));
}

/** Whether a request that is covered by each of these is surely covered by the wide one. */
export function coverAllOf(narrow: readonly When[], wide: When): boolean {
  const { requesterRoles: roles, requesterTraits: traits, hours, resources } = wide;
  return (
    (roles === null ||
      narrow.some((each) => each.requesterRoles !== null && patternsAreWithin(each.requesterRoles, roles))) &&
    Object.entries(traits ?? {}).every(([trait, values]) =>
      narrow.some(({ requesterTraits }) => {
        const own = new Map(Object.entries(requesterTraits ?? {})).get(trait);
        return own !== undefined && isSubset(own, values);
      }),
    ) &&
    (hours === null || narrow.some((each) => isSame(each.hours, hours))) &&
    narrow.some((each) => isWithinScope(each.resources, resources))
  );
}

/** Whether what the narrow scope covers the wide one surely covers. Without a scope a rule covers the root cluster, also no resource at all. */
export function isWithinScope(narrow: ResourceScope | null, wide: ResourceScope | null): boolean {
  if (wide === null) return narrow?.clusters === undefined;
  if (narrow === null) return false;
  if (isSame(narrow, wide)) return true;
  const isPartWithin = (part: 'clusters' | 'subResources' | 'logins' | 'roleArns') => {
    const [mine, theirs] = [narrow[part], wide[part]];
    if (theirs === undefined) return mine === undefined || part === 'logins' || part === 'roleArns';
    return mine !== undefined && areWithin(mine, theirs);
  };
  // By its name a node may be meant, or by its id.
  const hasNodes = matchesAny(narrow.kinds, 'node');
  return (
    areWithin(narrow.kinds, wide.kinds) &&
    (wide.names.includes('*') ||
      isSubset(narrow.names, wide.names) ||
      (!hasNodes && areWithin(narrow.names, wide.names))) &&
    (['clusters', 'subResources', 'logins', 'roleArns'] as const).every(isPartWithin) &&
    Object.entries(wide.labels ?? {}).every(([label, values]) => {
      const own = new Map(Object.entries(narrow.labels ?? {})).get(label);
      return own !== undefined && patternsAreWithin(own, values);
    })
  );
}

/** Requests may name expressions themselves, and these are within what says just the same. */
function areWithin(narrow: readonly string[], wide: readonly string[]): boolean {
  return narrow.every(
    (pattern) => wide.includes(pattern) || (!/[$^]/u.test(pattern) && matchesAny(wide, pattern)),
  );
}

/** Whether whoever all the strict ones approve the lax one approves too, where it covers their request. */
export function approvalImplies(strict: readonly Rule[], lax: Rule): boolean {
  const { reason, openIncident, maxDurationMs } = lax.require;
  return (
    lax.notifies !== true &&
    strict.some((each) => onCallImplies(each, lax)) &&
    (!reason || strict.some(({ require }) => require.reason)) &&
    (openIncident === null || strict.some((each) => incidentImplies(each, lax, openIncident))) &&
    (maxDurationMs === null ||
      strict.some(({ require }) => require.maxDurationMs !== null && require.maxDurationMs <= maxDurationMs))
  );
}

function onCallImplies(strict: Rule, lax: Rule): boolean {
  const [mine, theirs] = [strict.onCall, lax.onCall];
  return (
    servicesAreWithin(mine, theirs) &&
    isSubset(mine.escalationPolicies, theirs.escalationPolicies) &&
    isSubset(mine.schedules, theirs.schedules) &&
    isSubset(mine.teams?.names ?? [], theirs.teams?.names ?? []) &&
    (mine.teams === undefined || mine.teams.settled.ms >= (theirs.teams?.settled.ms ?? 0)) &&
    isSubset(strict.localUsers ?? [], lax.localUsers ?? []) &&
    isStricter(mine, theirs) &&
    (!strict.responders || lax.responders)
  );
}

function servicesAreWithin(mine: OnCallTargets, theirs: OnCallTargets): boolean {
  return (
    isSubset(mine.services, theirs.services) &&
    (mine.fromAnnotation === null || mine.fromAnnotation === theirs.fromAnnotation) &&
    isSame(mine.owner, theirs.owner)
  );
}

/** Whether whoever is on call by what the one asks of a shift is by what the other does. */
export function isStricter(one: OnCallTargets, other: OnCallTargets): boolean {
  return (
    one.maxLevel <= other.maxLevel &&
    (other.permanent || !one.permanent) &&
    one.graceAfterShiftMs <= other.graceAfterShiftMs &&
    one.minShiftAgeMs >= other.minShiftAgeMs &&
    one.ageUnder === other.ageUnder
  );
}

function incidentImplies(strict: Rule, lax: Rule, wanted: IncidentRequirement): boolean {
  const given = strict.require.openIncident;
  return (
    given !== null &&
    servicesAreWithin(strict.onCall, lax.onCall) &&
    (wanted.urgency === null || given.urgency === wanted.urgency) &&
    (wanted.involvement === 'any' || given.involvement === wanted.involvement) &&
    (given.minAgeMs?.byPeople ?? 0) >= (wanted.minAgeMs?.byPeople ?? 0) &&
    (given.minAgeMs?.byMonitoring ?? 0) >= (wanted.minAgeMs?.byMonitoring ?? 0)
  );
}
