import { describe, expect, it } from 'vitest';
import { instantOf, MINUTE, SECOND } from '../../src/core/values/instant.ts';
import { PagerDutyError, type PagerDutyErrorKind } from '../../src/ports/pagerduty.ts';
import type { Cause } from '../../src/core/values/cause.ts';
import { aCause } from '../support/builders.ts';
import { createHealth, type Health, type Probed } from '../../src/telemetry/health.ts';

const SIGNAL = new AbortController().signal;
const START = Date.UTC(2026, 2, 3, 2, 14, 7);
const KEYS = { kind: 'keys', expires: null, neededScopes: [], missingScopes: [] } as const;
const LONG = instantOf(START + 600 * MINUTE);

interface Stage {
  readonly health: Health;
  readonly probed: Probed;
  readonly pass: (ms: number) => void;
  readonly asked: { pagerduty: number };
  ledgerFails: boolean;
  keyFails: boolean;
  tokensFail: boolean;
}

function stage(): Stage {
  let now = START;
  const asked = { pagerduty: 0 };
  const self: Stage = {
    health: createHealth({ now: () => instantOf(now) }),
    probed: {
      ledger: {
        probe: () => (self.ledgerFails ? Promise.reject(new Error('disk full')) : Promise.resolve()),
      },
      pagerduty: {
        reachable() {
          if (self.keyFails) return Promise.reject(new Error('no key'));
          asked.pagerduty += 1;
          self.health.onExchange({ doing: 'reach PagerDuty', failure: null, durationMs: 1 });
          return Promise.resolve({ at: instantOf(now) });
        },
      },
      refreshCredentials: () =>
        self.tokensFail ? Promise.reject(new Error('the client secret is wrong')) : Promise.resolve(),
    },
    pass: (ms) => {
      now += ms;
    },
    asked,
    ledgerFails: false,
    keyFails: false,
    tokensFail: false,
  };
  return self;
}

function exchange(health: Health, kind: PagerDutyErrorKind | null): void {
  const failure = kind === null ? null : new PagerDutyError(kind, `it is ${kind}`, { transient: true });
  health.onExchange({ doing: 'look up a service', failure, durationMs: 1 });
}

describe('health', () => {
  it('is there once the watch is live and everything has answered', async () => {
    const { health, probed } = stage();
    expect(health.readiness(LONG, KEYS).ready).toBe(false);

    await health.probe(probed, SIGNAL);
    health.reporter.watchLive?.({ pending: 0, sinceStartMs: 1 });

    expect(health.readiness(LONG, KEYS).ready).toBe(true);
  });

  it('does not flap on one failed call', async () => {
    const { health, probed, pass } = stage();
    await health.probe(probed, SIGNAL);
    health.reporter.watchLive?.({ pending: 0, sinceStartMs: 1 });

    for (let round = 0; round < 100; round += 1) {
      pass(40 * SECOND);
      exchange(health, 'timeout');
      expect(health.readiness(LONG, KEYS).ready).toBe(true);
      await health.probe(probed, SIGNAL);
    }
  });

  it('is not lost when a token cannot be had once, and is when none can be for long', async () => {
    const self = stage();
    const { health, probed, pass } = self;
    health.reporter.watchLive?.({ pending: 0, sinceStartMs: 1 });
    await health.probe(probed, SIGNAL);
    self.tokensFail = true;
    const ready: boolean[] = [];
    for (let round = 0; round < 4; round += 1) {
      await health.probe(probed, SIGNAL);
      exchange(health, null);
      ready.push(health.readiness(LONG, KEYS).ready);
      pass(15 * SECOND);
    }

    expect(ready).toEqual([true, true, false, false]);
    expect(health.readiness(LONG, KEYS).parts.credentials).toMatchObject({
      state: 'failed',
      reason: 'the client secret is wrong',
    });
  });

  it('asks PagerDuty only after a silence', async () => {
    const { health, probed, pass, asked } = stage();
    await health.probe(probed, SIGNAL);
    pass(15 * SECOND);
    await health.probe(probed, SIGNAL);
    exchange(health, null);
    pass(20 * SECOND);
    await health.probe(probed, SIGNAL);

    expect(asked.pagerduty).toBe(1);

    pass(5 * SECOND);
    await health.probe(probed, SIGNAL);

    expect(asked.pagerduty).toBe(2);
  });

  it.each(['timeout', 'unavailable', 'rate-limited', 'unauthorised', 'malformed'] as const)(
    'takes %s for an outage once it lasts',
    (kind) => {
      const { health, pass } = stage();
      exchange(health, null);
      for (let count = 0; count < 4; count += 1) {
        pass(10 * SECOND);
        exchange(health, kind);
      }

      expect(health.readiness(LONG, KEYS).parts.pagerduty).toMatchObject({
        state: 'failed',
        reason: `it is ${kind}`,
      });
    },
  );

  it.each(['not-found', 'refused', 'forbidden', 'ambiguous'] as const)('takes %s for an answer', (kind) => {
    const { health, pass } = stage();
    for (let count = 0; count < 4; count += 1) {
      exchange(health, kind);
      pass(10 * SECOND);
    }

    expect(health.readiness(LONG, KEYS).parts.pagerduty.state).toBe('ok');
  });

  it('counts a probe that could not even ask', async () => {
    const self = stage();
    self.keyFails = true;
    for (let count = 0; count < 4; count += 1) {
      self.pass(15 * SECOND);
      await self.health.probe(self.probed, SIGNAL);
    }

    expect(self.health.readiness(LONG, KEYS).parts.pagerduty).toMatchObject({
      state: 'failed',
      reason: 'no key',
    });
  });

  it('fails with a ledger that cannot be written for long, and comes back with it', async () => {
    const self = stage();
    self.ledgerFails = true;
    for (let count = 0; count < 4; count += 1) {
      self.pass(15 * SECOND);
      await self.health.probe(self.probed, SIGNAL);
    }
    expect(self.health.readiness(LONG, KEYS).parts.ledger).toMatchObject({
      state: 'failed',
      reason: 'disk full',
    });

    self.ledgerFails = false;
    await self.health.probe(self.probed, SIGNAL);

    expect(self.health.readiness(LONG, KEYS).parts.ledger.state).toBe('ok');
  });

  it('forgets what was wrong with the identity on disk once it is heard of no more', () => {
    const { health, pass } = stage();
    health.reporter.identityProblem?.({ cause: 'cannot be read' });
    expect(health.readiness(LONG, KEYS).parts.identity).toMatchObject({
      state: 'degraded',
      reason: 'cannot be read',
    });

    pass(3 * MINUTE);

    expect(health.readiness(LONG, KEYS).parts.identity.state).toBe('ok');
  });
});

