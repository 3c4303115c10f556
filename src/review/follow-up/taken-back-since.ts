import type { Answer } from '../../core/answers/answer.ts';
import { takenBackIn } from '../../core/answers/grammar.ts';
import type { Proposal } from '../../core/answers/verbs.ts';
import type { Note } from '../../ports/pagerduty.ts';

/**
 * Gives answers with the word by which their author took them back on the same page since, or put them off: whoever writes "no, wait" below
 * their approval writes no code. A denial stands. `isAbout`: whether a note may be about the same request. Each author's notes are gone
 * through once, however many they are.
 */
export function takenBackSince(
  notes: readonly Note[],
  isAbout: (note: Note) => boolean,
): (answer: Answer) => Answer {
  const newestFirst = notes.toSorted(
    ({ createdAt: one }, { createdAt: other }) => Number(one < other) - Number(one > other),
  );
  const found = new Map<string, { readonly at: string; readonly word: string } | null>();

  function lastBy(author: string, propose: Proposal) {
    const key = `${author} ${propose}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    let last: { readonly at: string; readonly word: string } | null = null;
    for (const note of newestFirst) {
      if (note.author.id !== author || !isAbout(note)) continue;
      const word = takenBackIn(note.content, propose);
      if (word === null) continue;
      last = { at: note.createdAt, word };
      break;
    }
    found.set(key, last);
    return last;
  }

  return (answer) => {
    const { by, at, propose, takenBackBy, unclear } = answer;
    if (propose === null || propose === 'denied' || takenBackBy !== undefined || unclear !== undefined)
      return answer;
    const last = lastBy(by.id, propose);
    return last === null || last.at <= at ? answer : { ...answer, takenBackBy: last.word };
  };
}
