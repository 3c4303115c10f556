import type { PagerDutyUser } from '../core/identity.ts';
import type { OnCallRow, Sighting } from '../core/on-call.ts';
import type { PolicySighting } from '../core/roster/policies-seen.ts';
import type { Sheet } from '../core/roster/sheet.ts';
import type { TargetFact } from '../core/facts.ts';
import type { Target } from '../core/rule.ts';
import type { Instant } from '../core/values/instant.ts';
import type { OnCallAnswer } from '../ports/pagerduty.ts';
import { causeOfMissingFact } from '../review/cause-of.ts';
import { keyOf, type Resolved, type Source } from './names.ts';

/** A target, what its name means, and the answer that has its rows; or why one of these could not be had. */
export type Part =
  | { readonly resolved: Resolved; readonly answer: OnCallAnswer }
  | { readonly target: Target; readonly error: unknown };

/** How the parts of a sheet are had. Both throw PagerDutyError. */
export interface SheetReads {
  readonly resolve: (target: Target) => Promise<Resolved>;
  /** The same, by what is known at this moment. */
  readonly resolveAnew: (target: Target) => Promise<Resolved>;
  readonly read: (source: Source) => Promise<OnCallAnswer>;
}

/** What watching a target told of the rows of an answer. */
export interface SightingsOf {
  readonly of: (
    fact: Resolved['fact'],
    answer: OnCallAnswer,
  ) => { readonly sightings: readonly Sighting[]; readonly policies: readonly PolicySighting[] };
}

/** A sheet of these targets, each once. Throws what is no PagerDutyError. */
export async function sheetOf(
  targets: readonly Target[],
  reads: SheetReads,
  sightingsOf: SightingsOf,
): Promise<Sheet> {
  const unique = [...new Map(targets.map((target) => [keyOf(target), target])).values()];
  return put(await Promise.all(unique.map((target) => partOf(target, reads))), sightingsOf);
}

async function partOf(target: Target, { resolve, resolveAnew, read }: SheetReads): Promise<Part> {
  try {
    const resolved = await resolve(target);
    const answer = await read(resolved.source);
    if (isConfirmed(resolved, answer)) return { resolved, answer };
    // It may have been given another policy, or only have nobody on call.
    const anew = await resolveAnew(target);
    const same = anew.source.id === resolved.source.id;
    return { resolved: anew, answer: same ? answer : await read(anew.source) };
  } catch (error) {
    return { target, error };
  }
}

/** Whether the rows themselves say that the service uses the policy by which they were asked for. */
function isConfirmed({ fact, source }: Resolved, { rows }: Pick<OnCallAnswer, 'rows'>): boolean {
  if (fact.kind !== 'service') return true;
  return rows.some(
    ({ escalation_policy: policy }) =>
      policy?.id === source.id && policy.services?.some(({ id }) => id === fact.id) === true,
  );
}

export function put(parts: readonly Part[], sightingsOf: SightingsOf): Sheet {
  const known = parts.filter((part) => 'answer' in part);
  const answers = [...new Set(known.map(({ answer }) => answer))];
  const told = known.map(({ resolved, answer }) => sightingsOf.of(resolved.fact, answer));
  return {
    at: answers
      .map(({ at }) => at)
      .reduce<Instant | null>((one, at) => (one !== null && one < at ? one : at), null),
    targets: parts.map((part): TargetFact =>
      'answer' in part
        ? part.resolved.fact
        : { ...part.target, state: 'unknown', cause: causeOfMissingFact(part.error) },
    ),
    rows: rowsOf(answers),
    broken: answers.flatMap(({ broken }) => broken),
    people: peopleOf(answers),
    sightings: told.flatMap(({ sightings }) => sightings),
    policies: told.flatMap(({ policies }) => policies),
  };
}

/** A row that is told by its policy and by its schedule is one. */
function rowsOf(answers: readonly OnCallAnswer[]): readonly OnCallRow[] {
  const [first, ...others] = answers;
  if (first === undefined) return [];
  if (others.length === 0) return first.rows;
  return [...new Map(answers.flatMap(({ rows }) => rows).map((row) => [JSON.stringify(row), row])).values()];
}

function peopleOf(answers: readonly OnCallAnswer[]): ReadonlyMap<string, PagerDutyUser> {
  const [first, ...others] = answers;
  if (first !== undefined && others.length === 0) return first.people;
  return new Map(answers.flatMap(({ people }) => [...people]));
}
