import { OwnershipWatch, type OwnershipWatchOptions } from '../../src/roster/ownership-watch.ts';
import { OwnedServices } from '../../src/service/owned-services.ts';

/** As the service looks at what PagerDuty and labels say of ownership, but when it is told to. */
export function watchOwners(
  directory: OwnershipWatchOptions['directory'],
  { resources, policy }: Pick<ConstructorParameters<typeof OwnedServices>[0], 'resources' | 'policy'>,
  parts: Pick<OwnershipWatchOptions, 'clock' | 'sightings' | 'pins'>,
) {
  const owned = new OwnedServices({ directory, resources, policy });
  const rules = () => policy().rules;
  const ownership = new OwnershipWatch({ ...parts, directory, rules, labelled: () => owned.found() });
  return {
    ownership,
    look: async (signal: AbortSignal): Promise<void> => {
      await owned.look(signal);
      await ownership.look(signal);
    },
  };
}
