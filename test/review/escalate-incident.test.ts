import { describe, expect, it } from 'vitest';
import type { OnCallRow } from '../../src/core/on-call.ts';
import type { Incident } from '../../src/ports/pagerduty.ts';
import { escalateIncident } from '../../src/review/effects/carry-out.ts';
import { anOnCallRow, NOW, SAM, TAYLOR } from '../support/builders.ts';
import { anIncident } from '../support/carried.ts';

const KIM = { id: 'PKIM3RE', summary: 'Kim Three' };
const ask = { signal: new AbortController().signal };

function at(level: number, user: OnCallRow['user']): OnCallRow {
  return anOnCallRow({ user, escalation_level: level });
}

/** Moves the incident under a policy with these rows; gives what came of it and the levels that were paged. */
function move(incident: Incident, ...rows: readonly OnCallRow[]) {
  return moveSo({ requester: 'PREQU3S' }, incident, ...rows);
}

async function moveSo(
  how: Parameters<typeof escalateIncident>[1],
  incident: Incident,
  ...rows: readonly OnCallRow[]
) {
  const levels: (number | 'raised')[] = [];
  const directory = { onCallsUnder: () => Promise.resolve({ at: NOW, rows, broken: [], people: new Map() }) };
  const incidents = {
    raise() {
      levels.push('raised');
      return Promise.resolve();
    },
    moveTo(_id: string, level: number) {
      levels.push(level);
      return Promise.resolve();
    },
  };
  const outcome = await escalateIncident(incident, how, { directory, incidents }, ask);
  return { levels, summary: outcome.summary, ours: outcome.ours };
}

describe('a page that is moved up', () => {
  it('goes to the next level at which somebody is on call', async () => {
    expect(await move(anIncident('Q2PAGE'), at(1, SAM), at(4, KIM), at(3, TAYLOR))).toEqual({
      levels: [3],
      summary: 'level 3 is paged',
      ours: true,
    });
  });

  it('leaves no level out because its holder is on call at a later one too', async () => {
    expect((await move(anIncident('Q2PAGE'), at(3, SAM), at(1, SAM), at(2, TAYLOR))).levels).toEqual([2]);
  });

  it('goes on from the furthest of several holders, and from the first level where nobody of the policy has it', async () => {
    const both = anIncident('Q2PAGE', { assignees: [SAM, TAYLOR] });

    expect((await move(both, at(1, SAM), at(2, TAYLOR), at(3, KIM))).levels).toEqual([3]);
    expect(
      (await move(anIncident('Q2PAGE', { assignees: [KIM] }), at(1, SAM), at(2, TAYLOR))).levels,
    ).toEqual([2]);
    expect((await move(anIncident('Q2PAGE', { assignees: [] }), at(1, SAM), at(2, TAYLOR))).levels).toEqual([
      2,
    ]);
  });

  it('stays where it is at the top, or once it was resolved', async () => {
    expect(await move(anIncident('Q2PAGE'), at(1, SAM), at(1, TAYLOR))).toEqual({
      levels: [],
      summary: 'the page is at the top of its policy',
      ours: false,
    });
    expect(await move(anIncident('Q2PAGE', { status: 'resolved' }), at(1, SAM), at(2, TAYLOR))).toEqual({
      levels: [],
      summary: 'the incident was resolved before',
      ours: false,
    });
  });

  it('goes to nobody but the requester', async () => {
    expect(
      (await moveSo({ requester: TAYLOR.id }, anIncident('Q2PAGE'), at(1, SAM), at(2, TAYLOR), at(3, KIM)))
        .levels,
    ).toEqual([3]);
    expect(await moveSo({ requester: SAM.id, anew: true }, anIncident('Q2PAGE'), at(1, SAM))).toEqual({
      levels: [],
      summary: 'nobody else is on call under its policy',
      ours: false,
    });
  });

  it('is asked anew from the first level where its holders are gone, or nobody is above them', async () => {
    const anew = { requester: null, anew: true };

    expect((await moveSo(anew, anIncident('Q2PAGE'), at(1, TAYLOR), at(2, KIM))).levels).toEqual([1]);
    expect((await moveSo(anew, anIncident('Q2PAGE'), at(1, TAYLOR), at(2, SAM))).levels).toEqual([1]);
    expect((await moveSo(anew, anIncident('Q2PAGE'), at(1, SAM), at(2, KIM))).levels).toEqual([2]);
  });

  it('is raised first where it is of low urgency, by which it would go nowhere', async () => {
    expect((await move(anIncident('Q2PAGE', { urgency: 'low' }), at(1, SAM), at(2, KIM))).levels).toEqual([
      'raised',
      2,
    ]);
  });
});
