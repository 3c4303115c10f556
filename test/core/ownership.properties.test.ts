import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LabelValues } from '../../src/core/resources/labels-reading.ts';
import { DAY, HOUR } from '../../src/core/values/instant.ts';
import { check, manyRuns } from './arbitrary-text.ts';
import { ask, db, ruleFor, SERVICES } from './owning.ts';

it('a rule that goes by owners never lets anybody into what somebody else owns', () => {
  const owners = fc.option(
    fc.subarray(SERVICES).map((some) => some.join(',')),
    { nil: null },
  );
  const things = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      servers: fc.array(owners, { maxLength: 2 }),
    }),
    { selector: ({ name }) => name, minLength: 1 },
  );
  const maps = fc.array(
    fc.record({
      scope: fc.record({ kinds: fc.constant(['db']), names: fc.subarray(['a', 'b', 'c', 'd', 'e']) }),
      services: fc.subarray(SERVICES, { minLength: 1 }),
    }),
    { maxLength: 3 },
  );
  const seen = new Set<string>();
  check(
    fc.record({
      things,
      maps,
      mine: fc.subarray(SERVICES),
      settledMs: fc.constantFrom(0, DAY),
      ages: fc.option(
        fc.dictionary(
          fc.constantFrom(...SERVICES),
          fc.constantFrom({ ms: DAY }, { ms: HOUR }, { ms: 0, first: true as const }),
        ),
        { nil: undefined },
      ),
      asked: fc.subarray(['a', 'b', 'c', 'd', 'e'], { minLength: 1 }),
    }),
    ({ things: all, maps: map, mine, asked, settledMs, ages }) => {
      const labels = Object.fromEntries(
        all.map(({ name, servers }) => [
          name,
          servers.map((owner): LabelValues => (owner === null ? {} : { owner })),
        ]),
      );
      const { decision } = ask(
        asked.map((name) => db(name)),
        { rule: ruleFor({ map, settledMs }), labels, onCallFor: mine, ages },
      );
      // Told in another way than the code tells it.
      const isTheirs = (name: string): boolean => {
        const servers = all.find((each) => each.name === name)?.servers ?? [];
        if (servers.length === 0 || new Set(servers.map((each) => each ?? '')).size > 1) return false;
        const owner = servers[0] ?? '';
        const isOld = (each: string): boolean => settledMs === 0 || (ages?.[each]?.ms ?? 0) >= settledMs;
        if (owner !== '') return owner.split(',').some((each) => mine.includes(each) && isOld(each));
        const isKnown = (each: string): boolean => isOld(each) || ages?.[each]?.first === true;
        const named = map.filter(({ scope }) => scope.names.includes(name)).map(({ services }) => services);
        return (
          named.length > 0 &&
          new Set(named.map(String)).size === 1 &&
          (named[0] ?? []).some((each) => mine.includes(each) && isKnown(each))
        );
      };
      seen.add(decision.verdict);

      expect(decision.verdict).toBe(asked.every(isTheirs) ? 'approve' : 'escalate');
    },
  );
  if (manyRuns) expect([...seen].sort()).toEqual(['approve', 'escalate']);
});
