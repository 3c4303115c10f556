import { asksForTheSame } from '../../core/access-request.ts';
import { judgeAnswer, mayAnswer, rulesAsking } from '../../core/answers/judge-answer.ts';
import { howToRevoke, judgeRevocation } from '../../core/answers/judge-revocation.ts';
import { mappedTo } from '../../core/answers/two-people.ts';
import { teamsOf } from '../../core/effects/teams.ts';
import { MOST_REPLIES, type AskingPage } from '../../core/effects/asking-pages.ts';
import { mayBeRevoked } from '../../core/effects/revocation.ts';
import type { Answer, AnswerFacts, PageReading } from '../../core/answers/answer.ts';
import { isAnswered } from '../../core/effects/reviews-on-behalf.ts';
import type { LedgerEvent, RecordedAnswer, RecordedDecision } from '../../core/record/ledger-entry.ts';
import { policiesIn } from '../../core/roster/sheet.ts';
import { asApprovers, targetsOf } from '../../core/rule.ts';
import type { Story } from '../../core/record/story.ts';
import { laterOf, MINUTE, msBetween } from '../../core/values/instant.ts';
import { durationWords } from '../../core/values/words.ts';
import type { Ask, Timeline } from '../../ports/pagerduty.ts';
import { causeOf } from '../cause-of.ts';
import type { Dependencies } from '../dependencies.ts';
import { answersSince } from '../effects/own-page.ts';
import { readAnswers, type Heard, type PageReads, type ToRead } from './read-answers.ts';
import { readLock } from '../facts/read-lock.ts';
import { lookUnheard } from './look-unheard.ts';
import { readOnCall } from '../facts/read-on-call.ts';
import { teleportUserOf } from '../facts/teleport-user-of.ts';

