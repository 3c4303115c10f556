import fc, { type Arbitrary } from 'fast-check';
import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Facts, TargetFact } from '../../src/core/facts.ts';
import type { Cause } from '../../src/core/cause.ts';
import type { Identity } from '../../src/core/identity.ts';
import { HOUR, plusMs } from '../../src/core/instant.ts';
import type { OnCallReading, OnCallRow } from '../../src/core/on-call.ts';
import type { Policy, Rule, Target } from '../../src/core/rule.ts';
import { aCause, anEscalation, aPolicy, aRequest, aRule, NOW, recognised, SAM } from '../builders.ts';

/** The same inputs in every run; `PROPERTY_RUNS` asks for more of them than the usual 1,000. */
export const fuzzing = { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 1_000), seed: 20_260_303 };

/** Text as nobody wrote it down: every code unit, halves of pairs included, and the names that objects have by themselves. */
export const anyText: Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '*',
    '\u202e',
    '\u200b',
    '\n',
  ),
);

/** One call of `decide`. */
export interface Scenario {
  readonly request: AccessRequest;
  readonly facts: Facts;
  readonly policy: Policy;
}

const OTHER = { id: 'PTAY2RE', summary: 'Taylor Two' };
const POLICIES = [
  { id: 'PPOLCY1', summary: 'Payments' },
  { id: 'PPOLCY2', summary: 'Search' },
];
const SCHEDULES = [
  { id: 'PSCHED1', summary: 'Payments primary' },
  { id: 'PSCHED2', summary: 'Search primary' },
];
const SERVICES = [
  { id: 'PSERVC1', summary: 'Payments API' },
  { id: 'PSERVC3', summary: 'Search API' },
];
const TARGETS: readonly (Target & { readonly id: string })[] = [
  ...SERVICES.map(({ id, summary }) => ({ kind: 'service' as const, asked: summary, id })),
  ...POLICIES.map(({ id, summary }) => ({ kind: 'escalation policy' as const, asked: summary, id })),
  ...SCHEDULES.map(({ id, summary }) => ({ kind: 'schedule' as const, asked: summary, id })),
];
const ROLES = ['prodaccess', 'dbadmin', '__proto__', 'constructor'];
const ANNOTATIONS: readonly AccessRequest['annotations'][] = [
  {},
  { pagerduty_services: ['Search API'] },
  { pagerduty_services: [] },
  // An own property of that name, as a JSON or protobuf decoder may make it.
  JSON.parse('{"__proto__": ["Payments API"]}') as AccessRequest['annotations'],
];

/** Plausible texts, or also any other in the places that others fill. */
type Text = (...usual: readonly [string, ...string[]]) => Arbitrary<string>;
const plausible: Text = (...usual) => fc.constantFrom(...usual);
const weird: Text = (...usual) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: anyText });

function mostly<T>(usual: Arbitrary<T>, rarely: Arbitrary<T>): Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: rarely });
}

const level = fc.integer({ min: 1, max: 3 });
const cause: Arbitrary<Cause> = fc.boolean().map((transient) => aCause({ transient }));
const anyUnknown = cause.map((why) => ({ state: 'unknown' as const, cause: why }));

export const aTime = fc.constantFrom(
  null,
  plusMs(NOW, -HOUR),
  plusMs(NOW, -1),
  NOW,
  plusMs(NOW, 1),
  plusMs(NOW, HOUR),
);

function requests(text: Text): Arbitrary<AccessRequest> {
  return fc
    .record({
      requester: text('sre-1'),
      roles: mostly(
        fc.array(text('prodaccess', 'dbadmin'), { minLength: 1, maxLength: 2 }),
        fc.subarray(ROLES),
      ),
      state: mostly<AccessRequest['state']>(
        fc.constant('pending'),
        fc.constantFrom('approved', 'denied', 'promoted', 'unknown'),
      ),
      kind: mostly<AccessRequest['kind']>(fc.constant('short-term'), fc.constantFrom('long-term', 'unknown')),
      dryRun: mostly(fc.constant(false), fc.constant(true)),
      reason: text('payments are failing', ''),
      startsAt: mostly(fc.constant(null), aTime),
      annotations: fc.constantFrom(...ANNOTATIONS),
    })
    .map(aRequest);
}

