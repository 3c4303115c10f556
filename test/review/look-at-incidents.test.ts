import { describe, expect, it } from 'vitest';
import { type Incident } from '../../src/ports/pagerduty.ts';
import { SAM, TAYLOR } from '../support/builders.ts';

import { ago, incident, open, resolved, by, isDown, look, type Look } from '../support/watched.ts';

describe('an incident that justified it', () => {
  const reopened = { ...open, lastChangeBy: by(SAM) };
  const unknown = 'unknown: ';
  const SIX = ['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6'];
  const mergedInto = (into: string): Partial<Incident> => ({ ...resolved(60), mergedInto: into });
  const chain = Object.fromEntries(
    ['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6', 'Q7'].map((id, index) => [id, mergedInto(`Q${index + 2}`)]),
  );

  it.each<[string, Look, string, readonly string[]]>([
    ['that is gone is not known', {}, `${unknown}when incident about Q1 was resolved is not known`, ['Q1']],
    [
      'of which it is not known since when is neither',
      { incidents: { Q1: resolved(null) } },
      `${unknown}when incident about Q1`,
      ['Q1'],
    ],
    [
      'that cannot be read is not known',
      { incidents: { Q1: isDown } },
      `${unknown}whether incident about Q1 is open is not known: PagerDuty answers 503`,
      ['Q1'],
    ],
    [
      'is one of fifty at most',
      { justified: Array.from({ length: 51 }, (_, id) => `Q${id}`) },
      `${unknown}the incidents by which it was given are not known`,
      [],
    ],
    ['is one at least', { justified: [] }, `${unknown}the incidents by which it was given are not known`, []],
    ['goes on as another one', { incidents: { Q1: mergedInto('Q2'), Q2: open } }, 'unchanged', ['Q1', 'Q2']],
    [
      'goes on not as one of the requester’s',
      { incidents: { Q1: mergedInto('Q2'), Q2: { ...open, openedBy: by(SAM) } } },
      'ends by incident',
      ['Q1', 'Q2'],
    ],
    ['is lost with that', { incidents: { Q1: mergedInto('Q2') } }, `${unknown}when incident`, ['Q1', 'Q2']],
    ['goes on over five merges', { incidents: { ...chain, Q6: open } }, 'unchanged', SIX],
    ['goes on over no more', { incidents: { ...chain, Q7: open } }, `${unknown}when incident`, SIX],
    [
      'is resolved since before the requester opened it again',
      { incidents: { Q1: reopened }, log: [{ at: ago(40), reopenedBy: by(SAM) }] },
      'ends',
      ['Q1', 'log of Q1'],
    ],
    [
      'is open where somebody else opened it again',
      { incidents: { Q1: reopened }, log: [{ at: ago(40), reopenedBy: by(TAYLOR) }] },
      'unchanged',
      ['Q1', 'log of Q1'],
    ],
    [
      'is open where it is not said who did',
      { incidents: { Q1: reopened }, log: [{ at: ago(40), reopenedBy: null }] },
      'unchanged',
      ['Q1', 'log of Q1'],
    ],
    ['is open where never resolved', { incidents: { Q1: reopened } }, 'unchanged', ['Q1', 'log of Q1']],
    [
      'is looked into where PagerDuty itself changed it last',
      {
        incidents: { Q1: { ...open, lastChangeBy: { id: 'P', summary: '', type: 'service_reference' } } },
        log: [
          { at: ago(40), reopenedBy: by(SAM) },
          { at: ago(35), reopenedBy: by(SAM) },
        ],
      },
      'ends',
      ['Q1', 'log of Q1'],
    ],
    ['is open for others', { incidents: { Q1: { ...open, lastChangeBy: by(TAYLOR) } } }, 'unchanged', ['Q1']],
    [
      'has its grace from the first time on that the requester opened it again',
      { incidents: { Q1: resolved(1) }, log: [{ at: ago(20), reopenedBy: by(SAM) }, { at: ago(1) }] },
      'goes on until 10',
      ['Q1', 'log of Q1'],
    ],
    [
      'has its grace from the last time on that others did',
      { incidents: { Q1: resolved(1) }, log: [{ at: ago(20), reopenedBy: by(TAYLOR) }, { at: ago(1) }] },
      'goes on until 29',
      ['Q1', 'log of Q1'],
    ],
    ['is not, if long resolved', { incidents: { Q1: resolved(30) }, log: [{ at: ago(1) }] }, 'ends', ['Q1']],
    [
      'is not looked into for whom nobody knows',
      { incidents: { Q1: resolved(1) }, requester: { state: 'unrecognised', why: '' } },
      'goes on until 29',
      ['Q1'],
    ],
  ])('%s', async (_what, there, expected, asked) => {
    const came = await look([incident], there);

    expect(came.words.slice(0, expected.length)).toBe(expected);
    expect(came.asked).toEqual(asked);
  });
});
