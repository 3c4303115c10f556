import type { TargetFact } from '../facts.ts';
import type { PagerDutyUser } from '../identity.ts';
import type { OnCallReading, OnCallRow, Sighting } from '../on-call.ts';
import type { PoliciesReading, PolicySighting } from './policies-seen.ts';
import type { Cause } from '../values/cause.ts';
import type { Instant } from '../values/instant.ts';

/** A row that PagerDuty gave and that cannot be understood; null for what it does not even name. */
export interface BrokenRow {
  readonly policyId: string | null;
  readonly scheduleId: string | null;
  readonly userId: string | null;
  readonly why: string;
}

/** Who is on call for what was asked, as PagerDuty had it at one time. */
export interface Sheet {
  /** PagerDuty's own time, of the oldest answer that the sheet is made of; null where none could be had. */
  readonly at: Instant | null;
  /** What each asked name means; `unknown` with its cause, too, where its rows could not be had. */
  readonly targets: readonly TargetFact[];
  /** Everybody's rows of these targets that touch the span; rows of other targets may be among them. */
  readonly rows: readonly OnCallRow[];
  readonly broken: readonly BrokenRow[];
  /** Those of the rows, with their addresses; who has none is not among them. */
  readonly people: ReadonlyMap<string, PagerDutyUser>;
  /** What watching these targets told of the rows. */
  readonly sightings: readonly Sighting[];
  /** And of the policies that services have. Absent for none. */
  readonly policies?: readonly PolicySighting[];
}

type Known = TargetFact & { readonly state: 'known' };

/** A service's rows are told by what its policy lists in the same answer: a service may be given another policy at any time. */
export function isUnder(row: OnCallRow, fact: Known): boolean {
  switch (fact.kind) {
    case 'schedule':
      return row.schedule?.id === fact.id;
    case 'escalation policy':
      return row.escalation_policy?.id === fact.id;
    case 'service': {
      const policy = row.escalation_policy;
      if (policy === null) return false;
      return policy.services === null
        ? policy.id === fact.policy?.id
        : policy.services.some((service) => service.id === fact.id);
    }
  }
}

/** The policies that a service has, by what its rows list, or where nobody is on call by itself; null for what is no service. */
export function policiesOf({ policy }: Known, rows: readonly OnCallRow[]): readonly string[] | null {
  if (policy === null) return null;
  const listed = rows.flatMap((row) => row.escalation_policy?.id ?? []);
  return listed.length === 0 ? [policy.id] : [...new Set(listed)];
}

/** What the sheet says of policies; nothing where it says nothing at all. */
export function policiesIn({ at, policies = [] }: Sheet): { readonly policies?: PoliciesReading } {
  return at === null ? {} : { policies: { at, seen: policies } };
}

/**
 * What the sheet says of these people: their rows, and the targets, `unknown` where a row that may be one of theirs cannot be
 * understood. INVARIANT (unknown-never-approves): what could not be read is neither on call nor off call.
 */
export function onCallOf(
  { at, targets, rows, broken, sightings }: Sheet,
  userIds: readonly string[],
): { readonly reading: OnCallReading; readonly targets: readonly TargetFact[] } {
  if (userIds.length === 0) return { reading: { state: 'not-asked' }, targets };
  if (at === null) {
    const unread = targets.find((fact) => fact.state === 'unknown');
    if (unread === undefined) return { reading: { state: 'not-asked' }, targets };
    return { reading: { state: 'unknown', cause: unread.cause }, targets };
  }
  const unclear = broken.filter(({ userId }) => userId === null || userIds.includes(userId));
  return {
    reading: {
      state: 'known',
      at,
      rows: rows.filter(({ user }) => userIds.includes(user.id)),
      sightings: sightings.filter(({ user }) => userIds.includes(user.id)),
    },
    targets: targets.map((fact) => withBroken(fact, unclear, rows)),
  };
}

function withBroken(fact: TargetFact, broken: readonly BrokenRow[], rows: readonly OnCallRow[]): TargetFact {
  if (fact.state === 'unknown') return fact;
  const one = broken.find((each) => mayBeUnder(each, fact, rows));
  if (one === undefined) return fact;
  const message = `an on-call row that PagerDuty gave for ${fact.kind} ${fact.name} cannot be understood: ${one.why}`;
  const cause: Cause = { code: 'malformed', message, transient: true };
  return { kind: fact.kind, asked: fact.asked, state: 'unknown', cause };
}

/** Whether a broken row may be of the target. Which services a policy has is told by its other rows; without one it may be this. */
export function mayBeUnder(
  { policyId, scheduleId }: BrokenRow,
  fact: Known,
  rows: readonly OnCallRow[],
): boolean {
  if (fact.kind === 'schedule') return scheduleId === null || scheduleId === fact.id;
  if (policyId === null) return true;
  if (fact.kind === 'escalation policy') return policyId === fact.id;
  const others = rows.filter((row) => row.escalation_policy?.id === policyId);
  return policyId === fact.policy?.id || others.some((row) => isUnder(row, fact));
}
