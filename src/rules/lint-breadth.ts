import { HOUR } from '../core/values/instant.ts';
import type { Policy, Rule } from '../core/rule.ts';
import { durationWords, listed } from '../core/values/words.ts';
import { about, type Warning } from './warning.ts';

/** So little of a name says nothing of what roles may be called next year. */
const FEWEST_LETTERS = 4;
/** From here on people are backups of backups, who are paged after an hour or more. */
const HIGH_LEVEL = 3;
const LONG_GRACE_MS = HOUR;

/** Rules that let more people in, or to more, than their author may think. */
export function breadthWarnings(rule: Rule): readonly Warning[] {
  return [
    ...rule.roles.flatMap((pattern) => shortPattern(rule, pattern)),
    ...(rule.breakGlass ? breakGlassWarnings(rule) : onCallWarnings(rule)),
  ];
}

/** Identity sources by which somebody could pass for somebody else. */
export function identityWarnings({ identities, requireSso }: Policy): readonly Warning[] {
  if (requireSso || identities.every(({ kind }) => kind === 'map')) return [];
  return [
    {
      subject: 'identities',
      code: 'local-users',
      text: 'a local Teleport user could be given the e-mail address of whoever is on call, as a name or a trait',
      remedy: 'leave out `require_sso: false`, and give the PagerDuty ids of local users in `identities.map`',
    },
  ];
}

function shortPattern(rule: Rule, pattern: string): Warning[] {
  const letters = pattern.replaceAll('*', '').length;
  if (!pattern.includes('*') || letters >= FEWEST_LETTERS) return [];
  return [
    {
      subject: about(rule),
      code: 'short-pattern',
      text: `\`${pattern}\` also covers roles that somebody may add later without thinking of this rule`,
      remedy: 'name the roles, or a longer part of their names',
    },
  ];
}

function onCallWarnings(rule: Rule): readonly Warning[] {
  const { onCall, approvers, require, otherwise } = rule;
  const warnings: Warning[] = [];
  if (onCall.permanent) {
    warnings.push({
      subject: about(rule),
      code: 'permanent',
      text: 'who is named in a policy without a schedule is on call for ever, often a manager, or somebody who has left',
      remedy: 'leave out `permanent`, and put those who should count on a schedule',
    });
  }
  if (onCall.maxLevel >= HIGH_LEVEL) {
    warnings.push({
      subject: about(rule),
      code: 'high-level',
      text: `everybody up to escalation level ${onCall.maxLevel} counts as on call, whether they were paged or not`,
      remedy: 'lower `max_level`; level 1 is paged first',
    });
  }
  if (onCall.graceAfterShiftMs > LONG_GRACE_MS) {
    warnings.push({
      subject: about(rule),
      code: 'long-grace',
      text: `for ${durationWords(onCall.graceAfterShiftMs)} after a shift two people count as on call`,
      remedy: 'shorten `grace_after_shift` to what a handover takes',
    });
  }
  const young = [
    ...(onCall.minShiftAgeMs === 0 ? ['`on_call`'] : []),
    ...(approvers.onCall?.minShiftAgeMs === 0 ? ['`approvers.on_call`'] : []),
  ];
  if (young.length > 0) {
    warnings.push({
      subject: about(rule),
      code: 'no-shift-age',
      text: `by ${listed(young)} whoever may edit a schedule counts from the second in which they put themselves on it`,
      remedy: 'leave out `min_shift_age: 0s`; unless told it is 10m',
    });
  }
  if (!require.reason && rule.notifies !== true) {
    warnings.push({
      subject: about(rule),
      code: 'no-reason',
      text: 'access is given without a word about why, and nobody can check it later',
      remedy: 'set `require: { reason: true }`',
    });
  }
  if (approvers.answerBy.includes('acknowledge')) {
    warnings.push({
      subject: about(rule),
      code: 'acknowledged',
      text: 'an acknowledgement approves, which may be given by an SMS that names no request, for several incidents at once, and which PagerDuty gives by itself where somebody assigns the page to themselves',
      remedy:
        'leave `acknowledge` out of `answer_by`, or say `answer_by: [teleport]` for the roles that matter most',
    });
  }
  if (otherwise === 'leave') {
    warnings.push({
      subject: about(rule),
      code: 'silent',
      text: 'a request that is not approved stays pending, and nobody is told',
      remedy: 'say `otherwise: escalate` unless something else tells people',
    });
  }
  return warnings;
}

function breakGlassWarnings(rule: Rule): readonly Warning[] {
  const { requesterRoles, requesterTraits } = rule.when;
  const warnings: Warning[] = [];
  if (requesterRoles === null && requesterTraits === null) {
    warnings.push({
      subject: about(rule),
      code: 'open-glass',
      text: 'while PagerDuty is down, everybody who may request the role gets it for a reason alone',
      remedy: 'say who may: `when: { requester_roles: [..] }` or `requester_traits`',
    });
  }
  if (rule.require.maxDurationMs === null) {
    warnings.push({
      subject: about(rule),
      code: 'long-glass',
      text: 'what is given in an emergency lasts as long as any access does',
      remedy: 'set `require: { max_duration: 2h }` or the like',
    });
  }
  return warnings;
}
