import { MINUTE, msBetween, SECOND, type Instant } from '../core/values/instant.ts';
import type { PagerDutyCredentials } from '../ports/pagerduty.ts';
import type { RosterHealth } from '../ports/roster.ts';

/** Something that is asked again and again: how it went lately. */
export interface CallHistory {
  readonly lastSuccess: Instant | null;
  /** Failures since the last success, the first of them, and why the last one failed. */
  readonly failures: number;
  readonly failingSince: Instant | null;
  readonly cause: string | null;
}

/** What is known of the things that the service cannot work without. */
export interface Signals {
  readonly startedAt: Instant;
  readonly watch: {
    /** Null while the watch is live. */
    readonly lostSince: Instant | null;
    readonly liveSince: Instant | null;
    readonly cause: string | null;
  };
  readonly identity: {
    readonly expires: Instant;
    /** Why the identity on disk cannot be used, while the one in use goes on. */
    readonly problem: string | null;
  };
  readonly pagerduty: CallHistory;
  /** Whether keys can be read and tokens be had, and what these allow. */
  readonly credentials: { readonly known: PagerDutyCredentials; readonly refreshed: CallHistory };
  readonly ledger: CallHistory;
  /** Why Teleport refuses to say what Access Lists grant; null where it does not. */
  readonly loginStatesRefused: Refused | null;
  /** Locks that should be set and are not, how many, and why not the last of them; null where there are none. */
  readonly locksUnset: (Refused & { readonly requests: number }) | null;
  /** Requests that need a person whom nothing reaches, and why not the last of them; null where there are none. */
  readonly unheard: (Omit<Refused, 'lasting'> & { readonly requests: number }) | null;
  /** What somebody else has done to the ledger; null for nothing, absent where no key could tell. */
  readonly forged?: string | null;
  /** Why Teleport's audit log is not read on; null where it is, absent where it is not followed, or not by this replica. */
  readonly auditLogUnread?: Omit<Refused, 'lasting'> | null;
  /** Who is on call for what the rules name, held ahead of need; absent before it is begun. */
  readonly roster?: Pick<RosterHealth, 'state' | 'ageMs' | 'cause' | 'unread' | 'everyMs'>;
}

/** What Teleport does not let the service do. `lasting`: asking again does not mend it. */
export interface Refused {
  readonly since: Instant;
  readonly cause: string;
  readonly lasting: boolean;
}

/** `degraded` is ready still: something failed, but not yet for long enough to be more than a hiccup. */
export type PartState = 'ok' | 'degraded' | 'starting' | 'failed';

export interface Part {
  readonly state: PartState;
  /** How long ago this was last known to be good; null when it never was. */
  readonly ageMs: number | null;
  readonly reason: string;
}

export type PartName =
  | 'watch'
  | 'identity'
  | 'pagerduty'
  | 'credentials'
  | 'ledger'
  | 'login-states'
  | 'locks'
  | 'pages'
  | 'record'
  | 'usage'
  | 'roster';

/** Of each running service. */
type Everywhere = Exclude<PartName, 'record' | 'usage' | 'roster'>;

export interface Readiness {
  readonly ready: boolean;
  /** `record` where the ledger is sealed, `usage` where the audit log is followed, `roster` once the service has begun. */
  readonly parts: Readonly<Record<Everywhere, Part>> &
    Readonly<Partial<Record<Exclude<PartName, Everywhere>, Part>>>;
}

/** A watch comes back within seconds; meanwhile nothing is lost, since every reconnection lists. */
const WATCH_LOST_MS = 30 * SECOND;
/** Both must be exceeded: one failed call, or a burst within one moment, is no outage. */
const FAILURES_BEFORE_FAILED = 3;
const FAILING_BEFORE_FAILED_MS = 30 * SECOND;
/** Nobody has asked for so long, although the probe does so every 30 s: then the answer counts for nothing any more. */
const STALE_MS = 2 * MINUTE;
/** tbot renews certificates of an hour every 20 minutes unless told otherwise: with so little left, it has stopped. */
const IDENTITY_LOW_MS = 15 * MINUTE;
/** Tokens are renewed an hour before they end, and tried for every minute. */
const TOKEN_LOW_MS = 30 * MINUTE;
/** Without it nobody is ever found to be on call; what the others are for, not every policy needs. */
const ESSENTIAL_SCOPE = 'oncalls.read';

/** Whether the service can do its work now, part by part. Pure: the same signals at the same time give the same answer. */
export function readinessOf(signals: Signals, now: Instant): Readiness {
  const parts = {
    watch: watchPart(signals, now),
    identity: identityPart(signals.identity, now),
    pagerduty: callPart('PagerDuty', signals.pagerduty, now),
    credentials: credentialsPart(signals.credentials, now),
    ledger: callPart('the ledger', signals.ledger, now),
    'login-states': loginStatesPart(signals.loginStatesRefused, now),
    locks: locksPart(signals.locksUnset, now),
    pages: pagesPart(signals.unheard, now),
    ...(signals.forged === undefined ? {} : { record: recordPart(signals.forged) }),
    ...(signals.auditLogUnread === undefined ? {} : { usage: usagePart(signals.auditLogUnread, now) }),
    ...(signals.roster === undefined ? {} : { roster: rosterPart(signals.roster) }),
  };
  const ready = Object.values(parts).every(({ state }) => state === 'ok' || state === 'degraded');
  return { ready, parts };
}

