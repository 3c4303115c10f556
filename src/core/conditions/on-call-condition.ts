import { identityFor } from '../identity.ts';
import { met, notMet, unknown, type Question } from './condition.ts';
import type { Condition, Proof } from '../decision.ts';
import { factOf, type Facts, type TargetFact } from '../facts.ts';
import { msBetween, type Instant } from '../values/instant.ts';
import {
  covers,
  isPermanent,
  onCallSince,
  spanOf,
  type OnCallReading,
  type OnCallRow,
  type Sighting,
} from '../on-call.ts';
import { isUnder } from '../roster/sheet.ts';
import { unsettledSince } from '../roster/policies-seen.ts';
import { shiftAge, type ShiftAge } from '../roster/shift-age.ts';
import { targetsOf, type Rule } from '../rule.ts';
import { durationWords, sanitise, listed } from '../values/words.ts';

/** What of a question is about who is on call. */
export type OnCallQuestion = Omit<Question, 'facts'> & {
  readonly facts: Pick<Facts, 'requester' | 'onCall' | 'targets' | 'policies'>;
};

export interface Entitlement {
  readonly condition: Condition;
  readonly proof: Proof | null;
}

/**
 * Whether the requester is on call for any of the rule's targets. INVARIANT (approve-needs-on-call): `met` comes with the row
 * that covers PagerDuty's time of the answer. INVARIANT (unknown-never-approves): whatever could not be read is `unknown`.
 */
export function requesterIsOnCall(question: OnCallQuestion): Entitlement {
  const { onCall } = question.facts;
  const requester = identityFor(question.rule, question.request.requester, question.facts.requester);
  if (requester.state === 'unknown') return without(unknown('on-call', requester.cause));
  if (requester.state === 'unrecognised') {
    return without(unknown('on-call', { message: requester.why, transient: false }));
  }
  const who = `${sanitise(requester.name ?? requester.id, 100)} (by ${requester.source})`;
  const found = searchRows(question, requester.id, onCall);
  switch (found.answer) {
    case 'met':
      return {
        condition: met(
          'on-call',
          `${who} is ${onCallWords(found.proof)}${graceWords(found.proof, found.at)}`,
        ),
        proof: found.proof,
      };
    case 'unknown':
      return without(unknown('on-call', found));
    case 'not-met': {
      const missed = found.nearMisses.length === 0 ? '' : ` (${found.nearMisses.slice(0, 3).join('; ')})`;
      const places = placesInWords(question);
      return without(
        notMet(
          'on-call',
          `${who} is not on call for ${places} at ${found.at}${missed}`,
          `on call for ${places} up to level ${question.rule.onCall.maxLevel}`,
        ),
      );
    }
  }
}

type Search =
  | { readonly answer: 'met'; readonly at: Instant; readonly proof: Proof }
  | { readonly answer: 'not-met'; readonly at: Instant; readonly nearMisses: readonly string[] }
  | { readonly answer: 'unknown'; readonly message: string; readonly transient: boolean };

interface Searched {
  readonly rule: Rule;
  readonly request: Pick<Question['request'], 'annotations'>;
  readonly facts: Pick<Question['facts'], 'targets' | 'policies'>;
}

/** Looks for a row by which the person is on call for one of the rule's targets. */
export function searchRows(question: Searched, userId: string, reading: OnCallReading): Search {
  const { noOwner, unread } = question.rule.onCall;
  if (noOwner !== undefined) return { answer: 'unknown', ...noOwner };
  if (reading.state === 'unknown') return { answer: 'unknown', ...reading.cause };
  if (reading.state === 'not-asked') {
    // Where nothing that is known is to be asked for.
    if (unread !== undefined) return { answer: 'unknown', ...unread };
    return { answer: 'unknown', message: 'who is on call was not asked', transient: false };
  }
  const { rule, request, facts } = question;
  const { at } = reading;
  const unresolved = unread === undefined ? [] : [unread];
  const nearMisses: string[] = [];
  for (const target of targetsOf(rule, request)) {
    const fact = factOf(target, facts.targets);
    if (fact.state === 'unknown') {
      unresolved.push(fact.cause);
      continue;
    }
    const under = reading.rows.filter((row) => row.user.id === userId && isUnder(row, fact));
    const rows = under.filter((row) => isSettled(row, fact, question));
    // INVARIANT (unknown-never-approves): who put them under the service, and whether they may, is not known yet.
    if (rows.length < under.length) unresolved.push(notSettled(fact));
    const sightings = sightingsOf(fact, reading.sightings);
    const judged = rows.map((row) => {
      const age =
        rule.onCall.ageUnder === 'target'
          ? shiftAge(row, rows, sightings)
          : { since: onCallSince(row, reading.rows, { ownSchedule: true }), by: 'row' as const };
      return { row, age, short: shortfalls(row, rule, { at, age }, fact) };
    });
    const counted = judged
      .filter(({ short }) => short.length === 0)
      .sort((one, other) => byStrength(one.row, other.row))[0];
    if (counted !== undefined) {
      const found = { ...target, id: fact.id, name: fact.name };
      const { row, age } = counted;
      const proof = { rule: rule.name, target: found, row, helpsWith: null };
      return { answer: 'met', at, proof: { ...proof, ...(age !== null && isAgeAsked(rule) ? { age } : {}) } };
    }
    nearMisses.push(...judged.flatMap(({ short }) => short.map((why) => `${inWords(fact)}: ${why}`)));
  }
  if (unresolved.length === 0) return { answer: 'not-met', at, nearMisses };
  const message = listed(unresolved.map((cause) => cause.message));
  return { answer: 'unknown', message, transient: unresolved.some(({ transient }) => transient) };
}

