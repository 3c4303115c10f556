import fc, { type Arbitrary } from 'fast-check';
import { HOUR, MINUTE } from '../../src/core/values/instant.ts';
import type { Rule, When } from '../../src/core/rule.ts';
import { anEscalation, aRule, aWhen } from '../support/builders.ts';
import { scopes } from './arbitrary-resources.ts';
import { mostly, plausible, type Text } from './arbitrary-text.ts';

const level = fc.constantFrom(1, 2, 3, 3);

/** What a rule may say beside its name and roles; names are chosen so that they meet those of the facts often. */
export function rules(text: Text = plausible): Arbitrary<Rule> {
  return fc
    .record({
      name: text('prod-oncall', 'db-oncall', 'any-oncall'),
      roles: fc.array(text('prodaccess', 'dbadmin', '*', 'prod*', '__proto__'), {
        minLength: 1,
        maxLength: 2,
      }),
      when: mostly<When>(fc.constant(aWhen()), whens(text)),
      onCall: fc.record({
        services: fc.subarray(['Payments API', 'Search API']),
        escalationPolicies: mostly<readonly string[]>(
          fc.constant([]),
          fc.array(text('Payments', 'Search'), { maxLength: 2 }),
        ),
        schedules: mostly<readonly string[]>(
          fc.constant([]),
          fc.array(text('Payments primary'), { maxLength: 2 }),
        ),
        fromAnnotation: fc.option(text('pagerduty_services', '__proto__', 'constructor')),
        maxLevel: level,
        permanent: fc.boolean(),
        ageUnder: fc.constant('target' as const),
        minShiftAgeMs: mostly(fc.constant(0), fc.constantFrom(10 * MINUTE, 90 * MINUTE)),
        graceAfterShiftMs: mostly(fc.constant(0), fc.constantFrom(15 * MINUTE, 2 * HOUR)),
      }),
      responders: fc.boolean(),
      require: fc.record({
        reason: fc.boolean(),
        openIncident: mostly<Rule['require']['openIncident']>(
          fc.constant(null),
          fc.record({
            urgency: fc.constantFrom('high', 'low', null),
            involvement: fc.constantFrom('any', 'assigned', 'acknowledged', 'responder'),
            minAgeMs: fc.constant({ byPeople: 5 * MINUTE, byMonitoring: 0 }),
          }),
        ),
        maxDurationMs: mostly<number | null>(fc.constant(null), fc.constantFrom(4 * HOUR, 8 * HOUR)),
      }),
      otherwise: fc.constantFrom('escalate' as const, 'deny' as const, 'leave' as const),
      escalate: fc.option(escalations),
      approvers: fc.constantFrom<Rule['approvers'][]>(
        { onCall: null, answerBy: ['note'] },
        { onCall: null, answerBy: ['note', 'acknowledge'] },
      ),
      accessEnd: fc
        .record({
          withShift: fc.boolean(),
          after: mostly<{ afterMs?: number }>(
            fc.constant({}),
            fc.constantFrom({ afterMs: HOUR }, { afterMs: 4 * HOUR }),
          ),
          warnBeforeMs: fc.constantFrom(null, 15 * MINUTE, 2 * HOUR),
        })
        .map(({ after, ...end }) => ({ ...end, ...after })),
      mode: fc.constantFrom('enforce' as const, 'enforce' as const, 'enforce' as const, 'shadow' as const),
      breakGlass: mostly(fc.constant(false), fc.constant(true)),
    })
    .map(aRule);
}

const escalations = fc
  .record({
    decideWithinMs: mostly(fc.constant(2 * MINUTE), fc.constantFrom(0, 5 * MINUTE)),
    remindAfterMs: fc.constantFrom(null, 15 * MINUTE),
    moveUpAfterMs: fc.constantFrom(null, HOUR),
    ifResolved: fc.constantFrom('leave' as const, 'repage' as const),
  })
  .map(anEscalation);

function whens(text: Text): Arbitrary<When> {
  return fc.record({
    requesterRoles: fc.option(fc.array(text('sres', 'sre*', 'devs'), { minLength: 1, maxLength: 2 })),
    requesterTraits: fc.constantFrom<When['requesterTraits'][]>(null, { team: ['payments', 'search'] }, {}),
    resources: fc.option(scopes),
    // `NOW` is a Tuesday, a quarter past two in the morning.
    hours: fc.constantFrom<When['hours'][]>(
      null,
      { timeZone: 'UTC', spans: [{ days: ['tue'], from: 120, until: 180 }] },
      { timeZone: 'UTC', spans: [{ days: ['mon'], from: 1_320, until: 360 }] },
      { timeZone: 'UTC', spans: [{ days: ['tue'], from: 540, until: 1_020 }] },
    ),
  });
}
