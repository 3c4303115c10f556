import { describe, expect, it } from 'vitest';
import { isUnder, onCallOf, policiesOf, type BrokenRow, type Sheet } from '../../../src/core/roster/sheet.ts';
import type { TargetFact } from '../../../src/core/facts.ts';
import type { Sighting } from '../../../src/core/on-call.ts';
import { anOnCallRow, aTargetFact, NOW, SAM, TAYLOR } from '../../support/builders.ts';

const CAUSE = { code: 'unavailable', message: 'PagerDuty does not answer', transient: true } as const;
const lost: TargetFact = { kind: 'service', asked: 'Search API', state: 'unknown', cause: CAUSE };

function aSheet(overrides: Partial<Sheet> = {}): Sheet {
  return {
    at: NOW,
    targets: [aTargetFact()],
    rows: [anOnCallRow(), anOnCallRow({ user: TAYLOR })],
    broken: [],
    people: new Map(),
    sightings: [],
    ...overrides,
  };
}

describe('a row', () => {
  const policy = (services: readonly string[] | null) => ({
    id: 'PPOLCY1',
    summary: 'Payments',
    services: services?.map((id) => ({ id, summary: id })) ?? null,
  });
  const of = aTargetFact;

  it.each([
    ['is of one its policy lists', anOnCallRow({ escalation_policy: policy(['PSERVC1']) }), of({}), true],
    ['is not of one that its policy lost', anOnCallRow({ escalation_policy: policy([]) }), of({}), false],
    ['is told by the policy, if it has none', anOnCallRow({ escalation_policy: policy(null) }), of({}), true],
    ['is of no service without a policy', anOnCallRow({ escalation_policy: null }), of({}), false],
    ['is of its policy', anOnCallRow(), of({ kind: 'escalation policy', id: 'PPOLCY1' }), true],
    [
      'is of no policy where it has none',
      anOnCallRow({ escalation_policy: null }),
      of({ kind: 'escalation policy', id: 'PPOLCY1' }),
      false,
    ],
    [
      'is of no schedule where it has none',
      anOnCallRow({ schedule: null }),
      of({ kind: 'schedule', id: 'PSCHED1' }),
      false,
    ],
    ['is of its schedule', anOnCallRow(), of({ kind: 'schedule', id: 'PSCHED1' }), true],
    ['is of no other schedule', anOnCallRow(), of({ kind: 'schedule', id: 'PSCHED2' }), false],
  ])('%s', (_which, row, fact, under) => {
    expect(isUnder(row, fact)).toBe(under);
  });
});

it('policies of a service are those of its rows, and where none says one, its own', () => {
  const rows = ['PA', 'PB', 'PA'].map((id) =>
    anOnCallRow({ escalation_policy: { id, summary: id, services: null } }),
  );
  const bare = anOnCallRow({ escalation_policy: null });
  const service = aTargetFact({ policy: { id: 'POWN', summary: 'Own' } });

  expect(policiesOf(service, [...rows, bare])).toEqual(['PA', 'PB']);
  expect(policiesOf(service, [bare])).toEqual(['POWN']);
  expect(policiesOf({ ...service, policy: null }, rows)).toBeNull();
});

describe('what a sheet says of somebody', () => {
  it('is their rows at its time, and what it says of the targets', () => {
    const seen = (user: typeof SAM): Sighting => ({
      ...{
        target: { kind: 'service', id: 'PSERVC1' },
        user,
        level: 1,
        schedule: null,
        start: null,
        end: null,
      },
      ...{ firstSeen: NOW, since: null, by: 'row' },
    });
    const sightings = [seen(SAM), seen(TAYLOR)];
    expect(onCallOf(aSheet({ targets: [aTargetFact(), lost], sightings }), [SAM.id])).toEqual({
      reading: { state: 'known', at: NOW, rows: [anOnCallRow()], sightings: [seen(SAM)] },
      targets: [aTargetFact(), lost],
    });
  });

  it('is not asked for nobody', () => {
    expect(onCallOf(aSheet(), []).reading).toEqual({ state: 'not-asked' });
  });

  it('is unknown with the cause where nothing could be read', () => {
    const none = { at: null, rows: [] };

    expect(onCallOf(aSheet({ ...none, targets: [aTargetFact(), lost] }), [SAM.id]).reading).toEqual({
      state: 'unknown',
      cause: CAUSE,
    });
    expect(onCallOf(aSheet({ ...none, targets: [] }), [SAM.id]).reading).toEqual({ state: 'not-asked' });
  });
});

describe('a row that cannot be understood', () => {
  const broken: BrokenRow = {
    policyId: 'PPOLCY1',
    scheduleId: 'PSCHED1',
    userId: SAM.id,
    why: 'field `start`: no time',
  };
  const service = aTargetFact();
  const policy = aTargetFact({ kind: 'escalation policy', asked: 'Payments', id: 'PPOLCY1', policy: null });
  const schedule = aTargetFact({ kind: 'schedule', asked: 'Primary', id: 'PSCHED1', policy: null });
  const unknownOf = (one: Partial<BrokenRow>, fact: TargetFact, userId = SAM.id, rows = aSheet().rows) => {
    const { targets } = onCallOf(aSheet({ targets: [fact], broken: [{ ...broken, ...one }], rows }), [
      userId,
    ]);
    if (targets[0]?.state !== 'unknown') return false;
    expect(targets[0].cause).toEqual({
      ...{ code: 'malformed', transient: true },
      message: `an on-call row that PagerDuty gave for ${fact.kind} Payments API cannot be understood: field \`start\`: no time`,
    });
    return true;
  };

  it('makes unknown whom and what it is about', () => {
    for (const fact of [service, policy, schedule]) {
      expect(unknownOf({}, fact)).toBe(true);
      expect(unknownOf({}, fact, TAYLOR.id)).toBe(false);
      expect(unknownOf({ userId: null, policyId: null, scheduleId: null }, fact, TAYLOR.id)).toBe(true);
      expect(unknownOf({ policyId: 'PPOLCY9', scheduleId: 'PSCHED9' }, fact)).toBe(false);
      expect(unknownOf({}, fact, SAM.id, [])).toBe(true);
    }
    expect(unknownOf({ policyId: 'PPOLCY9' }, schedule)).toBe(true);
    expect(unknownOf({ scheduleId: 'PSCHED9' }, schedule)).toBe(false);
    expect(unknownOf({ policyId: 'PPOLCY9', scheduleId: null }, schedule)).toBe(true);
    const bare = [anOnCallRow({ escalation_policy: null })];
    expect(unknownOf({}, aTargetFact({ policy: null }), SAM.id, bare)).toBe(false);
  });

  it('is about a service where another row says that its policy is the service’s', () => {
    const other = aTargetFact({ policy: { id: 'PPOLCY9', summary: 'Former' } });

    expect(unknownOf({}, other)).toBe(true);
    expect(unknownOf({}, other, SAM.id, [])).toBe(false);
  });

  it('adds nothing to what is unknown already', () => {
    expect(
      onCallOf(aSheet({ targets: [lost], broken: [{ ...broken, policyId: null }] }), [SAM.id]).targets,
    ).toEqual([lost]);
  });
});