describe('what Teleport does not let the service do', () => {
  const lock = (cause: Partial<Cause>, requestId = 'r1') =>
    ({ requestId, key: 'lock', cause: aCause(cause), failures: 1, retryInMs: 1 }) as const;

  it('is named as long as it lasts: reading what Access Lists grant', () => {
    const { health } = stage();
    const part = () => health.readiness(LONG, KEYS).parts['login-states'];

    health.reporter.loginStates?.({ state: 'refused', cause: 'add the line' });
    expect(part()).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('add the line') as string,
    });
    health.reporter.loginStates?.({ state: 'read', cause: '' });
    expect(part().state).toBe('ok');
  });

  it('is named as long as it lasts: reading the audit log', () => {
    const { health } = stage();
    const part = () => health.readiness(LONG, KEYS).parts.usage;

    expect(part()).toBeUndefined();
    health.reporter.auditLog?.({ state: 'read', cause: '' });
    expect(part()?.state).toBe('ok');
    health.reporter.usageFailed?.({ cause: 'rate limit exceeded' });
    health.reporter.auditLog?.({ state: 'refused', cause: 'the verb list on event' });
    expect(part()).toMatchObject({ state: 'degraded', reason: expect.stringContaining('event') as string });
  });

  it('is named as long as it lasts: requests for which nobody is reached, until somebody is or they end', () => {
    const { health } = stage();
    const part = () => health.readiness(LONG, KEYS).parts.pages;

    for (const requestId of ['r1', 'r2'])
      health.reporter.nobodyToPage?.({ requestId, why: 'in maintenance' });
    expect(part()).toMatchObject({
      state: 'degraded',
      reason: '2 requests wait, for which nobody is reached: in maintenance',
    });
    const outcome = { summary: 'the incident is open', ours: true, incidentId: 'Q1', url: null };
    health.reporter.effectDone?.({ requestId: 'r2', key: 'page', outcome, durationMs: 1 });
    expect(part().reason).toBe('1 request waits, for which nobody is reached: in maintenance');
    health.reporter.ended?.({ requestId: 'r1', ending: { state: 'expired', by: null, reason: '' } });
    expect(part().state).toBe('ok');
  });

  it('is named as long as it lasts: locks, until they are set or not tried any more', () => {
    const { health, pass } = stage();
    const part = () => health.readiness(LONG, KEYS).parts.locks;

    health.reporter.effectFailed?.({ ...lock({}), key: 'review' });
    expect(part().state).toBe('ok');
    health.reporter.effectFailed?.(lock({ message: 'no answer' }));
    health.reporter.effectFailed?.(lock({ message: 'add the line', transient: false }, 'r2'));
    expect(part()).toMatchObject({
      state: 'failed',
      reason: 'access of 2 requests goes on after its time: add the line',
    });
    const outcome = { summary: 'the access is locked', ours: true, incidentId: null, url: null };
    health.reporter.effectDone?.({ requestId: 'r2', key: 'lock', outcome, durationMs: 1 });
    expect(part()).toMatchObject({
      state: 'degraded',
      reason: expect.stringContaining('1 requests') as string,
    });
    pass(12 * MINUTE);
    expect(part().state).toBe('ok');
  });
});
