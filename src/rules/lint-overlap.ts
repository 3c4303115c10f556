import { matchesPattern } from '../core/values/pattern.ts';
import type { IncidentRequirement, OnCallTargets, Rule, When } from '../core/rule.ts';
import { about, type Warning } from './warning.ts';

/**
 * What becomes of a rule beside the others. Every rule that covers a request must approve it: of two that cover the same, the
 * stricter decides, and the laxer one never does.
 */
export function overlapWarnings(rule: Rule, rules: readonly Rule[]): readonly Warning[] {
  if (rule.breakGlass || rule.notifies === true) return [];
  const others = rules.filter(
    (other) => other !== rule && !other.breakGlass && other.notifies !== true && other.mode === rule.mode,
  );
  return others.flatMap((other) => {
    const warning = coversAllOf(other, rule) ? beside(rule, other, rules) : null;
    return warning === null ? [] : [warning];
  });
}

function identical(rule: Rule, other: Rule): Warning {
  return {
    subject: about(rule),
    code: 'identical',
    text: `covers what rule ${other.name} covers, and asks for the same`,
    remedy: 'remove one of the two',
  };
}

function redundant(rule: Rule, other: Rule): Warning {
  return {
    subject: about(rule),
    code: 'redundant',
    text: `never decides alone: rule ${other.name} covers the same and asks for at least as much, and every covering rule must approve`,
    remedy: `remove it, or give rule ${other.name} a \`when\` that leaves out what this rule is for`,
  };
}

function shadowed(rule: Rule, other: Rule): Warning {
  return {
    subject: about(rule),
    code: 'shadowed',
    text: `\`otherwise: ${rule.otherwise}\` has no effect: whom it does not approve rule ${other.name} denies, and deny wins`,
    remedy: `change \`otherwise\` of one of the two, or narrow rule ${other.name} by \`when\``,
  };
}

/** `other` covers everything that `rule` covers. */
function beside(rule: Rule, other: Rule, rules: readonly Rule[]): Warning | null {
  const same = coversAllOf(rule, other);
  // Of two that cover the same, only one is told of what concerns them both.
  const first = rules.indexOf(rule) < rules.indexOf(other);
  if (approvalImplies(other, rule) && sameEnd(rule, other)) {
    const alike = same && approvalImplies(rule, other);
    if (rule.otherwise !== 'deny' && other.otherwise === 'deny') return shadowed(rule, other);
    if (!alike) return redundant(rule, other);
    return first || other.otherwise !== rule.otherwise ? null : identical(rule, other);
  }
  if (targetsAreApart(rule.onCall, other.onCall) && (!same || first)) {
    return {
      subject: about(rule),
      code: 'both-needed',
      text: `rule ${other.name} covers the same requests by other services, policies or schedules: the requester must be on call for both`,
      remedy: 'to accept either, put both into `on_call` of one rule; to keep them apart, give each a `when`',
    };
  }
  return null;
}

/** Whether `wide` surely covers each request that `narrow` covers. */
function coversAllOf(wide: Rule, narrow: Rule): boolean {
  if (!rolesAreWithin(narrow.roles, wide.roles)) return false;
  if (goesByAnnotationAlone(wide.onCall) && wide.onCall.fromAnnotation !== narrow.onCall.fromAnnotation) {
    return false;
  }
  return isWithin(narrow.when, wide.when);
}

/** Whether each of the narrow patterns stands only for what one of the wide ones stands for. */
export function rolesAreWithin(narrow: readonly string[], wide: readonly string[]): boolean {
  // A star of the narrow pattern, taken as a letter, can only fall under a star of the wide one.
  return narrow.every((pattern) => wide.some((other) => matchesPattern(other, pattern)));
}

function isWithin(narrow: When, wide: When): boolean {
  return (
    (wide.requesterRoles === null ||
      (narrow.requesterRoles !== null && rolesAreWithin(narrow.requesterRoles, wide.requesterRoles))) &&
    (wide.requesterTraits === null || traitsAreWithin(narrow.requesterTraits, wide.requesterTraits)) &&
    scopeIsWithin(narrow.resources, wide.resources) &&
    (wide.hours === null || JSON.stringify(wide.hours) === JSON.stringify(narrow.hours))
  );
}

