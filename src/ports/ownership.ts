import type { OwnershipReading } from '../core/owners/reading.ts';
import type { Rule } from '../core/rule.ts';

/** What is at hand of teams and of services' fields: it is looked at ahead of need, and no decision waits for it. */
export interface Ownership {
  /** What these rules ask for; of labels that name teams all that there are. Nothing where they go by neither. */
  reading(rules: readonly Rule[]): OwnershipReading | undefined;
}
