import { isInKubernetes, spellingsOf } from '../core/resources/resource.ts';
import type { ResourceScope } from '../core/resources/resource-scope.ts';
import { matchesAny, matchesPattern } from '../core/values/pattern.ts';

/** Whether there is surely nothing that both scopes cover. */
export function areApart(one: ResourceScope | null, other: ResourceScope | null): boolean {
  if (one === null || other === null) return false;
  // By its name a node may be meant, or by its id.
  const isNode = [one, other].every(({ kinds }) => matchesAny(kinds, 'node'));
  const isInside = [one, other].some(({ kinds }) =>
    kinds.every((kind) => !kind.includes('*') && isInKubernetes({ kind })),
  );
  const theirs = new Map(Object.entries(other.labels ?? {}));
  return (
    kindsAreApart(one.kinds, other.kinds) ||
    (!isNode && nothingIsBoth(one.names, other.names)) ||
    nothingIsBoth(one.clusters ?? ['*'], other.clusters ?? ['*']) ||
    (isInside && nothingIsBoth(one.subResources ?? ['*'], other.subResources ?? ['*'])) ||
    Object.entries(one.labels ?? {}).some(([label, values]) =>
      nothingIsBoth(values, theirs.get(label) ?? ['*']),
    )
  );
}

/** Of patterns nobody knows which of the spellings of a kind they are for. */
function kindsAreApart(some: readonly string[], others: readonly string[]): boolean {
  const areNamed = [some, others].some((kinds) => kinds.every((kind) => !kind.includes('*')));
  return areNamed && nothingIsBoth(some.flatMap(spellingsOf), others.flatMap(spellingsOf));
}

/** Told by how patterns begin and end. Requests may name expressions themselves, which are within what says just the same. */
function nothingIsBoth(some: readonly string[], others: readonly string[]): boolean {
  const isPlain = [...some, ...others].every((pattern) => !/[$^]/u.test(pattern));
  return isPlain && some.every((one) => others.every((other) => !mayBeBoth(one, other)));
}

function mayBeBoth(one: string, other: string): boolean {
  if (!one.includes('*') || !other.includes('*'))
    return matchesPattern(one, other) || matchesPattern(other, one);
  const [mine, theirs] = [endsOf(one), endsOf(other)];
  return (
    (mine.head.startsWith(theirs.head) || theirs.head.startsWith(mine.head)) &&
    (mine.tail.endsWith(theirs.tail) || theirs.tail.endsWith(mine.tail))
  );
}

function endsOf(pattern: string): { readonly head: string; readonly tail: string } {
  return { head: pattern.slice(0, pattern.indexOf('*')), tail: pattern.slice(pattern.lastIndexOf('*') + 1) };
}
