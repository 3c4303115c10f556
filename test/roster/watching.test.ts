import { expect, it } from 'vitest';
import { nothingWatched } from '../../src/ports/sightings.ts';
import { Watching } from '../../src/roster/watching.ts';
import { anOnCallRow, NOW } from '../support/builders.ts';

it('what was told of a service under one policy is not told of it under another, by the same answer', async () => {
  const policy = (id: string) => ({ id, summary: id });
  const under = (id: string) => anOnCallRow({ escalation_policy: { ...policy(id), services: null } });
  const service = (id: string) =>
    ({
      kind: 'service',
      asked: 'A',
      state: 'known',
      id: 'PSERVC1',
      name: 'A',
      policy: policy(id),
      disabled: false,
    }) as const;
  const own = { ...under('PTAKEN1'), schedule: { id: 'PMYROTA', summary: 'Mine' } };
  const answer = { at: NOW, rows: [under('PPOLCY1'), own], broken: [], people: new Map() };
  const watching = new Watching(nothingWatched, { now: () => NOW }, () => 0);
  await watching.look([service('PPOLCY1')], answer, { from: NOW, until: NOW });

  expect(watching.of(service('PPOLCY1'), answer).sightings).toHaveLength(1);
  // Without a sighting the age would be what the row says of itself.
  expect(watching.of(service('PTAKEN1'), answer).sightings).toMatchObject([
    { schedule: own.schedule, since: NOW, by: 'sighting' },
  ]);
});
