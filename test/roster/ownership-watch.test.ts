import { expect, it } from 'vitest';
import { fieldKey } from '../../src/core/owners/reading.ts';
import type { OwnerField, Rule } from '../../src/core/rule.ts';
import { lostAt } from '../../src/core/roster/policies-seen.ts';
import type { Watched } from '../../src/core/roster/watched.ts';
import { DAY, HOUR, MINUTE, plusMs } from '../../src/core/values/instant.ts';
import { LedgerUnavailableError } from '../../src/ports/ledger.ts';
import { PagerDutyError } from '../../src/ports/pagerduty.ts';
import { OwnershipWatch } from '../../src/roster/ownership-watch.ts';
import { anEscalation, aRule, NOW, someTargets } from '../support/builders.ts';
import { ruleFor } from '../core/owning.ts';

const { signal } = new AbortController();
const FIELD: OwnerField = { name: 'selector', services: ['A'], teams: ['T'] };
const BY_FIELD = ruleFor({ field: FIELD });
const BY_TEAM = aRule({
  onCall: someTargets({ services: [], teams: { names: ['T'], settled: { ms: DAY, orFirst: true } } }),
});

/** Team T has policy P1 and service B; the fields of A and B say what `texts` has. */
function watched(rules: readonly Rule[], store = new Map<string, Watched>()) {
  const world = {
    now: NOW,
    texts: { A: 'team=a', B: 'team=b' } as Record<string, string | null>,
    services: ['A'] as readonly string[],
    inTeam: ['B'] as readonly string[],
    fails: null as Error | null,
    reads: 0,
    labelled: { teams: [] as readonly string[], services: ['A'] as readonly string[] },
  };
  const service = (id: string) => ({
    ...{ id, summary: `Service ${id}`, status: 'active', escalationPolicy: { id: 'P1', summary: 'One' } },
  });
  const answer = <T>(value: T): Promise<T> => {
    world.reads += 1;
    return world.fails === null ? Promise.resolve(value) : Promise.reject(world.fails);
  };
  const watch = new OwnershipWatch({
    rules: () => rules,
    clock: { now: () => world.now },
    labelled: () => ({
      teams: world.labelled.teams,
      services: world.labelled.services.map((asked) => ({ kind: 'service', asked })),
    }),
    pins: { first: (_named, id) => Promise.resolve(id) },
    sightings: {
      of: ({ kind, id }) => Promise.resolve(store.get(`${kind} ${id}`) ?? null),
      keep: (each) => Promise.resolve(void store.set(`${each.target.kind} ${each.target.id}`, each)),
    },
    directory: {
      team: (asked) => answer({ id: `id-${asked}`, summary: asked }),
      policiesOf: () => answer([{ id: 'P1', summary: 'One' }]),
      servicesOf: () => answer(world.inTeam.map(service)),
      services: (asked) =>
        answer(
          new Map(asked.filter((each) => world.services.includes(each)).map((each) => [each, service(each)])),
        ),
      fieldsOf(id) {
        const text = world.texts[id];
        if (text === undefined) return Promise.reject(new PagerDutyError('not-found', 'no such service'));
        return answer(
          new Map([
            ['selector', text],
            ['desk', `Desk of ${id}`],
          ]),
        );
      },
    },
  });
  const says = (id: string) => {
    const fact = watch
      .reading(rules)
      ?.fields.find((each) => each.service.id === id && each.field === 'selector');
    return fact?.state === 'known'
      ? fact.values.map(({ id: text, gone }) => (gone === undefined ? text : `(${text})`))
      : fact?.cause.message;
  };
  const after = async (ms: number) => {
    world.now = plusMs(world.now, ms);
    await watch.look(signal);
  };
  return { watch, world, says, after, store };
}

it('knows nothing before it has looked, and asks for nothing that no rule goes by', async () => {
  const { watch, world, says, after } = watched([BY_FIELD, BY_TEAM]);
  expect(says('')).toBe('field `selector`: was not looked at yet');
  expect(watch.reading([aRule()])).toBeUndefined();
  const other = watched([aRule()]);
  await other.after(0);
  expect(other.world.reads).toBe(0);

  await after(0);
  expect(watch.reading([BY_FIELD])).toMatchObject({
    asked: [fieldKey(FIELD)],
    teams: [{ asked: 'T', state: 'known', desks: ['B'] }],
  });
  expect([says('A'), says('B'), watch.policy('P1'), watch.policy('P2')]).toEqual([
    ['team=a'],
    ['team=b'],
    { id: 'P1', summary: 'One' },
    null,
  ]);
  expect(watch.targets()).toEqual([
    { kind: 'escalation policy', asked: 'P1' },
    { kind: 'service', asked: 'A' },
    { kind: 'service', asked: 'B' },
  ]);
  const { reads } = world;
  await after(MINUTE);
  // Three for the team, one for the list of services, and one for each service's fields.
  expect(world.reads - reads).toBe(6);
});