function watchPart({ watch, startedAt }: Signals, now: Instant): Part {
  const { lostSince, liveSince, cause } = watch;
  if (liveSince === null) {
    const reason = cause ?? 'Teleport has not been reached yet';
    const state = msBetween(startedAt, now) < WATCH_LOST_MS ? 'starting' : 'failed';
    return { state, ageMs: null, reason };
  }
  if (lostSince === null) return { state: 'ok', ageMs: 0, reason: `live since ${liveSince}` };
  const ageMs = msBetween(lostSince, now);
  return { state: ageMs < WATCH_LOST_MS ? 'degraded' : 'failed', ageMs, reason: cause ?? 'lost' };
}

function identityPart({ expires, problem }: Signals['identity'], now: Instant): Part {
  const leftMs = msBetween(now, expires);
  if (leftMs <= 0) {
    return { state: 'failed', ageMs: -leftMs, reason: problem ?? `expired at ${expires}: renew it by tbot` };
  }
  const reason = problem ?? `valid until ${expires}`;
  return { state: problem !== null || leftMs < IDENTITY_LOW_MS ? 'degraded' : 'ok', ageMs: 0, reason };
}

function loginStatesPart(refused: Signals['loginStatesRefused'], now: Instant): Part {
  if (refused === null) return { state: 'ok', ageMs: 0, reason: 'nothing is refused' };
  return {
    state: 'failed',
    ageMs: msBetween(refused.since, now),
    reason: `nobody is approved by roles or traits: ${refused.cause}`,
  };
}

function locksPart(unset: Signals['locksUnset'], now: Instant): Part {
  if (unset === null) return { state: 'ok', ageMs: 0, reason: 'no lock is owing' };
  const { requests, since, cause, lasting } = unset;
  return {
    state: lasting || msBetween(since, now) >= FAILING_BEFORE_FAILED_MS ? 'failed' : 'degraded',
    ageMs: msBetween(since, now),
    reason: `access of ${requests} requests goes on after its time: ${cause}`,
  };
}

/** All others are served, so the service stays ready: a requester whom nobody can be asked for must not take it away from them. */
function pagesPart(unheard: Signals['unheard'], now: Instant): Part {
  if (unheard === null) return { state: 'ok', ageMs: 0, reason: 'every page reaches somebody' };
  const { requests, since, cause } = unheard;
  const who = requests === 1 ? '1 request waits, for which' : `${requests} requests wait, for which`;
  return { state: 'degraded', ageMs: msBetween(since, now), reason: `${who} nobody is reached: ${cause}` };
}

/** The requests whose entries are sound go on, so the service stays ready: whoever takes it for gone helps the forger. */
function recordPart(forged: string | null): Part {
  return forged === null
    ? { state: 'ok', ageMs: 0, reason: 'every entry that was read is our own, as far as it can be told' }
    : { state: 'degraded', ageMs: 0, reason: forged };
}

/** No decision depends on it, so the service stays ready. */
function usagePart(unread: NonNullable<Signals['auditLogUnread']> | null, now: Instant): Part {
  if (unread === null) return { state: 'ok', ageMs: 0, reason: 'the audit log is read on' };
  const { since, cause } = unread;
  return {
    ...{ state: 'degraded', ageMs: msBetween(since, now) },
    reason: `what access is used for is not known: ${cause}`,
  };
}

/** A decision that does not find it fresh reads for itself, so the service stays ready. */
function rosterPart({ state, ageMs, cause, unread, everyMs }: NonNullable<Signals['roster']>): Part {
  if (state === 'late' || unread !== null) {
    const what = unread === null ? 'who is on call' : `${unread.count} of what the rules name`;
    const why = unread?.cause ?? cause ?? 'PagerDuty has not answered in time';
    return { state: 'degraded', ageMs, reason: `${what} could not be read ahead of need: ${why}` };
  }
  const pace = everyMs === Infinity ? 'when it is asked for' : `every ${Math.round(everyMs / SECOND)} s`;
  return { state: 'ok', ageMs, reason: `who is on call is read ${pace}` };
}

function credentialsPart({ known, refreshed }: Signals['credentials'], now: Instant): Part {
  const { kind, expires, neededScopes, missingScopes } = known;
  const part = callPart(
    kind === 'keys' ? 'the source of the keys' : 'the source of the tokens',
    refreshed,
    now,
  );
  if (part.state !== 'ok') return part;
  if (kind === 'keys') return { ...part, reason: 'API keys, which do not end' };
  if (missingScopes.length > 0) {
    const state = missingScopes.includes(ESSENTIAL_SCOPE) ? 'failed' : 'degraded';
    return { ...part, state, reason: `the OAuth app was not granted ${missingScopes.join(', ')}` };
  }
  const until = `OAuth tokens until ${expires ?? 'they are had'}, with all ${neededScopes.length} scopes`;
  return expires !== null && msBetween(now, expires) < TOKEN_LOW_MS
    ? { ...part, state: 'degraded', reason: `${until}, could not be renewed so far` }
    : { ...part, reason: until };
}

function callPart(what: string, history: CallHistory, now: Instant): Part {
  const { lastSuccess, failures, failingSince, cause } = history;
  const ageMs = lastSuccess === null ? null : msBetween(lastSuccess, now);
  const failingMs = failingSince === null ? 0 : msBetween(failingSince, now);
  if (failures >= FAILURES_BEFORE_FAILED && failingMs >= FAILING_BEFORE_FAILED_MS) {
    return { state: 'failed', ageMs, reason: cause ?? `${what} does not answer` };
  }
  if (ageMs === null) {
    return { state: 'starting', ageMs, reason: cause ?? `${what} has not been asked yet` };
  }
  if (ageMs >= STALE_MS) {
    return { state: 'failed', ageMs, reason: cause ?? `${what} has not been heard of for too long` };
  }
  return failures > 0
    ? { state: 'degraded', ageMs, reason: cause ?? `${what} failed lately` }
    : { state: 'ok', ageMs, reason: `${what} answers` };
}