type Known = TargetFact & { readonly state: 'known' };

/** Why a row does not count for the rule, the first reason only; empty when it does. */
function shortfalls(
  row: OnCallRow,
  { onCall: wanted }: Rule,
  { at, age }: { readonly at: Instant; readonly age: ShiftAge | null },
  fact: Known,
): readonly string[] {
  if (fact.disabled) return ['the service is disabled'];
  // Not `>`: a level that is no number must not pass either.
  if (!(row.escalation_level <= wanted.maxLevel)) {
    return [`on call at level ${row.escalation_level}, the rule accepts up to level ${wanted.maxLevel}`];
  }
  if (isPermanent(row) && !wanted.permanent) {
    return ['named in the policy without a schedule, which the rule does not accept'];
  }
  if (!covers(row, at, wanted.graceAfterShiftMs)) {
    return [`the shift is from ${sanitise(row.start ?? 'ever', 50)} to ${sanitise(row.end ?? 'ever', 50)}`];
  }
  // Where no age is asked for none may be missing: since PagerDuty's clock was set back a row can be younger than nothing.
  if (wanted.minShiftAgeMs === 0) return [];
  if (age === null) return ['nobody can say since when this row is there'];
  const { since } = age;
  return since !== null && msBetween(since, lastOf(row, at)) < wanted.minShiftAgeMs
    ? [`on call only since ${since}, the rule asks for ${durationWords(wanted.minShiftAgeMs)}`]
    : [];
}

function isSettled(
  { escalation_policy: policy }: OnCallRow,
  { id: service, kind }: Known,
  { rule: { onCall }, facts }: Searched,
): boolean {
  // Policies of a team are those that were in it for long enough.
  if (onCall.settled === undefined || kind === 'escalation policy') return true;
  return (
    policy !== null && unsettledSince({ service, policy: policy.id }, onCall.settled, facts.policies) === null
  );
}

function notSettled(fact: Known): { readonly message: string; readonly transient: boolean } {
  return { message: `${inWords(fact)} has its escalation policy for too short a time`, transient: false };
}

/** Whether an age is asked for, and told. */
function isAgeAsked({ onCall }: Rule): boolean {
  return onCall.ageUnder === 'target' && onCall.minShiftAgeMs > 0;
}

function sightingsOf({ kind, id }: Known, sightings: readonly Sighting[] = []): readonly Sighting[] {
  return sightings.filter(({ target }) => target.kind === kind && target.id === id);
}

/** The end of a shift in its grace, which grows no older: a minute on call does not become ten by waiting. */
function lastOf(row: OnCallRow, at: Instant): Instant {
  const end = spanOf(row)?.end ?? at;
  return end < at ? end : at;
}

/** Nearest level first, then the shift that lasts longest: the same row is named whatever the order PagerDuty gives. */
function byStrength(one: OnCallRow, other: OnCallRow): number {
  if (one.escalation_level !== other.escalation_level) return one.escalation_level - other.escalation_level;
  return strengthOf(one) > strengthOf(other) ? -1 : 1;
}

function strengthOf(row: OnCallRow): string {
  const until = row.end === null ? 'for ever' : spanOf(row)?.end;
  return [until, row.schedule?.id, row.escalation_policy?.id, row.start].join(' ');
}

/** The proof in words: for what, by which schedule and policy, at which level, until when. */
export function onCallWords({ target, row }: Proof): string {
  const by = row.schedule === null ? 'no schedule' : `schedule ${sanitise(row.schedule.summary, 100)}`;
  const policy =
    row.escalation_policy === null ? 'no policy' : `policy ${sanitise(row.escalation_policy.summary, 100)}`;
  const until = row.end === null ? 'without end' : `until ${row.end}`;
  return `on call for ${target.kind} ${sanitise(target.name, 100)} (${by}, ${policy}, level ${row.escalation_level}, ${until})`;
}

function graceWords({ row }: Proof, at: Instant): string {
  return covers(row, at) ? '' : ', counted by the grace after the shift';
}

function placesInWords({ rule, request }: OnCallQuestion): string {
  return listed(
    targetsOf(rule, request).map((target) => `${target.kind} ${sanitise(target.asked, 100)}`),
    'or',
  );
}

function inWords(fact: Known): string {
  return `${fact.kind} ${sanitise(fact.name, 100)}`;
}

function without(condition: Condition): Entitlement {
  return { condition, proof: null };
}
