import type { RuleAhead } from '../../src/core/forecast/forecast.ts';
import type { OwnedRow } from '../../src/http/pages/owners-page.ts';
import type { Live } from '../../src/http/pages/live-pages.ts';
import { decide } from '../../src/core/decide.ts';
import { HOUR, plusMs, type Instant } from '../../src/core/values/instant.ts';
import type { Readiness } from '../../src/telemetry/readiness.ts';
import { aPolicy, aRequest, SAM, someFacts, TAYLOR } from '../support/builders.ts';

/** A service that has only just been started. */
export const NOT_BEGUN: Live = {
  readiness: () => null,
  forecast: () => null,
  duty: () => null,
  problem: () => null,
  askedOn: () => Promise.reject(new Error('PagerDuty does not say')),
  owners: () => Promise.resolve(null),
  explain: () => null,
};

const ok = { state: 'ok', ageMs: 0, reason: 'answers' } as const;

export function readinessWith(parts: Partial<Readiness['parts']> = {}, ready = true): Readiness {
  const all = {
    watch: ok,
    identity: ok,
    pagerduty: ok,
    credentials: ok,
    ledger: ok,
    'login-states': ok,
    locks: ok,
    pages: ok,
  };
  return { ready, parts: { ...all, ...parts } };
}

/** One with something to show on every page; `name` stands wherever somebody else writes. */
export function lively(now: Instant, name = SAM.summary): Live {
  const until = plusMs(now, 5 * HOUR);
  const sam = { ...SAM, summary: name };
  const stretches = [{ from: plusMs(now, -HOUR), until }];
  const gap = [{ from: until, until: plusMs(until, 3 * HOUR) }];
  const rule: RuleAhead = {
    rule: 'prod-oncall',
    mode: 'enforce',
    present: [{ user: sam, stretches }],
    approvable: [{ user: sam, stretches }],
    foreseen: [
      {
        code: 'nobody-on-call',
        rule: 'prod-oncall',
        people: [],
        stretches: gap,
        text: 'nobody is on call for 3 h',
        remedy: 'fill the gap',
      },
      {
        code: 'not-known',
        rule: 'prod-oncall',
        people: [sam],
        stretches,
        text: 'who they are is not known',
        remedy: 'let it be read',
      },
    ],
  };
  const people = [
    { user: sam, until, approvable: true },
    { user: TAYLOR, until, approvable: false },
  ];
  const quiet: RuleAhead = { rule: 'quiet', mode: 'shadow', present: [], approvable: [], foreseen: [] };
  return {
    readiness: () =>
      readinessWith({ pagerduty: { state: 'degraded', ageMs: 9_000, reason: 'it failed lately' } }),
    forecast: () => ({ window: { from: now, until: plusMs(now, 336 * HOUR) }, rules: [rule, quiet] }),
    duty: () => ({
      readAt: now,
      rules: [
        { rule, roles: ['prodaccess', name], people },
        { rule: quiet, roles: ['dbadmin'], people: [] },
      ],
    }),
    problem: () => null,
    askedOn: () =>
      Promise.resolve({
        status: 'triggered',
        now: [sam],
        next: { people: [TAYLOR], at: plusMs(now, HOUR / 2) },
      }),
    owners: () => {
      const thing = (at: number, owner: string | null): OwnedRow => ({
        ...{ cluster: 'root', kind: at % 2 === 0 ? 'db' : 'app', name: `thing-${at}`, rule: 'prod-oncall' },
        owners: owner === null ? [] : [{ name: owner, onCall: name }],
        why: owner === null ? `it has no label of ${name}` : null,
      });
      const rows = Array.from({ length: 250 }, (_, at) =>
        thing(at, at % 50 === 0 ? null : `Payments ${name}`),
      );
      return Promise.resolve({ at: now, rows, resources: 300, unowned: 5 });
    },
    explain({ user, roles, reason }) {
      const request = aRequest({ requester: user, roles, reason });
      const facts = someFacts();
      const decision = decide(request, facts, aPolicy(), now);
      return Promise.resolve({
        decidedAt: now,
        request,
        facts,
        decision,
        standingBy: [{ rule: 'other', why: `not for ${name}` }],
      });
    },
  };
}