type AnswerDependencies = PageReads &
  Pick<Dependencies, 'directory' | 'roster' | 'addresses' | 'users' | 'locks' | 'clock'> & {
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
  for (const { answer, isTold } of turns) {
    const { id, by, incidentId } = answer;
    const page = pages.findLast(({ incident }) => incident.id === incidentId) ?? null;
    // What is no answer is answered while somebody waits for one.
    if (!isClear(answer) && story.ended === null && isAnsweredOn(page)) continue;
    const judged = await judge(answer, page, { story, decided }, dependencies, ask);
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

function isClear({ codeIsRight, unclear }: Answer): boolean {
  return codeIsRight && unclear === undefined;
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

const NOTHING_LOOKED_UP: AnswerFacts = {
  onCall: { state: 'unknown', cause: { code: 'not-found', message: 'not looked up', transient: false } },
  targets: [],
  teleportUser: null,
};

type Judged =
  | { readonly state: 'judged'; readonly recorded: RecordedAnswer }
  /** Not known yet whether it counts. */
  | { readonly state: 'open'; readonly why: string; readonly asRefused: RecordedAnswer }
  /** It says nothing, and whoever said it need not be told; `later`: whether they need be is not known now. */
  | { readonly state: 'passed over' | 'later' };

async function judge(
  answer: Answer,
  page: AskingPage | null,
  { story, decided }: { readonly story: Story; readonly decided: RecordedDecision },
  dependencies: AnswerDependencies,
  ask: Ask,
): Promise<Judged> {
  const about = { kind: 'answered', requestId: decided.requestId, answer } as const;
  const { policy } = dependencies;
  const refused = (why: string): Judged => ({
    state: 'judged',
    recorded: { ...about, counted: false, why, facts: null },
  });
  if (story.ended !== null) {
    const listens = mayBeRevoked(story, dependencies.clock.now());
    const isMeant = listens ? answer.codeIsRight : answer.unclear === undefined;
    if (!isMeant) return { state: 'passed over' };
    if (listens && answer.propose === 'revoked' && isClear(answer))
      return judgeByFacts(answer, { judgeBy: judgeRevocation, page: null }, decided, dependencies, ask);
    const how = listens ? `: ${howToRevoke(answer, decided)}` : '';
    return refused(`the request is already ${story.ended.state}${how}`);
  }
  // What names nothing, or is no answer, is refused whoever it is by.
  if (!isClear(answer)) {
    const isMeant = answer.how === 'note' && (answer.codeIsRight || answer.propose !== null);
    const state = isMeant ? 'counted' : await whetherMayAnswer(answer, decided, dependencies, ask);
    if (state !== 'counted') return { state: state === 'unknown' ? 'later' : 'passed over' };
    const onPage = page === null ? ({ page: { state: 'merged' } } as const) : {};
    const { why } = judgeAnswer(answer, decided, { ...NOTHING_LOOKED_UP, ...onPage }, policy);
    return refused(why);
  }
  return judgeByFacts(answer, { judgeBy: judgeAnswer, page }, decided, dependencies, ask);
}

/** By what is known of whoever gave it. `page`: to what it is the answer; what ends access needs none, and ends nothing before it is given. */
async function judgeByFacts(
  answer: Answer,
  { judgeBy, page }: { readonly judgeBy: typeof judgeAnswer; readonly page: AskingPage | null },
  decided: RecordedDecision,
  dependencies: AnswerDependencies,
  ask: Ask,
): Promise<Judged> {
  const { policy } = dependencies;
  let facts = await gatherAnswerFacts(answer, decided, dependencies, ask);
  const judgement = judgeBy(answer, decided, facts, policy);
  // Only what is to be acted upon is worth a look at what it was the answer to, and whether its author is locked out.
  if (judgement.state === 'counted') {
    const names = [...new Set([facts.teleportUser ?? [], mappedTo(answer.by.id, policy)].flat())];
    const isShown = judgeBy === judgeAnswer;
    const [shown, lock] = await Promise.all([
      isShown ? readPage(page, decided, dependencies, ask) : undefined,
      readLock(names, dependencies, ask.signal),
    ]);
    facts = { ...facts, ...(shown === undefined ? {} : { page: shown }), ...lock };
  }
  const judged = judgeBy(answer, decided, facts, policy);
  const { state, why } = judged;
  const rules = judged.state === 'counted' ? { rules: judged.rules } : {};
  const about = { kind: 'answered', requestId: decided.requestId, answer } as const;
  const recorded: RecordedAnswer = { ...about, counted: state === 'counted', why, facts, ...rules };
  return state === 'unknown' ? { state: 'open', why, asRefused: recorded } : { state: 'judged', recorded };
}

/** Somebody who may answer and says something else is told how; nobody else is spoken to. */
async function whetherMayAnswer(
  answer: Answer,
  decided: RecordedDecision,
  dependencies: AnswerDependencies,
  ask: Ask,
): Promise<ReturnType<typeof mayAnswer>> {
  if (!answer.by.isUser) return 'refused';
  const facts = await gatherAnswerFacts(answer, decided, dependencies, ask);
  return mayAnswer(answer, decided, facts, dependencies.policy);
}

/** Where the request was added to the page of another, both must be what was sent. */
async function readPage(
  page: AskingPage | null,
  { request }: RecordedDecision,
  { incidents }: AnswerDependencies,
  ask: Ask,
): Promise<PageReading> {
  if (page === null) return { state: 'merged' };
  const { incident, intendedAt, text, joined, shown: asked } = page;
  if (!asksForTheSame(asked, request)) return { state: 'outdated' };
  try {
    const shown = await incidents.shownOf(incident.id, text, ask);
    if (shown === null) {
      const message = 'PagerDuty has its incident no more';
      return { state: 'unknown', cause: { code: 'not-found', message, transient: false } };
    }
    const { createdAt, changed } = shown;
    if (changed !== null) return { state: 'changed', what: changed };
    if (joined === null) return { state: 'as-sent', since: answersSince(createdAt, intendedAt) };
    const listedAt = await incidents.listedAt(incident.id, joined.text, ask);
    return listedAt === null ? { state: 'changed', what: 'text' } : { state: 'as-sent', since: listedAt };
  } catch (error) {
    ask.signal.throwIfAborted();
    return { state: 'unknown', cause: causeOf(error) };
  }
}

/** The page that it is on is closed: somebody must be asked before long, and whoever answered is told. */
function givenUp({ why, asRefused }: Extract<Judged, { state: 'open' }>): RecordedAnswer {
  const within = durationWords(HEARING_OUT_MS);
  return { ...asRefused, why: `within ${within} it could not be found out whether it counts: ${why}` };
}

async function gatherAnswerFacts(
  answer: Answer,
  decided: RecordedDecision,
  { directory, roster, addresses, users, clock, policy }: AnswerDependencies,
  ask: Ask,
): Promise<AnswerFacts> {
  const rules = rulesAsking(decided, policy).map(asApprovers);
  const targets = rules.flatMap((rule) => targetsOf(rule, decided.request));
  const [sheet, inTeleport] = await Promise.all([
    roster.onCall(targets, ask, answer.at),
    teleportUserOf(answer.by.id, { directory, addresses, users, clock, policy }, ask),
  ]);
  const { reading: onCall, targets: known } = readOnCall([answer.by.id], sheet, {
    now: clock.now,
    at: answer.at,
  });
  const policies = rules.some(({ onCall: { settled } }) => settled !== undefined) ? policiesIn(sheet) : {};
  return { onCall, targets: known, ...policies, ...inTeleport, perRule: true };
}
