import type { Answer } from '../../core/answers/answer.ts';
import { MOST_REPLIES, type AskingPage } from '../../core/effects/asking-pages.ts';
import { isAnswered } from '../../core/effects/reviews-on-behalf.ts';
import { teamsOf } from '../../core/effects/teams.ts';
import type { LedgerEvent, RecordedAnswer, RecordedDecision } from '../../core/record/ledger-entry.ts';
import type { Story } from '../../core/record/story.ts';
import { laterOf, MINUTE, msBetween } from '../../core/values/instant.ts';
import { durationWords } from '../../core/values/words.ts';
import type { Ask, Timeline } from '../../ports/pagerduty.ts';
import { isClear, judgeHeard, type Judged, type JudgingDependencies } from './judge-heard.ts';
import { lookUnheard } from './look-unheard.ts';
import { readAnswers, type Heard, type ToRead } from './read-answers.ts';

type AnswerDependencies = JudgingDependencies & {
  /** Writes down what was heard, at once. */
  readonly record: (event: LedgerEvent) => Promise<void>;
};

/**
 * How long an answer of which it is not known whether it counts keeps a resolved page from being taken for unanswered, while this process
 * listens.
 */
const HEARING_OUT_MS = 15 * MINUTE;
/** So many answers of one author are looked into in one look. */
const MOST_OF_ONE = 3;

/**
 * What has been said on the request's pages since the last look: answers, each judged once and recorded before the next one, and
 * whether somebody resolved the last page of a team. PagerDuty itself is the source, whoever told that there is news. For such a page it
 * takes one read, of the incident's log, while nothing is said; one more for its notes where there are new ones, where they were read two
 * minutes ago or where an answer on them is still open, and one for its status once it was resolved. Each earlier page takes one. Gives
 * why it is not known yet of answers whether they count. Throws PagerDutyError when they cannot be read.
 */
export async function hearAnswers(
  { pages, looksAt }: ToRead,
  story: Story,
  decided: RecordedDecision,
  dependencies: AnswerDependencies,
  ask: Ask,
): Promise<readonly string[]> {
  const { board, clock, policy } = dependencies;
  const { heard, looked } = await readAnswers(
    { pages, looksAt },
    { story, decided, reads: dependencies, ask },
  );
  let grown = story;
  const teams = teamsOf(decided, policy);
  const isAnsweredOn = (page: AskingPage | null) => {
    const rules = teams.find(({ name }) => name === (page?.team ?? null))?.rules ?? [];
    return isAnswered(grown, rules);
  };
  const open: string[] = [];
  const { turns, beyond } = inTurns(heard, story);
  for (const { id, incidentId } of beyond) board.passOver(id, incidentId);
  const toldAt = new Map(heard.map((each) => [each.answer.id, each.toldAt ?? null]));
  for (const { answer, isTold } of turns) {
    const { id, by, incidentId } = answer;
    const page = pages.findLast(({ incident }) => incident.id === incidentId) ?? null;
    // What is no answer is answered while somebody waits for one.
    if (!isClear(answer) && story.ended === null && isAnsweredOn(page)) continue;
    const about = { story, decided, page, toldAt: toldAt.get(id) ?? null };
    const judged = await judgeHeard(answer, about, dependencies, ask);
    const isOnOpen = looked.some((each) => each.page === page && each.timeline?.isResolved !== true);
    const isLate = !isOnOpen && msBetween(laterOf(answer.at, board.since), clock.now()) > HEARING_OUT_MS;
    if (judged.state === 'passed over') board.passOver(id, incidentId);
    const recorded =
      judged.state === 'judged'
        ? judged.recorded
        : judged.state === 'open' && isLate
          ? givenUp(judged)
          : null;
    if (recorded !== null) {
      const isReplied = !recorded.counted && isTold;
      if (isReplied) board.reply(id, by.id, incidentId);
      try {
        await dependencies.record(recorded.counted || isTold ? recorded : { ...recorded, untold: true });
      } catch (error) {
        if (isReplied) board.unreply(id, incidentId);
        throw error;
      }
      grown = { ...grown, answers: [...grown.answers, recorded] };
    } else if (judged.state === 'open') open.push(judged.why);
  }
  for (const { page, timeline } of looked) {
    if (timeline === null) continue;
    // Where the rule pages again, nobody listens on this page any more: first every answer on it is heard out.
    const isOver = story.ended !== null || isAnsweredOn(page) || open.length > 0;
    if (isOver) continue;
    const patienceMs = teams.find(({ name }) => name === page.team)?.escalation?.remindAfterMs ?? null;
    const happened = timeline.isResolved
      ? await resolutionOf(page, timeline, { story, decided }, dependencies, ask)
      : await lookUnheard(page, timeline, { story, decided, patienceMs }, dependencies, ask);
    if (happened !== null) await dependencies.record(happened);
  }
  return open;
}

