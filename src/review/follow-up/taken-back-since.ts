import type { Answer } from '../../core/answers/answer.ts';
import { takenBackIn } from '../../core/answers/grammar.ts';
import type { Proposal } from '../../core/answers/verbs.ts';
import type { Note } from '../../ports/pagerduty.ts';

/**
 * Gives answers with the word by which their author took them back on the same page since, or put them off: whoever writes "no, wait" below
 * their approval writes no code. A denial stands. `isAbout`: whether a note may be about the same request. Notes are gone through once,
 * however many they are.
 */
export function takenBackSince(
  notes: readonly Note[],
  isAbout: (note: Note) => boolean,
): (answer: Answer) => Answer {
  const against = new Map<Proposal, ReturnType<typeof notesAgainst>>();

  function notesAgainst(propose: Proposal) {
    return notes.filter(isAbout).flatMap(({ author, content, createdAt }) => {
      const word = takenBackIn(content, propose);
      return word === null ? [] : [{ by: author.id, at: createdAt, word }];
    });
  }

  return (answer) => {
    const { by, at, propose } = answer;
    if (propose === null || propose === 'denied') return answer;
    const known = against.get(propose) ?? notesAgainst(propose);
    against.set(propose, known);
    const since = known.find((each) => each.by === by.id && each.at > at);
    return since === undefined ? answer : { takenBackBy: since.word, ...answer };
  };
}
