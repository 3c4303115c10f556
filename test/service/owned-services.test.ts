import { expect, it } from 'vitest';
import type { LabelValues } from '../../src/core/resources/labels-reading.ts';
import { PagerDutyError } from '../../src/ports/pagerduty.ts';
import { TeleportError } from '../../src/ports/teleport.ts';
import { OwnedServices } from '../../src/service/owned-services.ts';
import { aPolicy, aRule } from '../support/builders.ts';
import { ruleFor } from '../core/owning.ts';

const { signal } = new AbortController();

/** Teleport has databases with these labels; PagerDuty has no service `Gone`. */
function owned(labels: readonly LabelValues[], rules = [ruleFor({})]) {
  const world: { fails: Error | null; kinds: string[]; asked: readonly string[] } = {
    ...{ fails: null, kinds: [], asked: [] },
  };
  const services = new OwnedServices({
    policy: () => aPolicy({ rules }),
    resources: {
      async *pages({ kind }) {
        world.kinds.push(kind);
        if (world.fails !== null) throw world.fails;
        const found = labels.map((each, at) => ({ name: `db-${at}`, hostName: null, labels: each }));
        yield await Promise.resolve(kind === 'db' ? found : []);
      },
    },
    directory: {
      services: (asked) => {
        world.asked = asked;
        const known = asked.filter((each) => !each.startsWith('Gone'));
        const service = {
          id: 'PSERVC1',
          summary: 'A',
          status: 'active',
          escalationPolicy: { id: 'P', summary: 'P' },
        };
        return Promise.resolve(new Map(known.map((each) => [each, service])));
      },
    },
  });
  return { services, world };
}

it('finds the services that labels name, of those that PagerDuty has, for the roster to watch', async () => {
  const labels = [{ owner: 'A, B' }, { owner: 'Gone' }, {}, { owner: 'x'.repeat(2_000) }, { owner: 'A' }];
  const { services, world } = owned(labels);
  await services.look(signal);

  expect(services.found().services).toEqual(['A', 'B'].map((asked) => ({ kind: 'service', asked })));
  expect(world.asked).toEqual(['A', 'B', 'Gone']);
  for (const fails of [
    new TeleportError('unavailable', 'away', { transient: true }),
    new PagerDutyError('unavailable', 'away', { transient: true }),
  ]) {
    world.fails = fails;
    await services.look(signal);
    expect(services.found().services).toHaveLength(2);
  }
  world.fails = new Error('a fault of ours');
  await expect(services.look(signal)).rejects.toThrow('a fault');
  await services.look(AbortSignal.abort());
});

it('watches no more than 2,000, and lists nothing where no label names owners', async () => {
  // What PagerDuty does not have keeps out nobody: whoever may write labels may write many.
  const many = ['Gone', 'S'].flatMap((name) =>
    Array.from({ length: 2_001 }, (_, at) => ({ owner: `${name}${at}` })),
  );
  const { services } = owned(many);
  await services.look(signal);
  expect(services.found().services).toHaveLength(2_000);

  const none = owned(many, [aRule()]);
  await none.services.look(signal);
  expect([none.world.kinds, none.services.found().services]).toEqual([[], []]);
});
