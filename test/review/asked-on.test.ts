import { describe, expect, it } from 'vitest';
import type { OnCallRow } from '../../src/core/on-call.ts';
import { plusMs } from '../../src/core/values/instant.ts';
import type { IncidentEscalation } from '../../src/ports/look-ahead.ts';
import { askedOn } from '../../src/review/follow-up/asked-on.ts';
import { anOnCallRow, NOW, SAM, TAYLOR } from '../support/builders.ts';

const KIM = { id: 'PKIM3RE', summary: 'Kim Three' };
const FIRST = 30 * 60_000;
const SECOND = 20 * 60_000;
const ask = { signal: new AbortController().signal };
const at = (level: number, user: OnCallRow['user']) => anOnCallRow({ user, escalation_level: level });
const ROWS = [at(1, SAM), at(2, TAYLOR), at(2, KIM), at(2, KIM), at(3, SAM)];

/** Who is asked on an incident that Sam has since now, under a policy with these rows; `at` in milliseconds from now. */
async function asked(overrides: Partial<IncidentEscalation> | null = {}, rows: readonly OnCallRow[] = ROWS) {
  const found: IncidentEscalation = {
    status: 'triggered',
    assignees: [SAM],
    since: NOW,
    policyId: 'PPOLCY1',
    delaysMs: [FIRST, SECOND],
    ...overrides,
  };
  return askedOn(
    'Q2PAGE',
    {
      lookAhead: { escalation: () => Promise.resolve(overrides === null ? null : found) },
      directory: {
        onCallsUnder: ([id], span) =>
          Promise.resolve({
            ...{ at: NOW, broken: [], people: new Map() },
            rows: id === 'PPOLCY1' && span === null ? rows : [],
          }),
      },
    },
    ask,
  );
}

describe('who is asked by a page', () => {
  it.each<[string, Parameters<typeof asked>, object | null]>([
    ['whoever has it; next all at the level above', [], { people: [TAYLOR, KIM], at: plusMs(NOW, FIRST) }],
    ['of the level it went on to', [{ assignees: [TAYLOR] }], { people: [SAM], at: plusMs(NOW, SECOND) }],
    ['of several the furthest', [{ assignees: [TAYLOR, SAM] }], { people: [SAM], at: plusMs(NOW, SECOND) }],
    [
      'somebody outside of the policy, as at its first level',
      [{ assignees: [{ id: 'PELSE', summary: '' }] }],
      { people: [TAYLOR, KIM], at: plusMs(NOW, FIRST) },
    ],
    ['nobody yet, as at the first', [{ assignees: [] }], { people: [TAYLOR, KIM], at: plusMs(NOW, FIRST) }],
    ['and when it goes on is not known', [{ since: null }], { people: [TAYLOR, KIM], at: null }],
    ['and its level has no delay', [{ delaysMs: [] }], { people: [TAYLOR, KIM], at: null }],
    ['at the top of its policy', [{}, [at(1, SAM), at(1, TAYLOR)]], null],
    ['who has acknowledged it: it goes no further', [{ status: 'acknowledged' }], null],
  ])('%s', async (_what, given, next) => {
    const { status = 'triggered', assignees = [SAM] } = given[0] ?? {};

    expect(await asked(...given)).toEqual({ status, now: assignees, next });
  });

  it('is nobody where the incident is gone', async () => {
    expect(await asked(null)).toBeNull();
  });
});