export function rules(text: Text = plausible): Arbitrary<Rule> {
  return fc
    .record({
      name: text('prod-oncall', 'db-oncall', 'any-oncall'),
      roles: fc.array(text('prodaccess', 'dbadmin', '*', 'prod*', '__proto__'), {
        minLength: 1,
        maxLength: 2,
      }),
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
      }),
      require: fc.record({ reason: fc.boolean() }),
      otherwise: fc.constantFrom('escalate' as const, 'deny' as const, 'leave' as const),
      escalate: fc.option(fc.constant(anEscalation())),
    })
    .map(aRule);
}

function rows(text: Text): Arbitrary<OnCallRow> {
  const time = (...usual: [null, string, ...string[]]): Arbitrary<string | null> =>
    text('', 'soon').chain((odd) => mostly(fc.constantFrom(...usual), fc.constantFrom(...usual, odd)));
  return fc.record({
    user: mostly(fc.constant(SAM), fc.constant(OTHER)),
    escalation_policy: fc
      .tuple(fc.constantFrom(...POLICIES), fc.option(fc.subarray(SERVICES)))
      .map(([policy, services]) => ({ ...policy, services })),
    escalation_level: mostly(level, fc.constantFrom(0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY)),
    schedule: fc.option(fc.constantFrom(...SCHEDULES)),
    start: time(null, plusMs(NOW, -HOUR), plusMs(NOW, -2 * HOUR), NOW, plusMs(NOW, 1)),
    end: time(null, plusMs(NOW, HOUR), plusMs(NOW, 2 * HOUR), NOW, plusMs(NOW, 1)),
  });
}

function facts(text: Text): Arbitrary<Facts> {
  const someone: Arbitrary<Identity> = text('Sam One').map((name) => recognised({ name }));
  const nobody = fc.oneof<Arbitrary<Identity>[]>(
    fc.constant({ state: 'unrecognised', why: 'no PagerDuty user has the address' }),
    anyUnknown,
  );
  const known: Arbitrary<OnCallReading> = fc
    .array(rows(text), { maxLength: 5 })
    .map((listed) => ({ state: 'known', at: NOW, rows: listed }));
  return fc.record({
    requester: mostly(someone, nobody),
    targets: fc.tuple(...TARGETS.map(targetFacts)).map((known) => known.flat()),
    onCall: mostly<OnCallReading>(known, anyUnknown),
    reviewRefused: mostly<Cause | null>(fc.constant(null), fc.option(cause)),
    reads: fc.nat(9),
  });
}

/** The target looked up, or not to be had, or never asked for. */
function targetFacts({ id, ...target }: Target & { readonly id: string }): Arbitrary<readonly TargetFact[]> {
  const policy = target.kind === 'service' ? (POLICIES[0] ?? null) : null;
  return mostly<readonly TargetFact[]>(
    fc.constant([{ ...target, state: 'known', id, name: target.asked, policy }]),
    fc.oneof(
      anyUnknown.map((unknown) => [{ ...target, ...unknown }]),
      fc.constant([]),
    ),
  );
}

function scenariosOf(text: Text): Arbitrary<Scenario> {
  return fc.record({
    request: requests(text),
    facts: facts(text),
    policy: fc
      .uniqueArray(rules(text), { selector: ({ name }) => name, maxLength: 3 })
      .map((some) => aPolicy({ rules: some })),
  });
}

/** Requests, rules and answers that meet often enough for every verdict. */
export const scenarios: Arbitrary<Scenario> = scenariosOf(plausible);

/** The same with any text whatever in names, times and reasons. */
export const weirdScenarios: Arbitrary<Scenario> = scenariosOf(weird);
