import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { plusMs } from '../../src/core/values/instant.ts';
import type { Note, Timeline } from '../../src/ports/pagerduty.ts';
import { compareAnswers } from '../../src/traceability/anchors.ts';
import { anAnswer, anAnswered, aRequest, NOW, SAM, TAYLOR } from '../support/builders.ts';

const code = answerCode(aRequest().id);
const ELSE = 'fault .*: note PNOTE01 says something else';
const written: Note = {
  id: 'PNOTE01',
  content: `approve ${code} go ahead`,
  author: { type: 'user', ...TAYLOR },
  createdAt: NOW,
  updatedAt: null,
};

/** What is found behind an answer that counted, where PagerDuty has this. */
async function behind(
  note: Note | null,
  { how = 'note', counted = true }: { how?: 'note' | 'acknowledge'; counted?: boolean } = {},
) {
  const answer = anAnswer({ how });
  const eventText = JSON.stringify(anAnswered({ answer, counted }));
  const acknowledgements = [{ by: { type: 'user', ...TAYLOR }, at: answer.at }];
  const incidents = {
    find: () => Promise.resolve(note === null ? null : ({ id: answer.incidentId } as never)),
    notes: () => Promise.resolve(note === null ? [] : [note]),
    timeline: () => Promise.resolve({ acknowledgements } as unknown as Timeline),
  };
  const stored = { seq: 7, at: NOW, eventText, hash: '', seal: null, columns: null };
  const found = await compareAnswers([stored], incidents, { signal: new AbortController().signal });
  return found.map(({ severity, text }) => `${severity} ${text}`);
}

describe('the note behind an answer that counted', () => {
  it.each<[string, Note | null, string]>([
    ['is on no incident', null, 'fault .*: PagerDuty has no such incident'],
    ['is not there', { ...written, id: 'POTHER' }, 'fault .*: PagerDuty has no note PNOTE01'],
    [
      'is by somebody else',
      { ...written, author: { type: 'user', ...SAM } },
      `fault .*: note PNOTE01 is by ${SAM.id}`,
    ],
    ['denies', { ...written, content: `deny ${code} go ahead` }, ELSE],
    ['has another code', { ...written, content: 'approve 99999 go ahead' }, ELSE],
    ['has other words', { ...written, content: `approve ${code} go on` }, ELSE],
    [
      'has other words, and was edited',
      { ...written, content: `approve ${code} go on`, updatedAt: plusMs(NOW, 1_000) },
      'warning .*: note PNOTE01 was edited',
    ],
  ])('is a finding where it %s', async (_which, note, text) => {
    expect(await behind(note)).toEqual([expect.stringMatching(`^${text}`)]);
  });

  it('is none where it is as it was written, where the answer did not count, or was an acknowledgement', async () => {
    expect(await behind(written)).toEqual([]);
    expect(await behind(null, { counted: false })).toEqual([]);
    expect(await behind(written, { how: 'acknowledge' })).toEqual([]);
  });
});
