import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LabelValues } from '../../../src/core/resources/labels-reading.ts';
import { check, manyRuns } from '../arbitrary-text.ts';
import { ruleFor, SERVICES } from '../owning.ts';
import {
  BY_FIELD,
  TEAMS,
  seen,
  LONG,
  LATELY,
  GONE,
  PAST,
  BRIEF,
  fieldFact,
  teamFact,
  reading,
  UNKNOWN,
  decided,
  type Span,
} from './deciding.ts';

it('never lets anybody into what somebody else owns by labels of services and teams, fields or the map', () => {
  const verdicts = new Set<string>();
  const span = fc.constantFrom(LONG, LATELY, GONE, PAST, BRIEF);
  const label = <T extends string>(...values: readonly T[]) =>
    fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });
  const thing = fc.record({ owner: label(...SERVICES), team: label(...TEAMS), t: label('1', '2') });
  const NAMES = ['a', 'b', 'c'];
  check(
    fc.record({
      things: fc.record({ a: thing, b: thing, c: thing }),
      fields: fc.record(
        Object.fromEntries(
          SERVICES.map((id) => [
            id,
            fc.array(fc.record({ t: fc.constantFrom('t=1', 't=2', '*', 't=*', ''), at: span }), {
              maxLength: 2,
            }),
          ]),
        ),
      ),
      teams: fc.record(
        Object.fromEntries(
          TEAMS.map((id) => [
            id,
            fc.array(fc.record({ policy: fc.constantFrom(...SERVICES), at: span }), { maxLength: 3 }),
          ]),
        ),
      ),
      map: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom(...SERVICES)),
      unread: fc.option(fc.constantFrom(...SERVICES), { nil: null, freq: 6 }),
      mine: fc.subarray(SERVICES),
      asked: fc.subarray(NAMES, { minLength: 1 }),
    }),
    ({ things, fields, teams, map, unread, mine, asked }) => {
      const labels = Object.fromEntries(
        Object.entries(things).map(([name, all]) => [
          name,
          [Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as LabelValues],
        ]),
      );
      const rule = ruleFor({
        ...{ ...BY_FIELD, teamLabel: 'team' },
        map: Object.entries(map).map(([name, service]) => ({
          scope: { kinds: ['db'], names: [name] },
          services: [service],
        })),
      });
      const ownership = reading(
        SERVICES.map((id) =>
          id === unread
            ? { ...fieldFact(id), ...UNKNOWN }
            : fieldFact(id, ...(fields[id] ?? []).map(({ t, at }) => seen(t, at))),
        ),
        TEAMS.map((id) =>
          teamFact(
            id,
            (teams[id] ?? []).map(({ policy, at }) => seen(`policy-${policy}`, at)),
          ),
        ),
      );
      const { decision } = decided(asked, { rule, labels, ownership, onCallFor: mine });
      // Told in another way than the code tells it.
      const isTheirs = (name: string): boolean => {
        const { owner, team, t } = things[name as 'a'];
        if (owner !== undefined) return mine.includes(owner);
        if (team !== undefined)
          return (teams[team] ?? []).some(({ policy, at }) => at === LONG && mine.includes(policy));
        if (unread !== null) return false;
        // What is gone and lost may have been for anything.
        if (Object.values(fields).some((all) => all.some(({ t: text, at }) => text === '' && at === GONE)))
          return false;
        const says = (id: string, ...spans: readonly Span[]) =>
          (fields[id] ?? []).some((each) => each.t === `t=${t ?? ''}` && spans.includes(each.at));
        const claiming = SERVICES.filter((id) => says(id, LONG, GONE));
        if (claiming.length > 0)
          return claiming.length === 1 && mine.includes(claiming[0] ?? '') && says(claiming[0] ?? '', LONG);
        return mine.includes(map[name] ?? '');
      };
      verdicts.add(decision.verdict);

      expect(decision.verdict).toBe(asked.every(isTheirs) ? 'approve' : 'escalate');
    },
  );
  if (manyRuns) expect([...verdicts].sort()).toEqual(['approve', 'escalate']);
});
