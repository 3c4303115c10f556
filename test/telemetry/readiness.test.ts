import { describe, expect, it } from 'vitest';
import { instantOf, MINUTE, SECOND, type Instant } from '../../src/core/values/instant.ts';
import { readinessOf, type CallHistory, type PartName, type Signals } from '../../src/telemetry/readiness.ts';

const NOW_MS = Date.UTC(2026, 2, 3, 2, 14, 7);

function ago(ms: number): Instant {
  return instantOf(NOW_MS - ms);
}

const ANSWERS: CallHistory = { lastSuccess: ago(SECOND), failures: 0, failingSince: null, cause: null };

const HEALTHY: Signals = {
  startedAt: ago(60 * MINUTE),
  watch: { lostSince: null, liveSince: ago(50 * MINUTE), cause: null },
  identity: { expires: ago(-40 * MINUTE), problem: null },
  pagerduty: ANSWERS,
  credentials: {
    known: { kind: 'keys', expires: null, neededScopes: [], missingScopes: [] },
    refreshed: ANSWERS,
  },
  ledger: ANSWERS,
  loginStatesRefused: null,
  locksUnset: null,
  unheard: null,
};

/** An OAuth app with tokens that last for so long, and without these scopes. */
function tokens(leftMs: number, ...missingScopes: readonly string[]): Signals['credentials'] {
  const neededScopes = ['oncalls.read', 'schedules.read', 'incidents.write'];
  return { known: { kind: 'oauth', expires: ago(-leftMs), neededScopes, missingScopes }, refreshed: ANSWERS };
}

function failing(failures: number, forMs: number): CallHistory {
  return { lastSuccess: ago(forMs + SECOND), failures, failingSince: ago(forMs), cause: 'timed out' };
}

type Case = readonly [what: string, state: string, ready: boolean, signals?: Partial<Signals>];

const watch = (lostMs: number | null, liveMs: number | null): Partial<Signals> => ({
  watch: {
    lostSince: lostMs === null ? null : ago(lostMs),
    liveSince: liveMs === null ? null : ago(liveMs),
    cause: 'reset',
  },
});
const identity = (leftMs: number, problem: string | null = null): Partial<Signals> => ({
  identity: { expires: ago(-leftMs), problem },
});
const pagerduty = (history: Partial<CallHistory>): Partial<Signals> => ({
  pagerduty: { ...ANSWERS, ...history },
});
const keys = (refreshed: CallHistory): Partial<Signals> => ({
  credentials: { ...HEALTHY.credentials, refreshed },
});
const token = (leftMs: number, ...missing: readonly string[]): Partial<Signals> => ({
  credentials: tokens(leftMs, ...missing),
});
const lock = (ms: number, lasting = false): Partial<Signals> => ({
  locksUnset: { since: ago(ms), cause: 'no answer', lasting, requests: 1 },
});
const roster = (more: Partial<NonNullable<Signals['roster']>> = {}): Partial<Signals> => ({
  roster: { state: 'fresh', ageMs: SECOND, cause: null, unread: null, everyMs: 4 * SECOND, ...more },
});
const DAY = 20 * 60 * MINUTE;

