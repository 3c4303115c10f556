import fc, { type Arbitrary } from 'fast-check';
import type { Cause } from '../../src/core/values/cause.ts';
import type {
  Agent,
  HelpRequestsReading,
  Facts,
  IncidentsReading,
  LoginReading,
  OpenIncident,
  ReachReading,
  TargetFact,
  UserReading,
} from '../../src/core/facts.ts';
import type { Identity } from '../../src/core/identity.ts';
import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import type { OnCallReading, OnCallRow, Reference } from '../../src/core/on-call.ts';
import type { HostNamesReading } from '../../src/core/resources/host-names.ts';
import type { Target } from '../../src/core/rule.ts';
import type { Lasting, SilenceReading } from '../../src/core/silence.ts';
import {
  aCause,
  aLasting,
  anOpenIncident,
  aSilence,
  aTeleportUser,
  NOW,
  recognised,
  ROOT_CLUSTER,
  SAM,
  TAYLOR,
} from '../support/builders.ts';
import { hostNames } from './arbitrary-resources.ts';
import { mostly, type Text } from './arbitrary-text.ts';

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
const PEOPLE = fc.constantFrom(SAM, TAYLOR);

const causes: Arbitrary<Cause> = fc.boolean().map((transient) => aCause({ transient }));
const anyUnknown = causes.map((cause) => ({ state: 'unknown' as const, cause }));
const notAsked = fc.constant({ state: 'not-asked' as const });
const level = fc.constantFrom(1, 1, 2, 3);

const lasting: Arbitrary<Lasting> = fc
  .record({ forMs: fc.constantFrom(0, 119_999, 120_000, 300_000), times: fc.constantFrom(1, 2, 3, 9) })
  .map(aLasting);
const silences = mostly<SilenceReading>(
  lasting.map(aSilence),
  fc.constantFrom<SilenceReading[]>({ state: 'answered' }, { state: 'not-asked' }),
);

/** Rows, mostly of one person, around the time of the answer. */
export function rows(text: Text, mostlyOf = SAM): Arbitrary<OnCallRow> {
  const time = (...usual: [null, string, ...string[]]): Arbitrary<string | null> =>
    text('', 'soon').chain((odd) => mostly(fc.constantFrom(...usual), fc.constantFrom(...usual, odd)));
  return fc.record({
    user: mostly(fc.constant(mostlyOf), PEOPLE),
    escalation_policy: mostly<OnCallRow['escalation_policy']>(
      fc
        .tuple(fc.constantFrom(...POLICIES), fc.option(fc.subarray(SERVICES)))
        .map(([policy, services]) => ({ ...policy, services })),
      fc.constant(null),
    ),
    escalation_level: mostly(level, fc.constantFrom(0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY)),
    schedule: fc.option(fc.constantFrom(...SCHEDULES)),
    start: time(null, plusMs(NOW, -HOUR), plusMs(NOW, -2 * HOUR), NOW, plusMs(NOW, 1)),
    end: time(null, plusMs(NOW, HOUR), plusMs(NOW, 2 * HOUR), NOW, plusMs(NOW, 1), plusMs(NOW, -HOUR)),
  });
}

function readings(row: Arbitrary<OnCallRow>): Arbitrary<OnCallReading> {
  return fc
    .array(row, { minLength: 1, maxLength: 5 })
    .map((listed): OnCallReading => ({ state: 'known', at: NOW, rows: listed }));
}

