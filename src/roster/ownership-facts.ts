import type { Reference } from '../core/on-call.ts';
import { fieldKey, type FieldFact, type TeamFact } from '../core/owners/reading.ts';
import type { PolicySeen } from '../core/roster/policies-seen.ts';
import type { OwnerField, Rule } from '../core/rule.ts';
import type { Cause } from '../core/values/cause.ts';
import { HOUR, msBetween, type Instant } from '../core/values/instant.ts';
import { sanitise } from '../core/values/words.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import { PagerDutyError } from '../ports/pagerduty.ts';
import { causeOfMissingFact } from '../review/cause-of.ts';

/** What was looked at no later is not known any more. */
const KEPT_MS = HOUR;
const MOST_DESKS = 5;

export type Why = Pick<Cause, 'message' | 'transient'>;
export const NOT_YET: Why = { message: 'was not looked at yet', transient: true };

/** What something was seen to have, and when that was looked at last. */
export interface Held {
  readonly at: Instant;
  readonly values: readonly PolicySeen[];
}

/** A team with its policies, and its services. */
export interface Team {
  readonly id: string;
  readonly name: string;
  /** Its policies, and its services, by id. */
  readonly names: Readonly<Record<'policies' | 'services', ReadonlyMap<string, Reference>>>;
  readonly policies: Held;
  readonly services: Held;
}

/** A field of a service. */
export interface Wanted {
  readonly id: string;
  readonly name: string;
}

/** Either what was seen, or why not; with what was seen the last time. */
export interface Look<T> {
  readonly last: T | null;
  readonly problem: Why | null;
}

export function fieldFact(
  service: Reference,
  field: string,
  { last, problem }: Look<Held>,
  now: Instant,
): FieldFact {
  const what = `field \`${sanitise(field, 100)}\` of ${sanitise(service.summary, 100)}`;
  return last === null || isOld(last, now)
    ? { service, field, state: 'unknown', cause: about(what, problem ?? NOT_YET) }
    : { service, field, state: 'known', at: last.at, values: last.values };
}

export function teamFact(asked: string, { last, problem }: Look<Team>, now: Instant): TeamFact {
  const isTaken = problem !== null && !problem.transient;
  if (last === null || isTaken || isOld(last.policies, now))
    return { asked, state: 'unknown', cause: about(`team \`${sanitise(asked, 100)}\``, problem ?? NOT_YET) };
  const { id, name, policies, services } = last;
  const desks = services.values
    .filter(({ gone }) => gone === undefined)
    .sort((one, other) => (one.since < other.since ? -1 : one.since > other.since ? 1 : 0))
    .slice(0, MOST_DESKS);
  return { asked, state: 'known', at: policies.at, id, name, policies: policies.values, desks: idsOf(desks) };
}

/** The fields that rules go by: of owners, and of where owners are paged. */
export function fieldsOf(rules: readonly Rule[]): readonly OwnerField[] {
  const all = rules.flatMap(({ onCall }) => onCall.owner?.field ?? []);
  return [...new Map(all.map((each) => [fieldKey(each), each])).values()];
}

/** What is no failure of others is thrown on. */
export function whyOf(error: unknown): Why {
  if (error instanceof LedgerUnavailableError) return { message: error.message, transient: true };
  return causeOfMissingFact(error);
}

export function present(held: Held | undefined): readonly string[] {
  return (held?.values ?? []).flatMap(({ id, gone }) => (gone === undefined ? [id] : []));
}

export function isOld({ at }: Held, now: Instant): boolean {
  return msBetween(at, now) > KEPT_MS;
}

/** Of services that left the team the fields still count; which they were is lost. */
export function lostServices(team: string): Why {
  const message = `which services team \`${sanitise(team, 100)}\` had is not known any more, since somebody else changed what was kept of it in the ledger's database: name its services in \`field_of\``;
  return { message, transient: false };
}

export function about(what: string, { message, transient }: Why): Why {
  return { message: `${what}: ${message}`, transient };
}

export function namesOf(all: readonly Reference[]): ReadonlyMap<string, Reference> {
  return new Map(all.map(({ id, summary }) => [id, { id, summary }]));
}

export function idsOf(all: readonly { readonly id: string }[]): readonly string[] {
  return all.map(({ id }) => id);
}

/** A service that is deleted has no field any more. */
export async function nullIfGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PagerDutyError && error.kind === 'not-found') return null;
    throw error;
  }
}
