import type { OnCallTargets, Rule, Target } from '../../core/rule.ts';
import { isStricter } from '../implies.ts';
import type { Excuse } from './claim.ts';

/** By what a rule lets somebody in: their own on-call, or that of who asked for their help. */
export interface Entitled {
  readonly rule: Rule;
  readonly target: Target;
  /** Whether the target is a service that owns what is asked for. */
  readonly owns: boolean;
  /** Null for a target that the rule names itself. */
  readonly annotation: string | null;
  readonly helps: boolean;
}

/** Everything that entitles somebody by this rule. */
export function entitlementsOf(rule: Rule, unused: string): readonly Entitled[] {
  const { services, escalationPolicies, schedules, fromAnnotation, owner } = rule.onCall;
  const other: Target = { kind: 'service', asked: `Service ${unused}` };
  const targets: readonly Omit<Entitled, 'rule' | 'helps'>[] = [
    ...services.map((asked) => named({ kind: 'service', asked })),
    ...escalationPolicies.map((asked) => named({ kind: 'escalation policy', asked })),
    ...schedules.map((asked) => named({ kind: 'schedule', asked })),
    ...(owner === undefined ? [] : [{ ...named(other), owns: true }]),
    ...(fromAnnotation === null ? [] : [{ ...named(other), annotation: fromAnnotation }]),
  ];
  return (rule.responders ? [false, true] : [false]).flatMap((helps) =>
    targets.map((each) => ({ ...each, rule, helps })),
  );
}

function named(target: Target): Omit<Entitled, 'rule' | 'helps'> {
  return { target, owns: false, annotation: null };
}

/** Whether whoever is on call like this is always on call as the excuse says. */
export function isExcusedBy(excuse: Excuse, { rule, target, owns, annotation, helps }: Entitled): boolean {
  if (!('onCall' in excuse) || excuse.kind !== (helps ? 'asked-to-help' : 'on-call')) return false;
  const { onCall, owner } = excuse;
  // Whom a rule believes by its own word no claim does.
  if (rule.localUsers !== undefined || !isStricter(rule.onCall, onCall)) return false;
  if (owns) return owner && (!helps || rule.onCall.fromAnnotation === null);
  const isSameAnnotation = rule.onCall.fromAnnotation === onCall.fromAnnotation;
  const isNamed =
    annotation === null ? namesIn(onCall, target.kind).includes(target.asked) : isSameAnnotation;
  // Somebody helps with an incident of any service of the rule.
  const { services, fromAnnotation, owner: owners } = rule.onCall;
  const isTheirIncident =
    services.every((each) => onCall.services.includes(each)) &&
    (fromAnnotation === null || isSameAnnotation) &&
    owners === undefined;
  return isNamed && (!helps || isTheirIncident);
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
