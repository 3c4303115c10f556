import { matchesAny } from '../../core/values/pattern.ts';
import type { Requester } from './claim.ts';
import { butNot } from './patterns.ts';

/** What the requester has not: none of these roles, none of these values of a trait. */
export type Lack =
  { readonly roles: readonly string[] } | { readonly trait: string; readonly values: readonly string[] };

/** Each of these, and each alone, makes somebody another one than is meant. */
export function lacksOf({ requesterRoles, requesterTraits }: Requester): readonly Lack[] {
  return [
    ...(requesterRoles === null ? [] : [{ roles: requesterRoles }]),
    ...Object.entries(requesterTraits ?? {}).map(([trait, values]) => ({ trait, values })),
  ];
}

/** The smallest requester who is all of these and has none of those; null where there is none. */
export function requesterIn(
  { needs, lacks }: { readonly needs: readonly Requester[]; readonly lacks: readonly Lack[] },
  unused: string,
): { readonly roles: readonly string[]; readonly traits: ReadonlyMap<string, readonly string[]> } | null {
  const roles = new Set<string>();
  const traits = new Map<string, readonly string[]>();
  const lackedRoles = lacks.flatMap((lack) => ('roles' in lack ? lack.roles : []));
  for (const { requesterRoles, requesterTraits } of needs) {
    if (requesterRoles !== null && ![...roles].some((role) => matchesAny(requesterRoles, role))) {
      const role = butNot(requesterRoles, lackedRoles, unused);
      if (role === null) return null;
      roles.add(role);
    }
    for (const [trait, values] of Object.entries(requesterTraits ?? {})) {
      const lacked = lacks.flatMap((lack) => ('trait' in lack && lack.trait === trait ? lack.values : []));
      const value = values.find((each) => !lacked.includes(each));
      if (value === undefined) return null;
      traits.set(trait, [...new Set([...(traits.get(trait) ?? []), value])]);
    }
  }
  return { roles: [...roles], traits };
}
