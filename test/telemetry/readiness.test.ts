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
};

/** An OAuth app with tokens that last for so long, and without these scopes. */
function tokens(leftMs: number, ...missingScopes: readonly string[]): Signals['credentials'] {
  const neededScopes = ['oncalls.read', 'schedules.read', 'incidents.write'];
  return {
    known: { kind: 'oauth', expires: ago(-leftMs), neededScopes, missingScopes },
    refreshed: ANSWERS,
  };
}

function failing(failures: number, forMs: number): CallHistory {
  return { lastSuccess: ago(forMs + SECOND), failures, failingSince: ago(forMs), cause: 'timed out' };
}

const CASES: readonly (readonly [
  what: string,
  part: PartName,
  signals: Partial<Signals>,
  state: string,
  ready: boolean,
])[] = [
  ['a live watch', 'watch', {}, 'ok', true],
  [
    'a watch lost for a moment',
    'watch',
    { watch: { lostSince: ago(29 * SECOND), liveSince: ago(MINUTE), cause: 'reset' } },
    'degraded',
    true,
  ],
  [
    'a watch lost for long',
    'watch',
    { watch: { lostSince: ago(30 * SECOND), liveSince: ago(MINUTE), cause: 'reset' } },
    'failed',
    false,
  ],
  [
    'a watch not yet begun',
    'watch',
    { startedAt: ago(SECOND), watch: { lostSince: ago(SECOND), liveSince: null, cause: null } },
    'starting',
    false,
  ],
  [
    'a Teleport that is not to be reached from the start',
    'watch',
    { watch: { lostSince: ago(MINUTE), liveSince: null, cause: 'refused' } },
    'failed',
    false,
  ],
  ['an identity with time left', 'identity', {}, 'ok', true],
  [
    'an identity about to end',
    'identity',
    { identity: { expires: ago(-10 * MINUTE), problem: null } },
    'degraded',
    true,
  ],
  [
    'an identity that cannot be renewed, but is valid still',
    'identity',
    { identity: { expires: ago(-40 * MINUTE), problem: 'cannot be read' } },
    'degraded',
    true,
  ],
  ['an expired identity', 'identity', { identity: { expires: ago(0), problem: null } }, 'failed', false],
  ['PagerDuty that answers', 'pagerduty', {}, 'ok', true],
  ['one failed call', 'pagerduty', { pagerduty: failing(1, 0) }, 'degraded', true],
  [
    'a burst of failures within one moment',
    'pagerduty',
    { pagerduty: failing(50, SECOND) },
    'degraded',
    true,
  ],
  ['two failures far apart', 'pagerduty', { pagerduty: failing(2, 45 * SECOND) }, 'degraded', true],
  ['failures for half a minute', 'pagerduty', { pagerduty: failing(3, 30 * SECOND) }, 'failed', false],
  [
    'PagerDuty that nobody has asked for long',
    'pagerduty',
    { pagerduty: { ...ANSWERS, lastSuccess: ago(2 * MINUTE) } },
    'failed',
    false,
  ],
  [
    'PagerDuty that has never been asked',
    'pagerduty',
    { pagerduty: { ...ANSWERS, lastSuccess: null } },
    'starting',
    false,
  ],
  ['API keys', 'credentials', {}, 'ok', true],
  [
    'keys that cannot be read once',
    'credentials',
    { credentials: { ...HEALTHY.credentials, refreshed: failing(1, 0) } },
    'degraded',
    true,
  ],
  [
    'keys that cannot be read',
    'credentials',
    { credentials: { ...HEALTHY.credentials, refreshed: failing(3, 30 * SECOND) } },
    'failed',
    false,
  ],
  ['tokens with time left', 'credentials', { credentials: tokens(20 * 60 * MINUTE) }, 'ok', true],
  [
    'tokens that nobody could renew so far',
    'credentials',
    { credentials: tokens(20 * MINUTE) },
    'degraded',
    true,
  ],
  [
    'tokens without a scope that some rules need',
    'credentials',
    { credentials: tokens(20 * 60 * MINUTE, 'schedules.read') },
    'degraded',
    true,
  ],
  [
    'tokens that do not tell who is on call',
    'credentials',
    { credentials: tokens(20 * 60 * MINUTE, 'schedules.read', 'oncalls.read') },
    'failed',
    false,
  ],
  [
    'tokens that page nobody, which shadow rules do without',
    'credentials',
    { credentials: tokens(20 * 60 * MINUTE, 'incidents.write') },
    'degraded',
    true,
  ],
  ['a ledger that cannot be written once', 'ledger', { ledger: failing(1, 0) }, 'degraded', true],
  ['a ledger that cannot be written', 'ledger', { ledger: failing(3, MINUTE) }, 'failed', false],
  ['login states that may be read', 'login-states', {}, 'ok', true],
  [
    'login states that Teleport refuses',
    'login-states',
    { loginStatesRefused: { since: ago(0), cause: 'add the line', lasting: true } },
    'failed',
    false,
  ],
  ['no lock that is owing', 'locks', {}, 'ok', true],
  [
    'a lock that fails for a moment',
    'locks',
    { locksUnset: { since: ago(29 * SECOND), cause: 'no answer', lasting: false, requests: 1 } },
    'degraded',
    true,
  ],
  [
    'a lock that fails for long',
    'locks',
    { locksUnset: { since: ago(30 * SECOND), cause: 'no answer', lasting: false, requests: 1 } },
    'failed',
    false,
  ],
  [
    'a lock that Teleport refuses',
    'locks',
    { locksUnset: { since: ago(0), cause: 'add the line', lasting: true, requests: 1 } },
    'failed',
    false,
  ],
  ['a ledger that only we have written to', 'record', { forged: null }, 'ok', true],
  ['a ledger that others have written to', 'record', { forged: 'entry 7 has no seal' }, 'degraded', true],
];

describe('readiness', () => {
  it.each(CASES)('%s: %s', (_what, part, signals, state, ready) => {
    const readiness = readinessOf({ ...HEALTHY, ...signals }, instantOf(NOW_MS));

    expect(readiness.parts[part]?.state).toBe(state);
    expect(readiness.ready).toBe(ready);
  });

  it('says of each part how old its last good sign is, and why it is not good', () => {
    const { parts } = readinessOf({ ...HEALTHY, pagerduty: failing(3, 40 * SECOND) }, instantOf(NOW_MS));

    expect(parts.pagerduty).toEqual({ state: 'failed', ageMs: 41 * SECOND, reason: 'timed out' });
    expect(parts.watch.ageMs).toBe(0);
    expect(parts.identity.reason).toContain('valid until 2026-03-03T02:54:07.000Z');
  });

  it('says until when tokens are good, and which scopes they lack', () => {
    const reasons = [
      tokens(20 * 60 * MINUTE),
      tokens(MINUTE),
      tokens(20 * 60 * MINUTE, 'schedules.read'),
    ].map(
      (credentials) => readinessOf({ ...HEALTHY, credentials }, instantOf(NOW_MS)).parts.credentials.reason,
    );

    expect(reasons).toEqual([
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
