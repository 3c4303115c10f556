import type { Cause } from '../values/cause.ts';

/** Labels by their names; of those that rules ask for, and no other. */
export type LabelValues = Readonly<Record<string, string>>;

/**
 * The labels of requested resources of the root cluster, as they stand in Teleport: not what a host's commands add to them. Several
 * servers may carry one app, database or cluster, and need not say the same of it: each different set is one.
 */
export type LabelsReading =
  | {
      readonly state: 'known';
      /** Of which names labels were asked for: of others nothing is known. Absent in ledgers of earlier versions. */
      readonly asked?: readonly string[];
      /** One that is not listed is one that the service may not see, or that is gone. */
      readonly resources: readonly {
        readonly kind: string;
        readonly name: string;
        readonly labels: readonly LabelValues[];
      }[];
    }
  | { readonly state: 'unknown'; readonly cause: Cause };