export function facts(text: Text): Arbitrary<Facts> {
  const someone: Arbitrary<Identity> = text('Sam One').map((name) => recognised({ name }));
  const nobody = fc.oneof<Arbitrary<Identity>[]>(
    fc.constant({ state: 'unrecognised', why: 'no PagerDuty user has the address' }),
    anyUnknown,
  );
  return fc.record({
    requester: mostly(someone, nobody),
    user: mostly<UserReading>(users(text), fc.oneof(anyUnknown, notAsked, fc.constant({ state: 'absent' }))),
    targets: fc.tuple(...TARGETS.map(targetFacts)).map((known) => known.flat()),
    onCall: mostly<OnCallReading>(readings(rows(text)), fc.oneof(anyUnknown, notAsked)),
    incidents: mostly<IncidentsReading>(
      fc
        .array(incidents(text), { maxLength: 2 })
        .map((listed): IncidentsReading => ({ state: 'known', incidents: listed })),
      fc.oneof(anyUnknown, notAsked),
    ),
    helped: mostly<OnCallReading>(readings(rows(text, TAYLOR)), fc.oneof(anyUnknown, notAsked)),
    approvers: fc.oneof<Arbitrary<ReachReading>[]>(
      fc.boolean().map((reachable) => ({ state: 'known', reachable })),
      lasting.map((lasts) => ({ state: 'known', reachable: false, lasting: lasts })),
      anyUnknown,
      notAsked,
    ),
    silence: fc.record({ reads: silences, pages: silences }),
    rootCluster: mostly<string | null>(fc.constant(ROOT_CLUSTER), fc.constant(null)),
    hostNames: mostly<HostNamesReading>(hostNames, fc.oneof(anyUnknown, notAsked)),
    reviewRefused: mostly<Cause | null>(fc.constant(null), fc.option(causes)),
    reads: fc.nat(9),
  });
}

/** Where there is a login state, it mostly says something else than the record. */
function users(text: Text): Arbitrary<UserReading> {
  const held = fc.record({
    roles: fc.array(text('sres', 'devs'), { maxLength: 2 }),
    traits: fc.constantFrom<Readonly<Record<string, readonly string[]>>[]>(
      { team: ['payments'] },
      { team: [] },
      {},
    ),
  });
  const login = fc.oneof<Arbitrary<LoginReading>[]>(
    fc.record({ state: fc.constant('known'), effective: held, fromLists: held }),
    anyUnknown,
  );
  return fc.tuple(held, fc.option(login)).map(([user, read]) => ({
    state: 'known',
    user: aTeleportUser(user),
    ...(read === null ? {} : { login: read }),
  }));
}

function incidents(text: Text): Arbitrary<OpenIncident> {
  const monitoring = { id: 'PSERVC1', summary: 'Payments API', type: 'service_reference' };
  const agents = fc.oneof(
    PEOPLE.map((person): Agent => ({ ...person, type: 'user_reference' })),
    fc.constant<Agent>(monitoring),
  );
  return fc
    .record({
      title: text('payments are failing'),
      urgency: fc.constantFrom('high' as const, 'low' as const),
      service: fc.constantFrom(...SERVICES),
      assignees: fc.subarray([SAM, TAYLOR]),
      acknowledgers: fc.subarray([SAM, TAYLOR]),
      responders: fc.array(
        fc.record({
          user: mostly(fc.constant(SAM), PEOPLE),
          state: fc.constantFrom('pending', 'joined', 'joined', 'declined'),
          requester: mostly<Reference | null>(fc.constant(TAYLOR), fc.option(PEOPLE)),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      openedBy: mostly<Agent | null>(fc.constant(monitoring), fc.option(agents)),
      helpRequests: mostly<HelpRequestsReading>(
        fc.constant({ state: 'known', requests: [{ by: { ...TAYLOR, type: 'user' }, asked: [SAM.id] }] }),
        fc.oneof(
          anyUnknown,
          fc.array(fc.record({ by: agents, asked: fc.option(fc.constant([SAM.id])) })).map((requests) => ({
            state: 'known' as const,
            requests,
          })),
        ),
      ),
    })
    .map(anOpenIncident);
}

/** The target looked up, or not to be had, or never asked for. */
function targetFacts({ id, ...target }: Target & { readonly id: string }): Arbitrary<readonly TargetFact[]> {
  const policy = target.kind === 'service' ? (POLICIES[0] ?? null) : null;
  const known = mostly(fc.constant(false), fc.constant(true)).map((disabled): readonly TargetFact[] => [
    { ...target, state: 'known', id, name: target.asked, policy, disabled },
  ]);
  return mostly<readonly TargetFact[]>(
    known,
    fc.oneof(
      anyUnknown.map((unknown) => [{ ...target, ...unknown }]),
      fc.constant([]),
    ),
  );
}
