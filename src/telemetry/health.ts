import type { RequestId } from '../core/access-request.ts';
import { partsOf } from '../core/record/effect-keys.ts';
import { MINUTE, msBetween, SECOND, type Instant } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type {
  Ask,
  PagerDutyAdmin,
  PagerDutyCredentials,
  PagerDutyError,
  PagerDutyExchange,
} from '../ports/pagerduty.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { RosterHealth } from '../ports/roster.ts';
import { readinessOf, type CallHistory, type Readiness, type Refused, type Signals } from './readiness.ts';
import { messageOf } from '../core/values/cause.ts';

/** What decisions ask of PagerDuty says enough; only silence is broken by a question of our own: two a minute of 960. */
const PAGERDUTY_SILENCE_MS = 25 * SECOND;
const PROBE_DEADLINE_MS = 10 * SECOND;
/** The identity is looked at every minute, and what is wrong with it is told each time. */
const IDENTITY_PROBLEM_MS = 2.5 * MINUTE;
/** A lock that is owing is tried every five minutes at the latest; untried for so long, the access has ended otherwise. */
const LOCK_OWING_MS = 12 * MINUTE;

export interface Probed {
  readonly ledger: Pick<Ledger, 'probe'>;
  readonly pagerduty: Pick<PagerDutyAdmin, 'reachable'>;
  /** Sees that keys can be read, and has tokens before they are needed. */
  readonly refreshCredentials: () => Promise<void>;
}

/** What is known of the service's health, gathered from what happens anyway, and from a probe where nothing does. */
export interface Health {
  readonly reporter: Partial<Reporter>;
  readonly onExchange: (exchange: PagerDutyExchange) => void;
  /** `roster` is null before it is begun. */
  readiness(
    identityExpires: Instant,
    credentials: PagerDutyCredentials,
    roster?: RosterHealth | null,
  ): Readiness;
  /** Asks what has not been heard of lately. Never throws; to be called every 15 s or so. */
  probe(probed: Probed, signal: AbortSignal): Promise<void>;
}

const NEVER_CALLED: CallHistory = { lastSuccess: null, failures: 0, failingSince: null, cause: null };

