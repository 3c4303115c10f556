import type { Instant } from '../values/instant.ts';
import { partOf, type AuditEvent, type UsedResource } from './event-types.ts';

/** An event as it is kept: without what is the same for the whole account. */
export type KeptEvent = Omit<AuditEvent, 'requests' | 'cluster' | 'bytes' | 'files'> & Shared;

/** Other requests were in the certificate too: what was done may be by any of them. */
interface Shared {
  readonly shared?: true;
}

/** Events of one type, in one session or on one resource: how many, and by a hash of their uids, one on the other, which. */
export interface Tally extends Shared {
  readonly type: string;
  /** Empty for what has no session, or was too much to be kept apart. */
  readonly sid: string;
  readonly resource?: UsedResource;
  readonly login?: string;
  /** Starts that came to nothing. */
  readonly failed?: true;
  readonly count: number;
  readonly bytes: number;
  readonly files: number;
  readonly first: Instant;
  readonly last: Instant;
  readonly hash: string;
}

/** Why something may have happened that this account does not have. */
export interface Gap {
  /**
   * `not-read`: the audit log could not be read · `began-later`: reading began after the approval · `unreadable`: events that could not be
   * understood · `other-cluster`: in whose log it would stand · `state-lost`: what was read is gone.
   */
  readonly why: 'not-read' | 'began-later' | 'unreadable' | 'other-cluster' | 'state-lost';
  /** The cause, or the name of the cluster. */
  readonly detail: string;
}

/** Everything from which an account of an access is derived, as it stands in the ledger. */
export interface Evidence {
  /** Teleport's name of the cluster whose audit log was read; null where it is not known. */
  readonly cluster: string | null;
  /** In between the access could be used, as far as is known. */
  readonly from: Instant;
  readonly until: Instant;
  /** The audit log was read up to then; null for not at all. */
  readonly readThrough: Instant | null;
  /** What was asked for. */
  readonly types: readonly string[];
  readonly gaps: readonly Gap[];
  readonly events: readonly KeptEvent[];
  readonly tallies: readonly Tally[];
  /** Events beyond what an entry may hold: they are in the tallies. */
  readonly beyond: number;
}

export type Collected = Pick<Evidence, 'gaps' | 'events' | 'tallies' | 'beyond'>;

export const nothingCollected: Collected = { gaps: [], events: [], tallies: [], beyond: 0 };

/** An entry of the ledger is for ever: so much of one access is kept event by event, and in so many tallies. */
const MOST_EVENTS = 200;
const MOST_TALLIES = 100;
const MOST_GAPS = 20;
/** That it was assumed the first certificates show; each database and application brings further ones. */
const MOST_CERTIFICATES = 3;

/** One more event. `digest` is SHA-256 in hex. An event that is kept already changes nothing; counted ones must not come twice. */
export function withAuditEvent(
  collected: Collected,
  event: AuditEvent,
  digest: (text: string) => string,
): Collected {
  if (collected.events.some(({ uid }) => uid === event.uid)) return collected;
  const { route, cluster } = event;
  const routed =
    route === undefined || route === cluster
      ? collected
      : withGap(collected, { why: 'other-cluster', detail: route });
  const { events, tallies, beyond } = routed;
  const isCounted = partOf(event.type) === 'counted' || isFurtherCertificate(event, events);
  if (!isCounted && events.length < MOST_EVENTS) return { ...routed, events: [...events, keptOf(event)] };
  return {
    ...routed,
    tallies: tallied(tallies, event, digest),
    beyond: isCounted ? beyond : beyond + 1,
  };
}

export function withGap(collected: Collected, gap: Gap): Collected {
  const { gaps } = collected;
  const isKnown = gaps.some(({ why, detail }) => why === gap.why && detail === gap.detail);
  return isKnown || gaps.length >= MOST_GAPS ? collected : { ...collected, gaps: [...gaps, gap] };
}

function isFurtherCertificate({ type }: AuditEvent, events: readonly KeptEvent[]): boolean {
  return type === 'cert.create' && events.filter((each) => each.type === type).length >= MOST_CERTIFICATES;
}

function keptOf(event: AuditEvent): KeptEvent {
  const counted = new Set(['requests', 'cluster', 'bytes', 'files']);
  const kept = Object.fromEntries(Object.entries(event).filter(([key]) => !counted.has(key)));
  return { ...kept, ...sharedBy(event) } as unknown as KeptEvent;
}

function sharedBy({ requests }: AuditEvent): Shared {
  return requests.length > 1 ? { shared: true } : {};
}

function tallied(
  tallies: readonly Tally[],
  event: AuditEvent,
  digest: (text: string) => string,
): readonly Tally[] {
  const full = tallies.length >= MOST_TALLIES;
  const exact = tallies.findIndex((tally) => isOf(tally, event));
  const at = exact >= 0 || !full ? exact : tallies.findIndex((each) => isRestOf(each, event));
  const before = tallies[at];
  const { type, time, bytes = 0, files = 0 } = event;
  if (before === undefined) {
    const { sid = '', resource, login } = event;
    const whose = full
      ? { sid: '' }
      : {
          sid,
          ...(resource === undefined ? {} : { resource }),
          ...(login === undefined ? {} : { login }),
        };
    const hash = digest(event.uid);
    const amount = { ...(event.failed === true ? { failed: true as const } : {}), count: 1, bytes, files };
    return [...tallies, { type, ...whose, ...amount, first: time, last: time, hash, ...sharedBy(event) }];
  }
  const grown = {
    ...before,
    ...sharedBy(event),
    count: before.count + 1,
    bytes: before.bytes + bytes,
    files: before.files + files,
    first: time < before.first ? time : before.first,
    last: time > before.last ? time : before.last,
    hash: digest(`${before.hash} ${event.uid}`),
  };
  return tallies.with(at, grown);
}

function isOf(tally: Tally, { type, sid = '', resource, login, failed }: AuditEvent): boolean {
  if (tally.type !== type || tally.sid !== sid || tally.failed !== failed) return false;
  if (sid !== '') return true;
  return (
    tally.resource?.kind === resource?.kind &&
    tally.resource?.name === resource?.name &&
    tally.login === login
  );
}

function isRestOf(tally: Tally, { type, failed }: AuditEvent): boolean {
  const { sid, resource, login } = tally;
  const isRest = sid === '' && resource === undefined && login === undefined;
  return isRest && tally.type === type && tally.failed === failed;
}
