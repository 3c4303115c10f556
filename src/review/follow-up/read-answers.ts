import { acknowledgingApproves } from '../../core/answers/judge-answer.ts';
import { answerCode, type Answer, type Listed } from '../../core/answers/answer.ts';
import { firstNamed, parseAnswer, saysOwnWords } from '../../core/answers/grammar.ts';
import { mayBeRevoked } from '../../core/effects/revocation.ts';
import { asksSame, lastOfEach, type AskingPage } from '../../core/effects/asking-pages.ts';
import { partsOf } from '../../core/record/effect-keys.ts';
import type { RecordedDecision } from '../../core/record/ledger-entry.ts';
import type { Policy } from '../../core/rule.ts';
import { storyOf, type Story } from '../../core/record/story.ts';
import type { Instant } from '../../core/values/instant.ts';
import { PagerDutyError, type Actor, type Ask, type Note, type Timeline } from '../../ports/pagerduty.ts';
import type { Asked } from '../../ports/ledger.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PageBoard } from './page-board.ts';
import { ownNotes, repliesIn } from './own-notes.ts';
import { takenBackSince } from './taken-back-since.ts';
import { isPerson } from '../../core/conditions/opener.ts';

export type PageReads = Pick<Dependencies, 'incidents' | 'ledger' | 'clock'> & {
  readonly policy: Policy;
  readonly board: PageBoard;
};

/** An answer, and those on its page whose authors were told already why they are not taken, with the authors. */
export interface Heard {
  readonly answer: Answer;
  readonly replies: ReadonlyMap<string, string>;
  /** Since when our note of the end is on its page; absent where it is not. */
  readonly toldAt?: Instant;
}

interface Look {
  readonly story: Story;
  readonly decided: RecordedDecision;
  readonly reads: PageReads;
  readonly ask: Ask;
}

/** The pages of a request, and the incidents of those of their last ones that it is to look at: others look at the rest. */
export interface ToRead {
  readonly pages: readonly AskingPage[];
  readonly looksAt: readonly string[];
}

/** The last page of a team, as it is; of an incident that is gone nothing is known. */
export interface Looked {
  readonly page: AskingPage;
  readonly timeline: Timeline | null;
}

/** Everything on the request's pages that may be an answer to it, and the last page of each team as it is. */
export async function readAnswers(
  { pages, looksAt }: ToRead,
  look: Look,
): Promise<{ readonly heard: readonly Heard[]; readonly looked: readonly Looked[] }> {
  const last = lastOfEach(pages).filter(({ incident }) => looksAt.includes(incident.id));
  const looked: Looked[] = [];
  for (const page of last) looked.push({ page, timeline: await lookAt(page, look) });
  const heard = [
    await heardOnEarlier(
      pages.flatMap((page, index) => {
        const next = pages.slice(index + 1).find((each) => asksSame(each, page));
        return next === undefined ? [] : [{ page, next }];
      }),
      look,
    ),
    await heardElsewhere(pages, look),
  ];
  for (const { page, timeline } of looked)
    if (timeline !== null) heard.push(await heardOn(page, timeline, look));
  return { heard: heard.flat(), looked };
}

/** Pages that were resolved: of those PagerDuty has notes alone. */
async function heardOnEarlier(
  pages: readonly { readonly page: AskingPage; readonly next: AskingPage }[],
  look: Look,
): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  for (const { page, next } of pages) {
    try {
      const notes = await look.reads.incidents.notes(page.incident.id, look.ask);
      // Where nobody is asked any more, only what reads like an answer is one.
      const isMeant = ({ answer }: Heard) => answer.unclear === undefined || answer.at <= next.openedAt;
      heard.push(...(await heardIn(notes, page, look)).filter(isMeant));
    } catch (error) {
      // An incident may be taken away; the others are heard all the same.
      if (!(error instanceof PagerDutyError) || error.kind !== 'not-found') throw error;
    }
  }
  return heard;
}