it('remembers what a field said before, also of services that left the team or are deleted', async () => {
  const { world, says, after } = watched([BY_FIELD]);
  await after(0);
  world.texts = { A: ' ', B: 'x'.repeat(70_000) };
  world.inTeam = [];
  await after(15 * MINUTE);
  expect([says('A'), (says('B') as readonly string[]).map((each) => each.length)]).toEqual([
    ['(team=a)'],
    [1_001, 8],
  ]);
  world.texts = {};
  await after(15 * MINUTE);
  expect((says('B') as readonly string[]).length).toBe(2);
});

it('goes by no field where it is lost which services the team had', async () => {
  const { says, after, store } = watched([BY_FIELD]);
  const [target, last] = [{ kind: 'team', id: 'id-T services' } as const, plusMs(NOW, -DAY)];
  store.set('team id-T services', {
    ...{ target, first: last, last, horizon: NOW, rows: [], policies: [lostAt(last)] },
  });
  await after(0);
  expect(says('')).toContain('which services team `T` had is not known any more');
});

it('keeps for an hour what cannot be read any more, and is not silent about what it does not know', async () => {
  const { watch, world, says, after } = watched([BY_FIELD]);
  await after(0);
  world.fails = new PagerDutyError('unavailable', 'away', { transient: true });
  await after(15 * MINUTE);
  expect(says('')).toContain('away');
  expect(watch.reading([BY_FIELD])?.teams).toMatchObject([{ state: 'known' }]);
  await after(HOUR);
  expect(watch.reading([BY_FIELD])?.teams).toMatchObject([
    { state: 'unknown', cause: { message: 'team `T`: away' } },
  ]);
  world.fails = new PagerDutyError('not-found', 'PagerDuty has no team');
  await after(MINUTE);
  expect(watch.reading([BY_FIELD])?.teams).toMatchObject([{ state: 'unknown', cause: { transient: false } }]);
  world.fails = new LedgerUnavailableError('no ledger');
  await after(MINUTE);
  expect(says('')).toContain('no ledger');
  world.fails = null;
  world.services = [];
  await after(MINUTE);
  expect(says('')).toContain('PagerDuty has no service `A`');
  world.inTeam = Array.from({ length: 500 }, (_, at) => `S${at}`);
  world.services = ['A'];
  await after(MINUTE);
  expect(says('')).toContain('of 500 services at most, and 502 are named');
  world.fails = new Error('a fault of ours');
  await expect(watch.look(signal)).rejects.toThrow('a fault');
  await expect(watch.look(AbortSignal.abort())).rejects.toThrow();
});

it('goes on after a restart with what was seen, without reading it again', async () => {
  const before = watched([BY_FIELD]);
  await before.after(0);
  const anew = watched([BY_FIELD], before.store);
  anew.world.texts = {};
  await anew.after(5 * MINUTE);
  expect(anew.says('A')).toEqual(['team=a']);
  const later = watched([BY_FIELD], before.store);
  await later.after(2 * HOUR);
  const [fact] = later.watch.reading([BY_FIELD])?.fields ?? [];
  expect(fact).toMatchObject({ values: [{ id: 'team=a', first: true }] });
});

it('reads where owners want to be paged, of all that own something', async () => {
  const rule = ruleFor(
    { map: [{ scope: { kinds: ['db'], names: ['*'] }, services: ['B'] }] },
    { escalate: anEscalation({ toOwner: true, ownerField: 'desk' }) },
  );
  const { watch, world, after } = watched([rule]);
  world.services = ['A', 'B'];
  await after(0);
  const desks = () => watch.reading([rule])?.fields.map(({ field, service }) => `${service.id} ${field}`);
  expect(desks()).toEqual(['B desk', 'A desk']);
  world.fails = new PagerDutyError('unavailable', 'away', { transient: true });
  await after(MINUTE);
  expect(desks()).toEqual(['B desk', 'A desk']);
});
