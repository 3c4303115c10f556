import type { Reference } from '../on-call.ts';
import type { PolicySeen } from '../roster/policies-seen.ts';
import type { OwnerField } from '../rule.ts';
import type { Cause } from '../values/cause.ts';
import type { Instant } from '../values/instant.ts';
import { sanitise } from '../values/words.ts';

type Looked<Known> =
  | (Known & {
      readonly state: 'known';
      /** When it was looked at last. */
      readonly at: Instant;
    })
  | { readonly state: 'unknown'; readonly cause: Pick<Cause, 'message' | 'transient'> };

/** A team of PagerDuty, with the policies that it was seen to have. */
export type TeamFact = { readonly asked: string } & Looked<{
  readonly id: string;
  readonly name: string;
  readonly policies: readonly PolicySeen[];
  /** Ids of services that were seen in it longest: where the team is paged. */
  readonly desks: readonly string[];
}>;

/** A custom field of a service, with the texts that it was seen to have. */
export type FieldFact = { readonly service: Reference; readonly field: string } & Looked<{
  readonly values: readonly PolicySeen[];
}>;

/** What PagerDuty says of ownership, by our own looks ahead of need: ordinary users edit all of it there. */
export interface OwnershipReading {
  readonly teams: readonly TeamFact[];
  readonly fields: readonly FieldFact[];
  /** For which fields of which services it was looked; of others nothing is known. */
  readonly asked: readonly string[];
}

/** What stands for the field of these services among those that were looked at. */
export function fieldKey({ name, services, teams }: OwnerField): string {
  return JSON.stringify([name, services, teams]);
}

/** What was not looked at is as unknown as what could not be. */
export function teamOf(asked: string, reading: OwnershipReading | undefined): TeamFact {
  const fact = reading?.teams.find((each) => each.asked === asked);
  if (fact !== undefined) return fact;
  const message = `team \`${sanitise(asked, 100)}\` was not looked up`;
  return { asked, state: 'unknown', cause: { message, transient: reading !== undefined } };
}