/** Who answers where a page went that was merged is told that it does not count there: only what names the request by its code is meant. */
async function heardElsewhere(
  pages: readonly AskingPage[],
  { story, decided: { requestId }, reads, ask }: Look,
): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  for (const page of pages) {
    const id = story.pagesMerged.get(page.incident.id) ?? null;
    if (id === null || pages.some(({ incident }) => incident.id === id)) continue;
    try {
      const merged = { ...page, incident: { id } };
      const notes = await reads.incidents.notes(id, ask);
      const own = await ownNotes(notes, story, reads, ask);
      const replies = repliesIn(notes, own);
      const answers = notes
        .filter((note) => !own.has(note))
        .map((note) => answerIn(note, merged, requestId, []));
      heard.push(...answers.filter(({ codeIsRight }) => codeIsRight).map((answer) => ({ answer, replies })));
    } catch (error) {
      // It is not ours: whoever keeps it from us must not keep us from hearing the rest.
      if (!(error instanceof PagerDutyError) || !['not-found', 'forbidden'].includes(error.kind)) throw error;
    }
  }
  return heard;
}

/** An answer that may count yet is heard from notes that were read just now: whoever gave it may have taken it back. */
async function lookAt(page: AskingPage, { story, decided, reads, ask }: Look): Promise<Timeline | null> {
  const { incident, code } = page;
  const { incidents, board } = reads;
  const { requestId } = decided;
  const lately = board.isFirst(requestId, incident.id) ? null : board.readLately(incident.id);
  const timeline = lately ?? (await incidents.timeline(incident.id, ask));
  if (timeline === null) return null;
  if (lately === null) {
    board.keep(incident.id, timeline);
    board.tell(incident.id, timeline);
  }
  if (lately === null && !timeline.notesAreKept) return timeline;
  const known = new Set(story.answers.map(({ answer }) => answer.id));
  const isNews = timeline.notes.some(
    ({ id, content }) =>
      !known.has(id) &&
      !board.isPassedOver(id, incident.id) &&
      firstNamed(content, [{ requestId, code }]) !== null,
  );
  if (!isNews) return timeline;
  return { ...timeline, notes: await incidents.notes(incident.id, ask), notesAreKept: false };
}

async function heardOn(
  page: AskingPage,
  { notes, acknowledgements }: Timeline,
  look: Look,
): Promise<readonly Heard[]> {
  const { decided, reads } = look;
  const said = await heardIn(notes, page, look);
  const acknowledged = acknowledgements.filter(({ by }) => isPerson(by));
  if (acknowledged.length === 0) return said;
  // By an acknowledgement it is not said which of several is meant.
  const isOne = page.joined === null && !page.collective;
  // Where the page says that acknowledging approves and the rules do not any more, whoever does so is told. Earlier versions heard
  // none on the pages of other teams, and did not say there that they would.
  const approves = page.team === null && acknowledgingApproves(decided, reads.policy);
  const answers = isOne && (approves || page.acknowledging);
  if (answers) {
    const replies = new Map<string, string>();
    const sinceThen = takenBackSince(notes, ({ content }) => !saysOwnWords(content));
    return [
      ...said,
      ...acknowledged.map(({ by, at }) => ({ answer: sinceThen(acknowledgement(by, at, page)), replies })),
    ];
  }
  return [...said, ...(await seenBy(acknowledged, notes, page, look))];
}

/** Acknowledgements that approve nothing, the first of each who has not said anything of what is asked: they are told how to answer. */
async function seenBy(
  acknowledged: Timeline['acknowledgements'],
  notes: readonly Note[],
  page: AskingPage,
  { story, decided, reads, ask }: Look,
): Promise<readonly Heard[]> {
  const { incident } = page;
  const asked = await listedOn(page, decided, reads);
  if (speakerOf(asked, decided) !== decided.requestId) return [];
  const own = await ownNotes(notes, story, reads, ask);
  const replies = repliesOn(notes, own, incident.id, reads);
  const heard = story.answers.flatMap(({ answer: { id, incidentId } }) =>
    incidentId === incident.id ? [id] : [],
  );
  const told = [...replies.keys(), ...heard];
  const first = new Map(acknowledged.toReversed().map((each) => [each.by.id, each]));
  return [...first.values()].flatMap(({ by, at }) => {
    const isTold = told.some((id) => id.startsWith(`ack ${by.id} `));
    const hasSaid = notes.some(
      ({ author, content }) => author.id === by.id && firstNamed(content, asked) !== null,
    );
    if (isTold || hasSaid) return [];
    const answer = {
      ...acknowledgement(by, at, page),
      propose: null,
      unclear: 'acknowledged',
    } as const;
    return reads.board.isPassedOver(answer.id, incident.id) ? [] : [{ answer, replies }];
  });
}

/**
 * The answers that are to this request: those that name it; and of those that name nobody who waits on the page, all, where it is the
 * first of those who wait there.
 */