/** Without a scope a rule covers the root cluster, also requests for no resource at all. */
function scopeIsWithin(narrow: When['resources'], wide: When['resources']): boolean {
  if (wide === null) return narrow?.clusters === undefined;
  const isWithinPart = (part: 'clusters' | 'subResources' | 'logins' | 'roleArns') => {
    const [mine, theirs] = [narrow?.[part], wide[part]];
    if (theirs === undefined) return mine === undefined || part === 'logins' || part === 'roleArns';
    return mine !== undefined && rolesAreWithin(mine, theirs);
  };
  return (
    narrow !== null &&
    rolesAreWithin(narrow.kinds, wide.kinds) &&
    rolesAreWithin(narrow.names, wide.names) &&
    (['clusters', 'subResources', 'logins', 'roleArns'] as const).every(isWithinPart)
  );
}

function traitsAreWithin(
  narrow: When['requesterTraits'],
  wide: NonNullable<When['requesterTraits']>,
): boolean {
  return Object.entries(wide).every(([name, values]) => {
    const own = narrow !== null && Object.hasOwn(narrow, name) ? narrow[name] : undefined;
    return own?.every((value) => values.includes(value)) === true;
  });
}

/** Whether whatever satisfies `strict` satisfies `lax` too. */
function approvalImplies(strict: Rule, lax: Rule): boolean {
  const [s, l] = [strict.require, lax.require];
  return (
    onCallImplies(strict, lax) &&
    (!l.reason || s.reason) &&
    (l.openIncident === null ||
      (s.openIncident !== null && incidentImplies(s.openIncident, l.openIncident))) &&
    (l.maxDurationMs === null || (s.maxDurationMs !== null && s.maxDurationMs <= l.maxDurationMs))
  );
}

/** A rule that ends the access with the shift does something even where another decides. */
function sameEnd(one: Rule, other: Rule): boolean {
  return JSON.stringify(one.accessEnd) === JSON.stringify(other.accessEnd);
}

function onCallImplies({ onCall: strict, ...strictRule }: Rule, { onCall: lax, ...laxRule }: Rule): boolean {
  return (
    isSubset(strict.services, lax.services) &&
    isSubset(strict.escalationPolicies, lax.escalationPolicies) &&
    isSubset(strict.schedules, lax.schedules) &&
    (strict.fromAnnotation === null || strict.fromAnnotation === lax.fromAnnotation) &&
    strict.maxLevel <= lax.maxLevel &&
    (!strict.permanent || lax.permanent) &&
    strict.minShiftAgeMs >= lax.minShiftAgeMs &&
    strict.graceAfterShiftMs <= lax.graceAfterShiftMs &&
    (!strictRule.responders || laxRule.responders)
  );
}

function incidentImplies(strict: IncidentRequirement, lax: IncidentRequirement): boolean {
  return (
    (lax.urgency === null || strict.urgency === lax.urgency) &&
    (lax.involvement === 'any' || strict.involvement === lax.involvement) &&
    (strict.minAgeMs?.byPeople ?? 0) >= (lax.minAgeMs?.byPeople ?? 0) &&
    (strict.minAgeMs?.byMonitoring ?? 0) >= (lax.minAgeMs?.byMonitoring ?? 0)
  );
}

function targetsAreApart(one: OnCallTargets, other: OnCallTargets): boolean {
  if (one.fromAnnotation !== null || other.fromAnnotation !== null) return false;
  const [mine, theirs] = [namesOf(one), namesOf(other)];
  return mine.every((name) => !theirs.includes(name));
}

function namesOf({ services, escalationPolicies, schedules }: OnCallTargets): readonly string[] {
  return [
    ...services.map((name) => `service ${name}`),
    ...escalationPolicies.map((name) => `policy ${name}`),
    ...schedules.map((name) => `schedule ${name}`),
  ];
}

function goesByAnnotationAlone(targets: OnCallTargets): boolean {
  return targets.fromAnnotation !== null && namesOf(targets).length === 0;
}

function isSubset(some: readonly string[], all: readonly string[]): boolean {
  return some.every((each) => all.includes(each));
}
