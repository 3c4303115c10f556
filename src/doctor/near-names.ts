import { distance } from 'fastest-levenshtein';
import type { TargetKind } from '../core/rule.ts';
import { sanitise, listed } from '../core/values/words.ts';
import { PagerDutyError, type Ask, type PagerDutyAdmin } from '../ports/pagerduty.ts';
import { orNull } from './finding.ts';

/** More would be a list to read instead of an answer. */
const MOST = 3;

/**
 * What the look-up gives. A name that does not exist, or that the key may not see, is told with the names that are near it.
 * Throws PagerDutyError as the look-up does.
 */
export async function withNearNames<T>(
  lookUp: () => Promise<T>,
  { kind, asked }: { readonly kind: TargetKind; readonly asked: string },
  admin: Pick<PagerDutyAdmin, 'namesOf'>,
  ask: Ask,
): Promise<T> {
  try {
    return await lookUp();
  } catch (error) {
    if (!(error instanceof PagerDutyError) || error.kind !== 'not-found') throw error;
    // The names are only help: what the look-up said stands without them.
    const near = nearest(asked, (await orNull(admin.namesOf(kind, ask), PagerDutyError)) ?? []);
    if (near.length === 0) throw error;
    throw new PagerDutyError('not-found', `${error.message}; ${meant(near)}`, {
      transient: error.transient,
      status: error.status,
      cause: error,
    });
  }
}

/** `did you mean …?` */
export function meant(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${sanitise(name, 100)}\``);
  return `did you mean ${listed(quoted, 'or')}?`;
}

/** The nearest names, nearest first: a few letters apart, or one within the other. Case does not count. */
export function nearest(asked: string, names: readonly string[]): readonly string[] {
  const wanted = canonical(asked);
  return [...new Set(names)]
    .map((name) => ({ name, apart: distance(wanted, canonical(name)) }))
    .filter(({ name, apart }) => apart <= wanted.length / 3 || isPart(wanted, canonical(name)))
    .sort((one, other) => one.apart - other.apart)
    .slice(0, MOST)
    .map(({ name }) => name);
}

function isPart(one: string, other: string): boolean {
  return one.length > 2 && other.length > 2 && (one.includes(other) || other.includes(one));
}

function canonical(name: string): string {
  return name.trim().normalize('NFC').toLowerCase();
}
