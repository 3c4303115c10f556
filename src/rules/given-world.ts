import type { Instant } from '../core/values/instant.ts';
import type { Reference } from '../core/on-call.ts';
import { PagerDutyError } from '../ports/pagerduty.ts';
import type { Given, Moment, PagerDutyPart } from './case-schema.ts';
import { plusMs } from '../core/values/instant.ts';

/** A case says something that contradicts itself, for instance names a person that it has not; the message says what. */
export class CaseError extends Error {
  override readonly name = 'CaseError';
}

/** What a case is given, with its names looked up: an id is the name itself, since nothing but a case gives it. */
export interface GivenWorld {
  readonly given: Given;
  readonly time: Instant;
  /** By PagerDuty's clock. */
  readonly pagerDutyTime: Instant;
  readonly instantOf: (moment: Moment) => Instant;
  /** A PagerDuty user by id or name. Throws CaseError. */
  readonly person: (idOrName: string) => Reference;
  /** Throws PagerDutyError where the case says that this part of PagerDuty fails. */
  readonly mustAnswer: (part: PagerDutyPart) => void;
}

/** Throws CaseError for a case without a time. */
export function worldOf(given: Given): GivenWorld {
  const { time } = given;
  if (time === undefined)
    throw new CaseError('`time` is missing, in the case and in the `given` of the file');
  const instantOf = (moment: Moment): Instant => (typeof moment === 'number' ? plusMs(time, moment) : moment);
  return {
    given,
    time,
    pagerDutyTime: instantOf(given.pagerduty_clock ?? 0),
    instantOf,
    person: (idOrName) => personOf(given, idOrName),
    mustAnswer: (part) => {
      const failing = given.pagerduty_fails ?? false;
      if (failing === true || (Array.isArray(failing) && failing.includes(part))) {
        throw new PagerDutyError('unavailable', 'PagerDuty does not answer', { transient: true });
      }
    },
  };
}

/** What PagerDuty says of a name that nothing has. */
export function notFound(what: string, name: string): PagerDutyError {
  return new PagerDutyError('not-found', `PagerDuty has no ${what} \`${name}\``);
}

export function sameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

function personOf({ pagerduty_users: users }: Given, idOrName: string): Reference {
  const byId = Object.hasOwn(users, idOrName) ? users[idOrName] : undefined;
  if (byId !== undefined) return { id: idOrName, summary: byId.name };
  const [found, ...others] = Object.entries(users).filter(([, { name }]) => sameName(name, idOrName));
  if (found === undefined || others.length > 0) {
    const count = found === undefined ? 'no person' : 'several people';
    throw new CaseError(`\`pagerduty_users\` has ${count} called \`${idOrName}\`; use the id`);
  }
  return { id: found[0], summary: found[1].name };
}