/** Null where it is recorded. */
async function resolutionOf(
  { incident: { id: incidentId }, joined }: AskingPage,
  { resolvedBy, merged }: Timeline,
  { story, decided: { requestId } }: { readonly story: Story; readonly decided: RecordedDecision },
  { incidents }: AnswerDependencies,
  ask: Ask,
): Promise<LedgerEvent | null> {
  if (story.pagesResolved.includes(incidentId)) return null;
  // It was closed for those who are asked about on it, in the moment when this request was added to them.
  const byService = joined !== null && resolvedBy !== null && (await incidents.isService(resolvedBy, ask));
  return {
    ...{ kind: 'page-resolved', requestId, incidentId },
    ...(merged === null ? {} : { mergedInto: merged.into }),
    ...(byService && merged === null ? { byService } : {}),
  };
}

/** An answer in its turn, and whether its author is told if it is not taken. */
interface Turn {
  readonly answer: Answer;
  readonly isTold: boolean;
}

/**
 * The order in which answers are looked into: those that name the request first, and of each author one after the other, so that
 * nobody is heard late because another says much. Of one author no more than a few in one look. Nobody is told more often on a page than
 * `MOST_REPLIES` times, whichever requests it is about: what is clear is heard without a word then, and all else is `beyond`.
 */
function inTurns(
  heard: readonly Heard[],
  { answers: before }: Story,
): { readonly turns: readonly Turn[]; readonly beyond: readonly Answer[] } {
  const byAuthor = (answer: Answer) => `${answer.by.id} ${answer.incidentId}`;
  const known = new Set(before.map(({ answer }) => answer.id));
  const told = new Map<string, Set<string>>();
  for (const { answer, replies } of heard) {
    const own = before.filter((each) => !each.counted && byAuthor(each.answer) === byAuthor(answer));
    const onPage = [...replies].filter(([, author]) => author === answer.by.id).map(([id]) => id);
    told.set(byAuthor(answer), new Set([...own.map((each) => each.answer.id), ...onPage]));
  }
  const left = (author: string) => Math.max(0, MOST_REPLIES - (told.get(author)?.size ?? 0));
  const answers = heard.map(({ answer }) => answer).filter(({ id }) => !known.has(id));
  const turnsOf = (clear: boolean) =>
    Map.groupBy(answers.filter((answer) => isClear(answer) === clear).sort(byTime), byAuthor);
  const clear = turnsOf(true);
  const right = [...clear].map(([author, each]) =>
    each.map((answer, index) => ({ answer, isTold: index < left(author) })),
  );
  const wrong = [...turnsOf(false)].map(([author, each]) => ({
    each,
    most: left(author) - (clear.get(author)?.length ?? 0),
  }));
  const others = wrong.map(({ each, most }) =>
    each.slice(0, Math.max(0, most)).map((answer) => ({ answer, isTold: true })),
  );
  const nth = (each: readonly (readonly Turn[])[], turn: number) =>
    each.flatMap((own) => own.slice(turn, turn + 1)).sort((one, other) => byTime(one.answer, other.answer));
  const rounds = Array.from({ length: MOST_OF_ONE }, (_, turn) => turn);
  return {
    turns: [right, others].flatMap((each) => rounds.flatMap((turn) => nth(each, turn))),
    beyond: wrong.flatMap(({ each, most }) => (most > 0 ? [] : each)),
  };
}

/** Whose answer was first counts, on whichever page it was given. */
function byTime({ at: one }: Answer, { at: other }: Answer): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** The page that it is on is closed: somebody must be asked before long, and whoever answered is told. */
function givenUp({ why, asRefused }: Extract<Judged, { state: 'open' }>): RecordedAnswer {
  const within = durationWords(HEARING_OUT_MS);
  return { ...asRefused, why: `within ${within} it could not be found out whether it counts: ${why}` };
}