export function createHealth(clock: Clock, { isSealed = false } = {}): Health {
  const startedAt = clock.now();
  let watch: Signals['watch'] = { lostSince: startedAt, liveSince: null, cause: null };
  let problem: { readonly at: Instant; readonly cause: string } | null = null;
  let pagerduty = NEVER_CALLED;
  let refreshed = NEVER_CALLED;
  let ledger = NEVER_CALLED;
  let loginStatesRefused: Refused | null = null;
  let auditLogUnread: Signals['auditLogUnread'];
  /** By request: when its lock was tried first and last. */
  const locks = new Map<RequestId, Refused & { readonly triedAt: Instant }>();
  const unheard = new Map<RequestId, Omit<Refused, 'lasting'>>();
  const forged = new Map<string | null, string>();

  function onExchange({ failure }: PagerDutyExchange): void {
    pagerduty = isOutage(failure) ? failed(pagerduty, failure.message) : succeeded();
  }

  function succeeded(): CallHistory {
    return { ...NEVER_CALLED, lastSuccess: clock.now() };
  }

  function failed(history: CallHistory, cause: string): CallHistory {
    return {
      ...history,
      failures: history.failures + 1,
      failingSince: history.failingSince ?? clock.now(),
      cause,
    };
  }

  /** How it went, on top of how it went before. */
  async function historyOf(before: CallHistory, call: () => Promise<void>): Promise<CallHistory> {
    try {
      await call();
      return succeeded();
    } catch (error) {
      return failed(before, messageOf(error));
    }
  }

  async function probeLedger(probed: Probed['ledger']): Promise<void> {
    ledger = await historyOf(ledger, () => probed.probe());
  }

  async function probeCredentials(refresh: Probed['refreshCredentials']): Promise<void> {
    refreshed = await historyOf(refreshed, refresh);
  }

  async function probePagerDuty(probed: Probed['pagerduty'], signal: AbortSignal): Promise<void> {
    const { lastSuccess } = pagerduty;
    if (lastSuccess !== null && msBetween(lastSuccess, clock.now()) < PAGERDUTY_SILENCE_MS) return;
    const ask: Ask = { signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_DEADLINE_MS)]) };
    const before = pagerduty;
    try {
      await probed.reachable(ask);
    } catch (error) {
      // Its exchanges have told already, unless there was none: no key to be had, or nothing sent during an outage.
      const message = messageOf(error);
      if (pagerduty === before) pagerduty = failed(pagerduty, message);
    }
  }

  function lastingProblem(now: Instant): string | null {
    return problem !== null && msBetween(problem.at, now) < IDENTITY_PROBLEM_MS ? problem.cause : null;
  }

  function locksUnset(now: Instant): Signals['locksUnset'] {
    for (const [id, { triedAt }] of locks) if (msBetween(triedAt, now) >= LOCK_OWING_MS) locks.delete(id);
    return lastOf([...locks.values()]);
  }

  return {
    reporter: {
      loginStates: ({ state, cause }) => {
        loginStatesRefused = state === 'refused' ? { since: clock.now(), cause, lasting: true } : null;
      },
      auditLog: ({ state, cause }) => {
        auditLogUnread = state === 'read' ? null : { since: auditLogUnread?.since ?? clock.now(), cause };
      },
      usageFailed: ({ cause }) => {
        auditLogUnread = { since: auditLogUnread?.since ?? clock.now(), cause };
      },
      effectFailed: ({ requestId, key, cause: { message, transient } }) => {
        if (partsOf(key).word !== 'lock') return;
        const triedAt = clock.now();
        const since = locks.get(requestId)?.since ?? triedAt;
        locks.set(requestId, { since, triedAt, cause: message, lasting: !transient });
      },
      effectDone: ({ requestId, key, outcome: { ours } }) => {
        const { word } = partsOf(key);
        if (word === 'lock') locks.delete(requestId);
        if (ours && (word === 'page' || word === 'move-up')) unheard.delete(requestId);
      },
      watchLive: () => {
        watch = { lostSince: null, liveSince: clock.now(), cause: null };
      },
      watchLost: ({ cause }) => {
        watch = { ...watch, lostSince: watch.lostSince ?? clock.now(), cause };
      },
      identityRenewed: () => {
        problem = null;
      },
      identityProblem: ({ cause }) => {
        problem = { at: clock.now(), cause };
      },
      nobodyToPage: ({ requestId, why }) => {
        unheard.set(requestId, { since: unheard.get(requestId)?.since ?? clock.now(), cause: why });
      },
      ended: ({ requestId }) => void unheard.delete(requestId),
      recordForged: ({ requestId, cause }) => void forged.set(requestId, cause),
      recordSound: ({ requestId }) => void forged.delete(requestId),
    },
    onExchange,
    readiness(identityExpires, known, roster = null) {
      const now = clock.now();
      const identity = { expires: identityExpires, problem: lastingProblem(now) };
      const credentials = { known, refreshed };
      const [first = null] = forged.values();
      const signals = {
        startedAt,
        watch,
        identity,
        pagerduty,
        credentials,
        ledger,
        loginStatesRefused,
        locksUnset: locksUnset(now),
        unheard: lastOf([...unheard.values()]),
        ...(isSealed ? { forged: first } : {}),
        ...(auditLogUnread === undefined ? {} : { auditLogUnread }),
        ...(roster === null ? {} : { roster }),
      };
      return readinessOf(signals, now);
    },
    async probe(probed, signal) {
      await Promise.all([
        probeLedger(probed.ledger),
        probePagerDuty(probed.pagerduty, signal),
        probeCredentials(probed.refreshCredentials),
      ]);
    },
  };
}

/** The last of what happened to several requests, since when the first of them, and to how many. */
function lastOf<T extends { readonly since: Instant }>(
  all: readonly T[],
): (T & { readonly requests: number }) | null {
  const [first] = all;
  const last = all.at(-1);
  return first === undefined || last === undefined
    ? null
    : { ...last, since: first.since, requests: all.length };
}

/** A refusal of one question is an answer: PagerDuty is there, and takes the key. */
function isOutage(failure: PagerDutyError | null): failure is PagerDutyError {
  switch (failure?.kind) {
    case 'timeout':
    case 'unavailable':
    case 'rate-limited':
    case 'unauthorised':
    case 'malformed':
      return true;
    case 'forbidden':
    case 'not-found':
    case 'ambiguous':
    case 'refused':
    case undefined:
      return false;
  }
}

/** One failure is a hiccup, for which whoever asked asks again. */
const FAILURES_IN_A_ROW = 3;

/** Tells once that PagerDuty cannot be used, and once that it can be again, by how its calls end. */
export function outageTeller(reporter: Pick<Reporter, 'pagerDuty'>): (exchange: PagerDutyExchange) => void {
  let failures = 0;
  return ({ failure }) => {
    if (!isOutage(failure)) {
      if (failures >= FAILURES_IN_A_ROW) reporter.pagerDuty({ state: 'usable', cause: '' });
      failures = 0;
      return;
    }
    failures += 1;
    if (failures === FAILURES_IN_A_ROW) reporter.pagerDuty({ state: 'unusable', cause: failure.message });
  };
}
