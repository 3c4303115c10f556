import { describe, expect, it } from 'vitest';
import { firstNamed, parseAnswer, saysOwnWords } from '../../../src/core/answers/grammar.ts';
import { NOTES, OTHER, OTHERS, REQUEST, TITLE, type Row } from './notes-table.ts';

const read = (note: string) => parseAnswer(note, REQUEST, { others: OTHERS, title: `${TITLE} ` });

/** What the table says of a note, in the words of the table. */
function meant({ note }: Row): Row['means'] {
  const { propose, codeIsRight, takenBackBy, unclear } = read(note);
  if (unclear !== undefined) return { asked: unclear };
  if (takenBackBy !== undefined) return { asked: 'taken back' };
  return codeIsRight && propose !== null ? { counts: propose } : { asked: 'wrong code' };
}

it.each(NOTES)('a note means $note', (row) => {
  expect(meant(row)).toEqual(row.means);
  const said = read(row.note);
  if (row.reason !== undefined) expect(said.reason).toBe(row.reason);
  expect(said.spelt).toBe(row.spelt);
});

describe('what a note says', () => {
  it('is cut, and has no lines', () => {
    expect(read(`approve E1B44 ${'w'.repeat(600)}\n`).reason).toBe(`${'w'.repeat(499)}…`);
  });

  it('is for no request in particular where the request has no code', () => {
    expect(parseAnswer('approve', { requestId: '-', code: '' })).toMatchObject({ codeIsRight: false });
  });

  it('is for the only one that is listed where there are no others', () => {
    expect(parseAnswer('approve E1B44 for now', REQUEST)).not.toHaveProperty('unclear');
    expect(parseAnswer('approve E1B44', REQUEST, { title: '' })).not.toHaveProperty('unclear');
  });

  it('is kept of what is no answer, too: whether it names the request, and what it asks for', () => {
    expect(read('ok E1B44')).toEqual({ propose: null, reason: '', codeIsRight: true, unclear: 'no verb' });
    expect(read('deny E1B45 not now')).toEqual({ propose: 'denied', reason: 'not now', codeIsRight: false });
  });

  it('is for the first that it names of those on a page, by code or by whole id', () => {
    const asked = [REQUEST, OTHER];

    expect(firstNamed('a9c22 and e1b44', asked)).toBe(OTHER);
    expect(firstNamed(`it is ${REQUEST.requestId}`, asked)).toBe(REQUEST);
    expect(firstNamed('approve\u200bA9C22', asked)).toBe(OTHER);
    expect(firstNamed('A9\u00adC22', asked)).toBe(OTHER);
    expect(firstNamed('E1B445 xE1B44', asked)).toBeNull();
  });

  it('is the service’s own by its last line', () => {
    expect(saysOwnWords('Seen.\noncall-approver decision OA-0123456789 digest 0123456789ab (reply P1)')).toBe(
      true,
    );
    expect(saysOwnWords('approve E1B44')).toBe(false);
  });
});
