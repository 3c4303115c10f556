import type { Rule, When } from '../../core/rule.ts';
import { holdsAt } from '../../core/values/opening-hours.ts';
import { coverAllOf } from '../implies.ts';

/**
 * Whether each request that is covered by all of these is covered by one of the rules at least, be it by another one for each trait, role,
 * kind or name of things, and hour. `split`: those of them that are taken apart for it, one after the other.
 */
export function areCoveredTogether(
  covering: readonly When[],
  rules: readonly Rule[],
  step: () => void,
  [next, ...others]: readonly When[] = covering,
): boolean {
  step();
  if (rules.some(({ when }) => coverAllOf(covering, when)) || hoursAddUp(covering, rules)) return true;
  if (next === undefined) return false;
  for (const cell of cellsOf(next))
    if (!areCoveredTogether([...covering, cell], rules, step, others)) return false;
  return true;
}

/** Whoever and whatever the rule covers, one of these does: each names one thing where it names several. */
function* cellsOf(when: When): Generator<When> {
  const { requesterRoles: roles, requesterTraits, resources } = when;
  const traits = Object.entries(requesterTraits ?? {}).find(([, values]) => values.length > 1);
  const part = PARTS.find((each) => (resources?.[each]?.length ?? 0) > 1);
  if (roles !== null && roles.length > 1) {
    for (const role of roles) yield* cellsOf({ ...when, requesterRoles: [role] });
  } else if (traits !== undefined) {
    const [trait, values] = traits;
    for (const value of values)
      yield* cellsOf({ ...when, requesterTraits: { ...requesterTraits, [trait]: [value] } });
  } else if (resources !== null && part !== undefined) {
    for (const pattern of resources[part] ?? [])
      yield* cellsOf({ ...when, resources: { ...resources, [part]: [pattern] } });
  } else yield when;
}

const PARTS = ['clusters', 'kinds', 'names', 'subResources'] as const;

/** Whether at any hour of the week at which all of these cover one of the rules does; of several time zones nobody knows. */
function hoursAddUp(covering: readonly When[], rules: readonly Rule[]): boolean {
  const hoursIn = (whens: readonly When[]) => whens.flatMap(({ hours }) => hours ?? []);
  const narrow = hoursIn(covering);
  const wide = hoursIn(
    rules.map(({ when }) => when).filter((when) => coverAllOf(covering, { ...when, hours: null })),
  );
  const all = [...narrow, ...wide];
  if (wide.length === 0 || new Set(all.map(({ timeZone }) => timeZone)).size > 1) return false;
  const turns = new Set([
    0,
    ...all.flatMap(({ spans }) => spans.flatMap(({ from, until }) => [from, until % 1_440])),
  ]);
  return [0, 1, 2, 3, 4, 5, 6].every((day) =>
    [...turns].every((minute) => {
      const holds = ({ spans }: (typeof all)[number]) => holdsAt(spans, { day, minute });
      return !narrow.every(holds) || wide.some(holds);
    }),
  );
}
