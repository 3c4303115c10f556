import { holdsKind, isInKubernetes, spellingsOf } from '../core/resources/resource.ts';
import type { ResourceScope } from '../core/resources/resource-scope.ts';
import { matchesAny, matchesPattern } from '../core/values/pattern.ts';

/** What a claim is about; where it is in a leaf cluster, `clusters` says in which. */
export interface Things extends ResourceScope {
  readonly inLeaf?: true;
}

/** Whether nothing that the scope covers is one of these things, or may be, or holds one of them. */
export function areApart(things: Things | null, scope: ResourceScope | null): boolean {
  if (things === null) return false;
  // Nobody needs to know what the root cluster is called: without a word of clusters a rule is for that one alone.
  if (things.inLeaf === true && scope?.clusters === undefined) return true;
  if (scope === null) return false;
  // By its name a node may be meant, or by its id.
  const isNode = [things, scope].every(({ kinds }) => matchesAny(kinds, 'node'));
  const isInside =
    things.kinds.every((kind) => !kind.includes('*') && isInKubernetes({ kind })) &&
    holdersIn(scope).length === 0;
  const covered = new Map(Object.entries(scope.labels ?? {}));
  return (
    kindsAreApart(things, scope) ||
    (!isNode && noneMayBe(things.names, scope.names)) ||
    noneMayBe(things.clusters ?? ['*'], scope.clusters ?? ['*']) ||
    (isInside && noneMayBe(things.subResources ?? ['*'], scope.subResources ?? ['*'])) ||
    Object.entries(things.labels ?? {}).some(([label, values]) =>
      noneMayBe(values, covered.get(label) ?? ['*']),
    )
  );
}

/** The kinds of things that the scope may cover and that hold others. */
function holdersIn({ kinds }: ResourceScope): readonly string[] {
  return ['kube_cluster', 'namespace'].filter((kind) => matchesAny(kinds, kind));
}

/** Of patterns nobody knows which of the spellings of a kind they are for. */
function kindsAreApart(things: ResourceScope, scope: ResourceScope): boolean {
  const areNamed = [things, scope].some(({ kinds }) => kinds.every((kind) => !kind.includes('*')));
  const mine = things.kinds.flatMap(spellingsOf);
  const isHeld = holdersIn(scope).some((kind) => mine.some((each) => holdsKind({ kind }, each)));
  return areNamed && !isHeld && noneMayBe(mine, scope.kinds.flatMap(spellingsOf));
}

/** Requests may name expressions themselves, which are within what says just the same. */
function noneMayBe(wanted: readonly string[], covered: readonly string[]): boolean {
  const isPlain = [...wanted, ...covered].every((pattern) => !/[$^]/u.test(pattern));
  return isPlain && wanted.every((one) => covered.every((other) => !mayBe(one, other)));
}

/** By how they begin and end, as for requests that name patterns. */
function mayBe(wanted: string, covered: string): boolean {
  if (!covered.includes('*')) return matchesPattern(wanted, covered);
  const [one, other] = [endsOf(wanted), endsOf(covered)];
  return (
    (one.head.startsWith(other.head) || other.head.startsWith(one.head)) &&
    (one.tail.endsWith(other.tail) || other.tail.endsWith(one.tail))
  );
}

function endsOf(pattern: string): { readonly head: string; readonly tail: string } {
  return { head: pattern.replace(/\*.*$/su, ''), tail: pattern.replace(/^.*\*/su, '') };
}
