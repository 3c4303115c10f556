import { expect, it } from 'vitest';
import { ownedThings } from '../../src/service/owned-services.ts';
import { aRule, NOW } from '../support/builders.ts';
import { ruleFor } from '../core/owning.ts';

const service = {
  id: 'PSERVC1',
  summary: 'A',
  status: 'active',
  escalationPolicy: { id: 'P1', summary: 'One' },
};

it('lists once for all who look what rules by owners are for, keeps so much of it, and tells what went wrong', async () => {
  let [lists, rules] = [0, [aRule()]];
  let fails: Error | null = null;
  const user = { id: 'PSAM1RE', summary: 'Sam One' };
  const row = { user, escalation_policy: { id: 'P1', summary: 'One', services: null }, escalation_level: 1 };
  const rota = { schedule: { id: 'S', summary: 'S' }, start: null, end: null };
  const things = ownedThings(
    () => ({
      ...{ rules, rootCluster: 'root', ownership: { reading: () => undefined } },
      resources: {
        async *pages({ kind }) {
          if (fails !== null) throw fails;
          if (kind === 'node') lists += 1;
          const all = Array.from({ length: kind === 'node' ? 20_001 : 0 }, (_, at) => ({
            ...{ name: `n${at}`, hostName: at === 0 ? null : `host-${at}` },
            labels: at === 1 ? { owner: 'Gone' } : at === 2 ? {} : { owner: 'A' },
          }));
          yield await Promise.resolve(all);
        },
      },
      directory: {
        everyService: () => Promise.resolve([service]),
        onCallsUnder: () =>
          Promise.resolve({ at: NOW, rows: [{ ...row, ...rota }], broken: [], people: new Map() }),
      },
    }),
    { now: () => NOW },
  );
  expect(await things()).toBeNull();

  rules = [ruleFor({})];
  fails = new Error('Teleport is away');
  await expect(things()).rejects.toThrow('Teleport is away');
  fails = null;
  const [first, second] = await Promise.all([things(), things()]);
  expect(second).toBe(first);
  expect([lists, first?.resources, first?.unowned, first?.rows.length]).toEqual([1, 20_001, 1, 20_000]);
  expect(first?.rows.slice(0, 3)).toMatchObject([
    { cluster: 'root', kind: 'node', name: 'n0', owners: [{ name: 'A', onCall: 'Sam One' }] },
    { name: 'host-1', owners: [{ name: 'Gone', onCall: 'no such service that pages' }] },
    { name: 'host-2', owners: [], why: 'it has no label `owner` or entry in the map' },
  ]);
});
