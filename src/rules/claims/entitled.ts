import type { OnCallTargets, OwnerSource, Rule, Target } from '../../core/rule.ts';
import { isInKubernetes } from '../../core/resources/resource.ts';
import type { ResourceScope } from '../../core/resources/resource-scope.ts';
import { labelledNames } from '../../core/owners/owner-of.ts';
import { isStricter, isWithinScope } from '../implies.ts';
import type { Excuse } from './claim.ts';

/** By what a rule lets somebody in: their own on-call, or that of who asked for their help. */
export interface Entitled {
  readonly rule: Rule;
  readonly target: Target;
  /** Whether the target is a service that owns what is asked for. */
  readonly owns: boolean;
  /** The team of PagerDuty to which the target belongs; null for one that the rule names itself. */
  readonly team: string | null;
  /** Null for a target that the rule names itself. */
  readonly annotation: string | null;
  readonly helps: boolean;
}

/** Everything that entitles somebody by this rule. `things`: of which one is asked for; null for anything or nothing. */
export function entitlementsOf(
  rule: Rule,
  things: ResourceScope | null,
  unused: string,
): readonly Entitled[] {
  const { services, escalationPolicies, schedules, teams, fromAnnotation, owner } = rule.onCall;
  const other: Target = { kind: 'service', asked: `Service ${unused}` };
  const targets: readonly Omit<Entitled, 'rule' | 'helps'>[] = [
    ...services.map((asked) => named({ kind: 'service', asked })),
    ...escalationPolicies.map((asked) => named({ kind: 'escalation policy', asked })),
    ...schedules.map((asked) => named({ kind: 'schedule', asked })),
    ...(teams?.names ?? []).map((team) => ({ ...named(policyOfTeam(team)), team })),
    ...(owner === undefined ? [] : (ownersOf(things, owner) ?? [other.asked])).map((asked) => ({
      ...named({ kind: 'service', asked }),
      owns: true,
    })),
    ...(fromAnnotation === null ? [] : [{ ...named(other), annotation: fromAnnotation }]),
  ];
  return (rule.responders ? [false, true] : [false]).flatMap((helps) =>
    targets.map((each) => ({ ...each, rule, helps })),
  );
}

/** The services of which each of these things has one or more for its owner; null where it may be any. */
function ownersOf(
  things: ResourceScope | null,
  { label, teamLabel, field, map }: OwnerSource,
): readonly string[] | null {
  if (things === null) return null;
  // Of whoever is on call in a team, and of what fields say, nobody knows ahead.
  if (label === undefined && (teamLabel !== undefined || field !== undefined)) return null;
  if (label === undefined)
    return map.find(({ scope }) => isWithinScope(things, scope))?.services.map((each) => each.trim()) ?? null;
  const values = new Map(Object.entries(things.labels ?? {})).get(label) ?? ['*'];
  // What is within Kubernetes has no label of its own.
  const isLabelled = things.kinds.every((kind) => !kind.includes('*') && !isInKubernetes({ kind }));
  if (!isLabelled || values.some((value) => value.includes('*'))) return null;
  return values.flatMap((value) => labelledNames({ [label]: value }));
}

/** The one that stands for all of a team. */
export function policyOfTeam(team: string): Target {
  return { kind: 'escalation policy', asked: `Policy of team ${team}` };
}

function named(target: Target): Omit<Entitled, 'rule' | 'helps'> {
  return { target, owns: false, team: null, annotation: null };
}

/** Whether whoever is on call like this is always on call as the excuse says. */
export function isExcusedBy(
  excuse: Excuse,
  { rule, target, owns, team, annotation, helps }: Entitled,
): boolean {
  if (!('onCall' in excuse) || excuse.kind !== (helps ? 'asked-to-help' : 'on-call')) return false;
  const { onCall, owner } = excuse;
  // Whom a rule believes by its own word no claim does.
  if (rule.localUsers !== undefined || !isStricter(rule.onCall, onCall)) return false;
  if (owns && owner) return !helps || rule.onCall.fromAnnotation === null;
  const isSameAnnotation = rule.onCall.fromAnnotation === onCall.fromAnnotation;
  const isNamed =
    team !== null
      ? hasTeam(onCall, team, rule)
      : annotation === null
        ? namesIn(onCall, target.kind).includes(target.asked)
        : isSameAnnotation;
  // Somebody helps with an incident of any service of the rule.
  const { services, fromAnnotation, owner: owners } = rule.onCall;
  const isTheirIncident =
    services.every((each) => onCall.services.includes(each)) &&
    (fromAnnotation === null || isSameAnnotation) &&
    owners === undefined;
  return isNamed && (!helps || isTheirIncident);
}

/** Whether each policy of the team that counts for the rule counts here, too. */
function hasTeam({ teams }: OnCallTargets, team: string, { onCall }: Rule): boolean {
  return teams?.names.includes(team) === true && (onCall.teams?.settled.ms ?? 0) >= teams.settled.ms;
}

function namesIn({ services, escalationPolicies, schedules }: OnCallTargets, kind: Target['kind']) {
  switch (kind) {
    case 'service':
      return services;
    case 'escalation policy':
      return escalationPolicies;
    case 'schedule':
      return schedules;
  }
}
