import { saysOwnWords } from '../../core/answers/grammar.ts';
import type { Story } from '../../core/record/story.ts';
import type { Ask, Incidents, Note } from '../../ports/pagerduty.ts';
import type { PageBoard } from './page-board.ts';

/** The last line of a reply names the answer that it is to. */
const REPLY = /^oncall-approver decision OA-\w+ digest \w+ \(reply (.+)\)\s*$/mu;

/**
 * The service's own among these notes: by their words, which anybody may write, and their author. What the story tells of needs no
 * look: nothing but silence follows from it. One read for each author who is new. Throws PagerDutyError.
 */
export async function ownNotes(
  notes: readonly Note[],
  { effects }: Pick<Story, 'effects'>,
  {
    incidents,
    board: { authors },
  }: { readonly incidents: Pick<Incidents, 'isService'>; readonly board: Pick<PageBoard, 'authors'> },
  ask: Ask,
): Promise<ReadonlySet<Note>> {
  const markers = [...effects.values()].flatMap(({ intended }) =>
    intended.kind === 'note' ? [intended.marker] : [],
  );
  const claiming = notes.filter(({ content }) => saysOwnWords(content));
  const known = claiming.filter(({ content }) => markers.some((marker) => content.includes(marker)));
  for (const { author } of claiming.filter((note) => !known.includes(note))) {
    if (!authors.has(author.id)) authors.set(author.id, await incidents.isService(author, ask));
  }
  return new Set(claiming.filter((note) => known.includes(note) || authors.get(note.author.id) === true));
}

/** The answers that own notes reply to, with their authors: whoever was told is not told again, by whichever request. */
export function repliesIn(notes: readonly Note[], own: ReadonlySet<Note>): ReadonlyMap<string, string> {
  const authors = new Map(notes.map(({ id, author }) => [id, author.id]));
  const answered = [...own].flatMap(({ content }) => REPLY.exec(content)?.[1] ?? []);
  return new Map(answered.map((id) => [id, authors.get(id) ?? acknowledger(id)]));
}

function acknowledger(answerId: string): string {
  return /^ack (\S+) /u.exec(answerId)?.[1] ?? '';
}
