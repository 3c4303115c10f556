import { canonicalName, looksLikeId } from '../core/roster/pin.ts';
import { PagerDutyError } from '../ports/pagerduty.ts';
import { isDeleted, type Named } from './schema.ts';

export interface Lookup<T extends Named> {
  /** For messages, for instance `service`. */
  readonly noun: string;
  readonly idOrName: string;
  /** Null, or throws kind `not-found` or `refused`, for an id that is none. */
  readonly byId: (id: string) => Promise<T | null>;
  /** At least all that have the name; PagerDuty's `query` gives all that contain it. */
  readonly containing: (name: string) => Promise<readonly T[]>;
}

/**
 * What an id or an exact name stands for. Names are compared without regard to case and composition. Throws
 * PagerDutyError of kind `not-found`, or `ambiguous` when several have the name: a rule must never mean another
 * service because somebody created one.
 */
export async function lookUp<T extends Named>({ noun, idOrName, byId, containing }: Lookup<T>): Promise<T> {
  const wanted = idOrName.trim();
  if (looksLikeId(wanted)) {
    const found = await nullIfNoSuchId(byId(wanted));
    if (found !== null) return found;
  }
  const candidates = wanted === '' ? [] : await candidatesFor(wanted, containing);
  const canonical = canonicalName(wanted);
  const named = candidates.filter((row) => !isDeleted(row) && canonicalName(row.name) === canonical);
  const [match, ...others] = new Map(named.map((row) => [row.id, row])).values();
  if (match === undefined) {
    const problem = `PagerDuty has no ${noun} \`${idOrName}\` that the API key may see; check the spelling and the key's rights`;
    throw new PagerDutyError('not-found', problem);
  }
  if (others.length > 0) {
    const ids = [match, ...others].map(({ id }) => id).join(', ');
    const problem = `PagerDuty has more than one ${noun} named \`${idOrName}\`; use one of the ids ${ids} instead`;
    throw new PagerDutyError('ambiguous', problem);
  }
  return match;
}

/** PagerDuty finds what contains the text as it was written: keyboards put letters together, and what was copied may have them apart. */
async function candidatesFor<T extends Named>(
  wanted: string,
  containing: Lookup<T>['containing'],
): Promise<readonly T[]> {
  const together = wanted.normalize('NFC');
  const found = await containing(together);
  const apart = wanted.normalize('NFD');
  return found.length > 0 || apart === together ? found : containing(apart);
}

/** The value, or null when PagerDuty has no such thing. */
export async function nullIfNotFound<T>(answer: Promise<T>): Promise<T | null> {
  return await nullIf(answer, ({ kind }) => kind === 'not-found');
}

/** The same for an id that was only guessed to be one: PagerDuty may also call it a bad argument (400). */
export async function nullIfNoSuchId<T>(answer: Promise<T>): Promise<T | null> {
  return await nullIf(answer, ({ kind }) => kind === 'not-found' || kind === 'refused');
}

async function nullIf<T>(answer: Promise<T>, settled: (error: PagerDutyError) => boolean): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PagerDutyError && settled(error)) return null;
    throw error;
  }
}