async function heardIn(notes: readonly Note[], page: AskingPage, look: Look): Promise<readonly Heard[]> {
  const { story, decided, reads, ask } = look;
  const { board } = reads;
  const { incident } = page;
  const { requestId } = decided;
  const known = new Set(story.answers.map(({ answer }) => answer.id));
  const unheard = notes.filter(({ id }) => !known.has(id) && !board.isPassedOver(id, incident.id));
  if (unheard.length === 0) return [];
  const own = await ownNotes(notes, story, reads, ask);
  for (const { id } of own) board.passOver(id, incident.id);
  const replies = repliesOn(notes, own, incident.id, reads);
  const asked = await listedOn(page, decided, reads);
  const others = asked.filter((each) => each.requestId !== requestId);
  const speaker = speakerOf(asked, decided);
  const toldAt = endToldAt(notes, story);
  const isAbout = (note: Note) =>
    !own.has(note) && (firstNamed(note.content, asked)?.requestId ?? requestId) === requestId;
  const sinceThen = takenBackSince(notes, isAbout);
  const heard: Heard[] = [];
  for (const note of unheard) {
    const named = firstNamed(note.content, asked);
    const isMine = named?.requestId === requestId;
    if (own.has(note) || replies.has(note.id) || (named?.waits === true && !isMine)) continue;
    const answer = sinceThen(answerIn(note, page, requestId, others));
    if (isMine) heard.push({ answer, replies, ...(toldAt === undefined ? {} : { toldAt }) });
    else if (speaker !== requestId) board.callFor(note, speaker, incident.id);
    else if (named === null) heard.push({ answer, replies });
    else {
      const theirs = storyOf(await reads.ledger.entriesOf(named.requestId));
      if (theirs.answers.some((each) => each.answer.id === note.id)) board.passOver(note.id, incident.id);
      // Whose access may be ended hears it by itself.
      else if (!mayBeRevoked(theirs, reads.clock.now()))
        heard.push({ answer: { ...answer, propose: null, unclear: 'over' }, replies });
    }
  }
  return heard;
}

/** When our note of the end was written, which all that was written later comes after; the first, since anybody may write the same again. */
function endToldAt(notes: readonly Note[], { effects }: Story): Instant | undefined {
  const markers = [...effects.values()].flatMap(({ intended }) =>
    intended.kind === 'note' && partsOf(intended.key).word === 'closing-note' ? [intended.marker] : [],
  );
  const told = notes.filter(({ content }) => markers.some((marker) => content.includes(marker)));
  return told.map(({ createdAt }) => createdAt).sort()[0];
}

/** All who are asked about on the page, this request among them: earlier versions did not write that down. */
async function listedOn(
  page: AskingPage,
  { requestId }: RecordedDecision,
  { ledger }: PageReads,
): Promise<readonly Asked[]> {
  const asked = await ledger.askedOn(page.id);
  const isAmong = asked.some((each) => each.requestId === requestId);
  return isAmong ? asked : [...asked, { requestId, code: page.code, waits: true }];
}

/** Who is to answer for all on the page what is meant for none of them. */
function speakerOf(asked: readonly Asked[], { requestId }: RecordedDecision): string {
  return asked.find(({ waits }) => waits)?.requestId ?? requestId;
}

/** Answers on the incident to which there is a reply, or one is on its way, with their authors. */
function repliesOn(
  notes: readonly Note[],
  own: ReadonlySet<Note>,
  incidentId: string,
  { board }: PageReads,
): ReadonlyMap<string, string> {
  return new Map([...board.repliesOn(incidentId), ...repliesIn(notes, own)]);
}

function answerIn(
  note: Note,
  { code, incident, text }: AskingPage,
  requestId: string,
  others: readonly Listed[],
): Answer {
  return {
    ...parseAnswer(note.content, { requestId, code }, { others, title: text.title }),
    id: note.id,
    how: 'note',
    by: { id: note.author.id, name: note.author.summary, isUser: isPerson(note.author) },
    at: note.createdAt,
    edited: note.updatedAt !== null && note.updatedAt > note.createdAt,
    incidentId: incident.id,
    ...(code === answerCode(requestId) ? {} : { code }),
  };
}

/** One person may acknowledge the pages of several teams at a moment. Earlier versions, which heard none but the first team's, did not name the page. */
function acknowledgement(
  by: Actor,
  at: Answer['at'],
  { team, incident: { id: incidentId } }: AskingPage,
): Answer {
  return {
    id: `ack ${by.id} ${at}${team === null ? '' : ` ${incidentId}`}`,
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
