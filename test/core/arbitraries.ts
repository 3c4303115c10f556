import fc, { type Arbitrary } from 'fast-check';
import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Facts } from '../../src/core/facts.ts';
import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import type { Policy } from '../../src/core/rule.ts';
import { aPolicy, aRequest, NOW } from '../support/builders.ts';
import { facts } from './arbitrary-facts.ts';
import { resources } from './arbitrary-resources.ts';
import { rules } from './arbitrary-rules.ts';
import { mostly, plausible, weird, type Text } from './arbitrary-text.ts';

/** One call of `decide`. */
export interface Scenario {
  readonly request: AccessRequest;
  readonly facts: Facts;
  readonly policy: Policy;
}

const ROLES = ['prodaccess', 'dbadmin', '__proto__', 'constructor'];
const ANNOTATIONS: readonly AccessRequest['annotations'][] = [
  {},
  { pagerduty_services: ['Search API'] },
  { pagerduty_services: [] },
  // An own property of that name, as a JSON or protobuf decoder may make it.
  JSON.parse('{"__proto__": ["Payments API"]}') as AccessRequest['annotations'],
];
const aTime = fc.constantFrom(null, plusMs(NOW, -HOUR), NOW, plusMs(NOW, 1), plusMs(NOW, HOUR));

function requests(text: Text): Arbitrary<AccessRequest> {
  return fc
    .record({
      requester: text('sre-1'),
      roles: mostly(
        fc.array(text('prodaccess', 'dbadmin'), { minLength: 1, maxLength: 2 }),
        fc.subarray(ROLES),
      ),
      resources: mostly<AccessRequest['resources']>(
        fc.constant([]),
        fc.array(resources(text), { minLength: 1, maxLength: 2 }),
      ),
      state: mostly<AccessRequest['state']>(
        fc.constant('pending'),
        fc.constantFrom('approved', 'denied', 'promoted', 'unknown'),
      ),
      kind: mostly<AccessRequest['kind']>(fc.constant('short-term'), fc.constantFrom('long-term', 'unknown')),
      dryRun: mostly(fc.constant(false), fc.constant(true)),
      reason: text('payments are failing', ''),
      startsAt: mostly(fc.constant(null), aTime),
      accessExpires: mostly(fc.constant(plusMs(NOW, 8 * HOUR)), aTime),
      annotations: fc.constantFrom(...ANNOTATIONS),
    })
    .map(aRequest);
}

function scenariosOf(text: Text): Arbitrary<Scenario> {
  return fc.record({
    request: requests(text),
    facts: facts(text),
    policy: fc
      .tuple(
        fc.uniqueArray(rules(text), { selector: ({ name }) => name, maxLength: 3 }),
        fc.option(
          rules(text).map((rule) => ({ ...rule, name: 'glass', roles: ['*'], breakGlass: true })),
          {
            freq: 2,
          },
        ),
      )
      .map(([some, glass]) => aPolicy({ rules: glass === null ? some : [...some, glass] })),
  });
}

/** Requests, rules and answers that meet often enough for every verdict. */
export const scenarios: Arbitrary<Scenario> = scenariosOf(plausible);

/** The same with any text whatever in names, times and reasons. */
export const weirdScenarios: Arbitrary<Scenario> = scenariosOf(weird);
