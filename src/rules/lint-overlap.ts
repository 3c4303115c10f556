import type { OnCallTargets, Rule } from '../core/rule.ts';
import { approvalImplies, coverAllOf, patternsAreWithin } from './implies.ts';
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
  if (approvalImplies([other], rule) && sameEnd(rule, other)) {
    const alike = same && approvalImplies([rule], other);
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
  if (!patternsAreWithin(narrow.roles, wide.roles)) return false;
  if (goesByAnnotationAlone(wide.onCall) && wide.onCall.fromAnnotation !== narrow.onCall.fromAnnotation) {
    return false;
  }
  return coverAllOf([narrow.when], wide.when);
}

/** A rule that ends the access with the shift does something even where another decides. */
function sameEnd(one: Rule, other: Rule): boolean {
  return JSON.stringify(one.accessEnd) === JSON.stringify(other.accessEnd);
}

function targetsAreApart(one: OnCallTargets, other: OnCallTargets): boolean {
  const isOpen = ({ fromAnnotation, owner }: OnCallTargets) => fromAnnotation !== null || owner !== undefined;
  if (isOpen(one) || isOpen(other)) return false;
  const [mine, theirs] = [namesOf(one), namesOf(other)];
  return mine.every((name) => !theirs.includes(name));
}

function namesOf({ services, escalationPolicies, schedules, teams }: OnCallTargets): readonly string[] {
  return [
    ...services.map((name) => `service ${name}`),
    ...escalationPolicies.map((name) => `policy ${name}`),
    ...schedules.map((name) => `schedule ${name}`),
    ...(teams?.names ?? []).map((name) => `team ${name}`),
  ];
}

function goesByAnnotationAlone(targets: OnCallTargets): boolean {
  return targets.fromAnnotation !== null && namesOf(targets).length === 0;
}
