import { acknowledgingApproves } from '../../core/answers/judge-answer.ts';
import { answerCode, codeNamed, parseAnswer, type Answer } from '../../core/answers/answer.ts';
import type { AskingPage } from '../../core/effects/asking-pages.ts';
import type { RecordedDecision } from '../../core/record/ledger-entry.ts';
import type { Policy } from '../../core/rule.ts';
import type { Story } from '../../core/record/story.ts';
import { PagerDutyError, type Actor, type Ask, type Note, type Timeline } from '../../ports/pagerduty.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PageBoard } from './page-board.ts';
import { isPerson } from '../../core/conditions/opener.ts';

export type PageReads = Pick<Dependencies, 'incidents' | 'ledger'> & {
  readonly policy: Policy;
  readonly board: PageBoard;
};

/** Everything on the request's pages that is an answer to it, and the last page as it is. */
export async function readAnswers(
  pages: readonly AskingPage[],
  last: AskingPage,
  story: Story,
  decided: RecordedDecision,
  { reads, ask }: { readonly reads: PageReads; readonly ask: Ask },
): Promise<{ readonly answers: readonly Answer[]; readonly timeline: Timeline | null }> {
  const timeline = await lookAt(last, story, decided, reads, ask);
  const answers = [
    ...(await answersOnEarlier(pages.slice(0, -1), story, decided, reads, ask)),
    ...(await answersElsewhere(pages, story, decided, reads, ask)),
    ...(timeline === null ? [] : await answersOn(last, timeline, story, decided, reads)),
  ];
  return { answers, timeline };
}

/** Pages that were resolved: of those PagerDuty has notes alone. */
async function answersOnEarlier(
  pages: readonly AskingPage[],
  story: Story,
  decided: RecordedDecision,
  dependencies: PageReads,
  ask: Ask,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const page of pages) {
    try {
      const notes = await dependencies.incidents.notes(page.incident.id, ask);
      answers.push(...(await answersIn(notes, page, story, decided, dependencies)));
    } catch (error) {
      // An incident may be taken away; the others are heard all the same.
      if (!(error instanceof PagerDutyError) || error.kind !== 'not-found') throw error;
    }
  }
  return answers;
}

/** Who answers where a page went that was merged is told that it does not count there: only what names the request by its code is meant. */
async function answersElsewhere(
  pages: readonly AskingPage[],
  { pagesMerged }: Story,
  decided: RecordedDecision,
  { incidents }: PageReads,
  ask: Ask,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const page of pages) {
    const id = pagesMerged.get(page.incident.id) ?? null;
    if (id === null || pages.some(({ incident }) => incident.id === id)) continue;
    try {
      const notes = await incidents.notes(id, ask);
      answers.push(...notes.flatMap((note) => answerIn(note, { ...page, incident: { id } }, decided) ?? []));
    } catch (error) {
      // It is not ours: whoever keeps it from us must not keep us from hearing the rest.
      if (!(error instanceof PagerDutyError) || !['not-found', 'forbidden'].includes(error.kind)) throw error;
    }
  }
  return answers.filter(({ codeIsRight }) => codeIsRight);
}

/** An answer that may count yet is heard from notes that were read just now: whoever gave it may have taken it back. */
async function lookAt(
  { incident, code }: AskingPage,
  { answers }: Story,
  { requestId }: RecordedDecision,
  { incidents, board }: PageReads,
  ask: Ask,
): Promise<Timeline | null> {
  const lately = board.isFirst(requestId, incident.id) ? null : board.readLately(incident.id);
  const timeline = lately ?? (await incidents.timeline(incident.id, ask));
  if (timeline === null) return null;
  if (lately === null) {
    board.keep(incident.id, timeline);
    board.tell(incident.id, timeline);
  }
  if (lately === null && !timeline.notesAreKept) return timeline;
  const isUnheard = ({ id }: Note) => !answers.some(({ answer }) => answer.id === id);
  const said = timeline.notes.filter(({ content }) => {
    const named = codeNamed(content);
    return named !== null && (named === code || lately === null);
  });
  if (!said.some(isUnheard)) return timeline;
  return { ...timeline, notes: await incidents.notes(incident.id, ask), notesAreKept: false };
}

async function answersOn(
  page: AskingPage,
  { notes, acknowledgements }: Timeline,
  story: Story,
  decided: RecordedDecision,
  dependencies: PageReads,
): Promise<readonly Answer[]> {
  const said = await answersIn(notes, page, story, decided, dependencies);
  // By an acknowledgement it is not said which of several is meant.
  if (page.joined !== null || page.collective) return said;
  // Where the page says that acknowledging approves and the rules do not any more, whoever does so is told.
  if (!acknowledgingApproves(decided, dependencies.policy) && !page.acknowledging) return said;
  const acknowledged = acknowledgements.filter(({ by }) => isPerson(by));
  return [...said, ...acknowledged.map(({ by, at }) => acknowledgement(by, at, page.incident.id))];
}

/**
 * The answers that are to this request: those that name it; and of those that name nobody who is asked about on the page, all, where
 * it is the first of those who wait there.
 */
async function answersIn(
  notes: readonly Note[],
  page: AskingPage,
  { answers }: Story,
  decided: RecordedDecision,
  { ledger, board }: PageReads,
): Promise<readonly Answer[]> {
  const { requestId } = decided;
  const known = new Set(answers.map(({ answer }) => answer.id));
  const own = notes.filter(({ content }) => codeNamed(content) === page.code);
  const others = notes.filter(({ id, content }) => {
    const named = codeNamed(content);
    return named !== null && named !== page.code && !known.has(id);
  });
  if (others.length > 0) {
    const asked = await ledger.askedOn(page.id);
    const codes = new Set(asked.map(({ code }) => code));
    const speaker = asked.find(({ waits }) => waits)?.requestId ?? requestId;
    const nobodys = others.filter(({ content }) => !codes.has(codeNamed(content) ?? ''));
    if (speaker === requestId) own.push(...nobodys);
    else for (const note of nobodys) board.callFor(note, speaker, page.incident.id);
  }
  return own.flatMap((note) => answerIn(note, page, decided) ?? []);
}

function answerIn(
  note: Note,
  { code, incident }: AskingPage,
  { requestId }: RecordedDecision,
): Answer | null {
  const parsed = parseAnswer(note.content, code);
  if (parsed === null) return null;
  return {
    ...parsed,
    id: note.id,
    how: 'note',
    by: { id: note.author.id, name: note.author.summary, isUser: isPerson(note.author) },
    at: note.createdAt,
    edited: note.updatedAt !== null && note.updatedAt > note.createdAt,
    incidentId: incident.id,
    ...(code === answerCode(requestId) ? {} : { code }),
  };
}

function acknowledgement(by: Actor, at: Answer['at'], incidentId: string): Answer {
  return {
    id: `ack ${by.id} ${at}`,
    how: 'acknowledge',
    propose: 'approved',
    reason: '',
    by: { id: by.id, name: by.summary, isUser: true },
    at,
    edited: false,
    codeIsRight: true,
    incidentId,
  };
}
