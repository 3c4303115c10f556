import { describe, expect, it } from 'vitest';
import { KEYS_OF_KIND, LEDGER_POINTS, POINTS_OF_KIND, nameOf } from './points.ts';
import { someEvents } from '../../ledger/some-events.ts';
import { DOCUMENTED_SEEDS, settingOf } from './setting.ts';
import { nameOfTrap, trapsIn, type Trap } from './traps.ts';

const settings = DOCUMENTED_SEEDS.map(settingOf);

function everyTrap(): readonly string[] {
  const names = (traps: readonly Trap[]) => traps.map(nameOfTrap);
  // What no set-up at all has would be met by no seed.
  const anything = Array.from({ length: 200 }, (_, seed) => settingOf(seed));
  return [...new Set(anything.flatMap((setting) => names(trapsIn(setting, { replicas: 2 }))))].sort();
}

describe('the points at which the chaos run kills', () => {
  it('are there for every kind of entry that is about a request', () => {
    const kinds = new Set(Object.keys(LEDGER_POINTS).map((name) => name.split(' ')[0]));

    const wanted = Object.entries(POINTS_OF_KIND).flatMap(([kind, hasPoints]) => (hasPoints ? [kind] : []));

    expect([...kinds].sort()).toEqual(wanted.sort());
  });

  it('are there for every effect: intended, done and failed', () => {
    for (const key of Object.values(KEYS_OF_KIND).flat()) {
      for (const stage of ['effect-intended', 'effect-done', 'effect-failed']) {
        expect(LEDGER_POINTS).toHaveProperty([`${stage} ${key}`]);
      }
    }
  });

  it('have the names that entries go by', () => {
    const events = Object.values(someEvents('request-1')).filter(({ kind }) => POINTS_OF_KIND[kind]);

    for (const event of events) expect(LEDGER_POINTS).toHaveProperty([nameOf(event)]);
  });

  it('are each within reach of one of the documented seeds, which fail at full length where one is not met', () => {
    const reached = new Set(settings.flatMap((setting) => trapsIn(setting, { replicas: 2 }).map(nameOfTrap)));

    expect([...reached].sort()).toEqual(everyTrap());
  });

  it('are all within reach of documented seeds with one replica, but for being frozen', () => {
    const alone = new Set(settings.flatMap((setting) => trapsIn(setting, { replicas: 1 }).map(nameOfTrap)));

    expect(everyTrap().filter((name) => !alone.has(name))).toEqual(
      everyTrap().filter((name) => name.startsWith('frozen ')),
    );
  });
});

describe('the documented seeds', () => {
  it.each([
    'webhooks',
    'withShift',
    'acknowledging',
    'ownNames',
    'impatient',
    'repage',
    'twoKeys',
    'breakGlass',
    'usage',
  ] as const)('have %s on and off', (name) => {
    expect(new Set(settings.map((setting) => setting[name]))).toEqual(new Set([true, false]));
  });

  it('have both editions', () => {
    expect(new Set(settings.map(({ edition }) => edition))).toEqual(new Set(['enterprise', 'community']));
  });
});