const CASES: Readonly<Partial<Record<PartName, readonly Case[]>>> = {
  watch: [
    ['a live watch', 'ok', true],
    ['a watch lost for a moment', 'degraded', true, watch(29 * SECOND, MINUTE)],
    ['a watch lost for long', 'failed', false, watch(30 * SECOND, MINUTE)],
    ['a watch not yet begun', 'starting', false, { startedAt: ago(SECOND), ...watch(SECOND, null) }],
    ['a Teleport that is not to be reached from the start', 'failed', false, watch(MINUTE, null)],
  ],
  identity: [
    ['an identity with time left', 'ok', true],
    ['an identity about to end', 'degraded', true, identity(10 * MINUTE)],
    ['one that is not renewed, but valid', 'degraded', true, identity(40 * MINUTE, 'cannot be read')],
    ['an expired identity', 'failed', false, identity(0)],
  ],
  pagerduty: [
    ['PagerDuty that answers', 'ok', true],
    ['one failed call', 'degraded', true, pagerduty(failing(1, 0))],
    ['a burst of failures within one moment', 'degraded', true, pagerduty(failing(50, SECOND))],
    ['two failures far apart', 'degraded', true, pagerduty(failing(2, 45 * SECOND))],
    ['failures for half a minute', 'failed', false, pagerduty(failing(3, 30 * SECOND))],
    ['PagerDuty that nobody asked for long', 'failed', false, pagerduty({ lastSuccess: ago(2 * MINUTE) })],
    ['PagerDuty that has never been asked', 'starting', false, pagerduty({ lastSuccess: null })],
  ],
  credentials: [
    ['API keys', 'ok', true],
    ['keys that cannot be read once', 'degraded', true, keys(failing(1, 0))],
    ['keys that cannot be read', 'failed', false, keys(failing(3, 30 * SECOND))],
    ['tokens with time left', 'ok', true, token(DAY)],
    ['tokens that nobody could renew so far', 'degraded', true, token(20 * MINUTE)],
    ['tokens without a scope that some rules need', 'degraded', true, token(DAY, 'schedules.read')],
    ['tokens that do not tell who is on call', 'failed', false, token(DAY, 'schedules.read', 'oncalls.read')],
    ['tokens that page nobody, unneeded in shadow', 'degraded', true, token(DAY, 'incidents.write')],
  ],
  ledger: [
    ['a ledger that cannot be written once', 'degraded', true, { ledger: failing(1, 0) }],
    ['a ledger that cannot be written', 'failed', false, { ledger: failing(3, MINUTE) }],
  ],
  roster: [
    ['a roster that is fresh', 'ok', true, roster()],
    ['one that is read only when it is asked', 'ok', true, roster({ everyMs: Infinity })],
    ['one that could not be renewed', 'degraded', true, roster({ state: 'late', cause: 'timed out' })],
    ['one that lacks a service', 'degraded', true, roster({ unread: { count: 1, cause: 'service X' } })],
  ],
  usage: [
    ['an audit log that is read', 'ok', true, { auditLogUnread: null }],
    ['one that is not', 'degraded', true, { auditLogUnread: { since: ago(DAY), cause: 'denied' } }],
  ],
  'login-states': [
    ['login states that may be read', 'ok', true],
    [
      'login states that Teleport refuses',
      'failed',
      false,
      { loginStatesRefused: { since: ago(0), cause: 'add the line', lasting: true } },
    ],
  ],
  locks: [
    ['no lock that is owing', 'ok', true],
    ['a lock that fails for a moment', 'degraded', true, lock(29 * SECOND)],
    ['a lock that fails for long', 'failed', false, lock(30 * SECOND)],
    ['a lock that Teleport refuses', 'failed', false, lock(0, true)],
  ],
  pages: [
    ['pages that reach somebody', 'ok', true],
    ['one unheard', 'degraded', true, { unheard: { since: ago(DAY), cause: 'in maintenance', requests: 1 } }],
  ],
  record: [
    ['a ledger that only we have written to', 'ok', true, { forged: null }],
    ['a ledger that others have written to', 'degraded', true, { forged: 'entry 7 has no seal' }],
  ],
};

describe('readiness', () => {
  describe.each(Object.entries(CASES) as [PartName, readonly Case[]][])('by its part %s', (part, cases) => {
    it.each(cases.map((each) => [...each] as const))('%s: %s', (...[, state, ready, signals]: Case) => {
      const readiness = readinessOf({ ...HEALTHY, ...signals }, instantOf(NOW_MS));

      expect(readiness.parts[part]?.state).toBe(state);
      expect(readiness.ready).toBe(ready);
    });
  });

  it('says of each part how old its last good sign is, and why it is not good', () => {
    const { parts } = readinessOf({ ...HEALTHY, pagerduty: failing(3, 40 * SECOND) }, instantOf(NOW_MS));

    expect(parts.pagerduty).toEqual({ state: 'failed', ageMs: 41 * SECOND, reason: 'timed out' });
    expect(parts.watch.ageMs).toBe(0);
    expect(parts.identity.reason).toContain('valid until 2026-03-03T02:54:07.000Z');
  });

  it('says until when tokens are good, and which scopes they lack', () => {
    expect(
      [tokens(20 * 60 * MINUTE), tokens(MINUTE), tokens(20 * 60 * MINUTE, 'schedules.read')].map(
        (credentials) => readinessOf({ ...HEALTHY, credentials }, instantOf(NOW_MS)).parts.credentials.reason,
      ),
    ).toEqual([
      'OAuth tokens until 2026-03-03T22:14:07.000Z, with all 3 scopes',
      'OAuth tokens until 2026-03-03T02:15:07.000Z, with all 3 scopes, could not be renewed so far',
      'the OAuth app was not granted schedules.read',
    ]);
  });

  it('counts one success as the end of all failures before it', () => {
    const before = readinessOf({ ...HEALTHY, ledger: failing(9, MINUTE) }, instantOf(NOW_MS));
    const after = readinessOf({ ...HEALTHY, ledger: ANSWERS }, instantOf(NOW_MS));

    expect([before.ready, after.ready]).toEqual([false, true]);
  });
});
