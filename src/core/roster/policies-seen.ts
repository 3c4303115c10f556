import { DAY, earlierOf, HOUR, MINUTE, msBetween, plusMs, type Instant } from '../values/instant.ts';

/** An escalation policy that a watched service was seen to use; or another thing that something was seen to have. */
export interface PolicySeen {
  /** Of a custom field its text. */
  readonly id: string;
  /** Since when, by our own looks alone: time in which nobody looked is not counted. */
  readonly since: Instant;
  /** It was there when the service was looked at for the first time. */
  readonly first?: true;
  /** When it was seen the last time, once a look did not show it; absent while it is there. */
  readonly gone?: Instant;
}

/** The same, of which service; both by their ids. */
export interface PolicySighting extends Pick<PolicySeen, 'since' | 'first'> {
  readonly service: string;
  readonly policy: string;
}

/** What looks at services told of their policies, and PagerDuty's time of the oldest. */
export interface PoliciesReading {
  readonly at: Instant;
  readonly seen: readonly PolicySighting[];
}

/** How old a policy of a service must be by our own looks, before who is on call under it counts. */
export interface Settling {
  readonly ms: number;
  /** Whether what was there at the first look counts all the same: the configuration names the service. */
  readonly orFirst: boolean;
}

/** What is missed for no longer was never away. */
const BRIEF_MS = MINUTE;

/**
 * Looks that are no further apart leave nothing out; and for how long is known what is gone. Milliseconds. `forgetsUnseen`: that time passes
 * also while nobody looks.
 */
interface Looks {
  readonly gapMs: number;
  readonly keptMs: number;
  readonly forgetsUnseen: boolean;
}
const OFTEN: Looks = { gapMs: 15 * MINUTE, keptMs: BRIEF_MS, forgetsUnseen: true };
/** What takes a read for each service is looked at a few times an hour; what it was before must not be made forgotten. */
export const SELDOM: Looks = { gapMs: HOUR, keptMs: 31 * DAY, forgetsUnseen: false };
/** Nothing has an empty id. */
const LOST = '';

/** In place of all that was seen until then, of which nobody knows any more what it was. */
export function lostAt(last: Instant): PolicySeen {
  return { id: LOST, since: plusMs(last, -SELDOM.keptMs), gone: last };
}

export function isLost({ id, gone }: PolicySeen): boolean {
  return id === LOST && gone !== undefined;
}
/** Of what is gone that which lasted longest is kept: who changes a thing often cannot push out what it was before. */
const MOST_GONE = 50;

/** What is known of a service's policies after a look that showed these. */
export function policiesAfter(
  before: { readonly last: Instant; readonly policies?: readonly PolicySeen[] } | null,
  ids: readonly string[],
  at: Instant,
  looks = OFTEN,
): readonly PolicySeen[] {
  const [last, known] = [before?.last ?? at, before?.policies];
  const gapMs = msBetween(last, at);
  const lostMs = gapMs > looks.gapMs ? gapMs : 0;
  const counted = (known ?? []).map((each) => ({
    ...each,
    since: earlierOf(plusMs(each.since, lostMs), at),
  }));
  const isBack = ({ gone }: PolicySeen): boolean => gone === undefined || msBetween(gone, at) <= BRIEF_MS;
  const there = [...new Set(ids)].sort().map((id): PolicySeen => {
    const same = counted.find((each) => each.id === id && isBack(each));
    const first = same === undefined ? known === undefined : same.first === true;
    return { id, since: same?.since ?? at, ...(first ? { first } : {}) };
  });
  // What is gone is as old as it became, and is gone no longer than somebody looked: neither while nobody did, nor by a clock that jumps.
  const forgottenMs = looks.keptMs - (looks.forgetsUnseen ? lostMs : 0);
  const missed = (known ?? [])
    .filter((each) => !ids.includes(each.id) || !isBack(each))
    .map((each) => ({
      ...each,
      ...{ since: plusMs(each.since, lostMs), gone: plusMs(each.gone ?? last, lostMs) },
    }))
    .filter(({ gone }) => msBetween(gone, at) <= forgottenMs)
    .sort((one, other) => msBetween(other.since, other.gone) - msBetween(one.since, one.gone));
  return [...there, ...missed.slice(0, MOST_GONE)];
}

type Looked = Parameters<typeof policiesAfter>[0] & object;

/** What two replicas know of them: what the later look says, of each the earlier sighting. */
export function mergedPolicies(earlier: Looked, later: Looked): readonly PolicySeen[] | undefined {
  if (earlier.policies === undefined || later.policies === undefined)
    return later.policies ?? earlier.policies;
  const ids = later.policies.map(({ id }) => id);
  const before = policiesAfter(earlier, ids, later.last);
  return later.policies.map((each) =>
    before
      .filter(({ id }) => id === each.id)
      .reduce(
        (known, { since, first }) => ({
          ...known,
          since: earlierOf(since, known.since),
          ...(first === true ? { first } : {}),
        }),
        each,
      ),
  );
}

/** Since when a service counts as having a policy; null for what counts. What was not seen is as new as can be. */
export function unsettledSince(
  { service, policy }: { readonly service: string; readonly policy: string },
  { ms, orFirst }: Settling,
  reading: PoliciesReading | undefined,
): { readonly since: Instant | null } | null {
  if (ms === 0) return null;
  if (reading === undefined) return { since: null };
  const seen = reading.seen.find((each) => each.service === service && each.policy === policy);
  if (seen === undefined) return { since: null };
  return isSettled(seen, { ms, orFirst }, reading.at) ? null : { since: seen.since };
}

/** Whether what was there at a look counts: where it is gone, whether it did until then. */
export function isSettled(
  { since, first, gone }: Pick<PolicySeen, 'since' | 'first' | 'gone'>,
  { ms, orFirst }: Settling,
  at: Instant,
): boolean {
  return (orFirst && first === true) || msBetween(since, gone ?? at) >= ms;
}
