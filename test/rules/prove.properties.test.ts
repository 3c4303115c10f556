import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyOf } from '../../src/config/policy.ts';
import { ConfigFile } from '../../src/config/schema.ts';
import { claimOf, isBrokenBy } from '../../src/rules/claims/claim.ts';
import { tryClaim } from '../../src/rules/claims/try-claim.ts';
import { scenarios, weirdScenarios } from '../core/arbitraries.ts';
import { check } from '../core/arbitrary-text.ts';
import { NOW } from '../support/builders.ts';

describe('twenty rules with six conditions each', () => {
  it('are proven in five seconds', () => {
    const rules = Array.from({ length: 20 }, (_, index) => ({
      name: `rule-${index}`,
      roles: ['prod', `other-${index}-*`],
      when: {
        requester_traits: { team: [`team-${index}`] },
        hours: { time_zone: 'UTC', spans: [{ from: '08:00', until: `${10 + (index % 10)}:00` }] },
      },
      on_call: { services: ['Payments API', 'Ledger'], max_level: 2 },
      responders: true,
      require: { reason: true, open_incident: true, max_duration: '2h' },
      escalate: { service: 'Desk' },
    }));
    const services = { services: ['Payments API', 'Ledger'] };
    const { claims: written, rules: read } = ConfigFile.pick({ rules: true, claims: true }).parse({
      rules,
      claims: [
        { never: { approve: ['prod'], unless: [{ on_call: services }, { asked_to_help: services }] } },
        { never: { approve: ['*'], unless: ['open_incident'] } },
        { never: { approve: ['prod'], unless: [{ max_duration: '2h' }] } },
      ],
    });
    const policy = policyOf(
      { identities: [{ username_is_email: true }], require_sso: true, addresses: 'managed', rules: read },
      () => ({}),
      () => [],
    );
    const begun = performance.now();

    expect(written.map((claim) => tryClaim(claim, policy).state)).toEqual(['holds', 'holds', 'holds']);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});

/** Claims about what the scenarios are made of. */
const claimed = fc
  .record({
    approve: fc.subarray(['prodaccess', 'dbadmin', '*', 'prod*'], { minLength: 1 }),
    when: fc.constantFrom<object>(
      {},
      { requester_traits: { team: ['payments'] } },
      { requester_roles: ['sre*'] },
    ),
    unless: fc.subarray<unknown>([
      'break_glass',
      'open_incident',
      'reason',
      { max_duration: '8h' },
      { requester_roles: ['sres'] },
      { requester_traits: { team: ['payments', 'search'] } },
      {
        on_call: {
          services: ['Payments API', 'Search API'],
          escalation_policies: ['Payments', 'Search'],
          schedules: ['Payments primary'],
          from_annotation: 'pagerduty_services',
          grace_after_shift: '2h',
        },
      },
      {
        on_call: {
          services: ['Payments API', 'Search API'],
          max_level: 2,
          permanent: false,
          min_shift_age: '10m',
        },
      },
      {
        asked_to_help: {
          services: ['Payments API', 'Search API'],
          escalation_policies: ['Payments', 'Search'],
          schedules: ['Payments primary'],
          from_annotation: 'pagerduty_services',
          grace_after_shift: '2h',
        },
      },
    ]),
  })

  .map((never) => ConfigFile.shape.claims.parse([{ never }]));

describe('a claim that is proven', () => {
  it('is broken by no request and no facts whatever, as decide itself has it', () => {
    const seen = { proven: 0 };
    for (const worlds of [scenarios, weirdScenarios]) {
      check(fc.tuple(claimed, worlds), ([[written], { request, facts, policy }]) => {
        if (written === undefined || tryClaim(written, policy).state !== 'holds') return;
        seen.proven += 1;
        expect(isBrokenBy({ request, facts, now: NOW }, claimOf(written), policy)).toBe(false);
      });
    }
    expect(seen.proven).toBeGreaterThan(20);
  });
});
