import { asksForTheSame } from '../../core/access-request.ts';
import { acknowledgingApproves, judgeAnswer, rulesAsking } from '../../core/answers/judge-answer.ts';
import type { AskingPage } from '../../core/effects/asking-pages.ts';
import {
  answerCode,
  parseAnswer,
  type Answer,
  type AnswerFacts,
  type PageReading,
} from '../../core/answers/answer.ts';
import { isAnswered } from '../../core/effects/reviews-on-behalf.ts';
import type { LedgerEvent, RecordedAnswer, RecordedDecision } from '../../core/record/ledger-entry.ts';
import { asApprovers, targetsOf, type Policy } from '../../core/rule.ts';
import type { Story } from '../../core/record/story.ts';
import { MINUTE, msBetween } from '../../core/values/instant.ts';
import { durationWords } from '../../core/values/words.ts';
import { PagerDutyError, type Actor, type Ask, type Note, type Timeline } from '../../ports/pagerduty.ts';
import { causeOf } from '../cause-of.ts';
import type { Dependencies } from '../dependencies.ts';
import { answersSince } from '../effects/own-page.ts';
import { lookBackOf, readOnCall } from '../facts/read-on-call.ts';
import { resolveTargets } from '../facts/resolve-targets.ts';
import { teleportUserOf } from '../facts/teleport-user-of.ts';

type AnswerDependencies = Pick<Dependencies, 'incidents' | 'directory' | 'addresses' | 'users' | 'clock'> & {
  readonly policy: Policy;
};

/** How long an answer of which it is not known whether it counts keeps a resolved page from being taken for unanswered. */
const HEARING_OUT_MS = 15 * MINUTE;

export interface Heard {
  readonly events: readonly LedgerEvent[];
  /** Answers of which it is not known yet whether they count. */
  readonly open: readonly string[];
}

/**
 * What has been said on the request's pages since the last look: answers, each judged once, and whether somebody resolved the last
 * page. PagerDuty itself is the source, whoever told that there is news. For the last page it takes one read, of the incident's log,
 * while nothing is said; one more for its notes where there are new ones, where they were read two minutes ago or where an answer on
 * them is still open, and one for its status once it was resolved. Each earlier page, of which there are four at most, takes one.
 * Throws PagerDutyError when they cannot be read.
 */
export async function hearAnswers(
  pages: readonly AskingPage[],
  story: Story,
  decided: RecordedDecision,
  dependencies: AnswerDependencies,
  ask: Ask,
): Promise<Heard> {
  const last = pages.at(-1);
  if (last === undefined) return { events: [], open: [] };
  const timeline = await lookAt(last, story, decided, dependencies, ask);
  const answers = [
    ...(await answersOnEarlier(pages.slice(0, -1), decided, dependencies, ask)),
    ...(await answersElsewhere(pages, story, decided, dependencies, ask)),
    ...(timeline === null ? [] : answersOn(last, timeline, decided, dependencies)),
  ].sort(byTime);
  const heard: RecordedAnswer[] = [];
  const open: string[] = [];
  const isResolved = timeline?.isResolved === true;
  for (const answer of answers.filter((each) => isUnheard(each, story))) {
    const page = pages.find(({ incident }) => incident.id === answer.incidentId) ?? null;
    const judged = await judge(answer, page, story, decided, dependencies, ask);
    const isOnResolved = isResolved || answer.incidentId !== last.incident.id;
    if (judged.state === 'judged') heard.push(judged.recorded);
    else if (isOnResolved && msBetween(answer.at, dependencies.clock.now()) > HEARING_OUT_MS)
      heard.push(givenUp(judged));
    else open.push(judged.why);
  }
  // Where the rule pages again, nobody listens on this page any more: first every answer on it is heard out.
  const isOver =
    story.ended !== null || isAnswered(story) || heard.some(({ counted }) => counted) || open.length > 0;
  if (!isResolved || isOver || story.pagesResolved.includes(last.incident.id)) return { events: heard, open };
  const resolved = {
    kind: 'page-resolved',
    requestId: decided.requestId,
    incidentId: last.incident.id,
    ...(timeline.merged === null ? {} : { mergedInto: timeline.merged.into }),
  } as const;
  return { events: [...heard, resolved], open };
}

/** Pages that were resolved: of those PagerDuty has notes alone. */
async function answersOnEarlier(
  pages: readonly AskingPage[],
  decided: RecordedDecision,
  { incidents }: AnswerDependencies,
  ask: Ask,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const { incident } of pages) {
    try {
      answers.push(...answersIn(await incidents.notes(incident.id, ask), incident.id, decided));
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
  { incidents }: AnswerDependencies,
  ask: Ask,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const id of new Set(pagesMerged.values())) {
    if (id === null || pages.some(({ incident }) => incident.id === id)) continue;
    try {
      answers.push(...answersIn(await incidents.notes(id, ask), id, decided));
    } catch (error) {
      // It is not ours: whoever keeps it from us must not keep us from hearing the rest.
      if (!(error instanceof PagerDutyError) || !['not-found', 'forbidden'].includes(error.kind)) throw error;
    }
  }
  return answers.filter(({ codeIsRight }) => codeIsRight);
}

/** An answer that may count yet is heard from notes that were read just now: whoever gave it may have taken it back. */
async function lookAt(
  { incident }: AskingPage,
  story: Story,
  decided: RecordedDecision,
  { incidents }: AnswerDependencies,
  ask: Ask,
): Promise<Timeline | null> {
  const timeline = await incidents.timeline(incident.id, ask);
  if (timeline?.notesAreKept !== true) return timeline;
  const said = answersIn(timeline.notes, incident.id, decided);
  if (!said.some((answer) => isUnheard(answer, story))) return timeline;
  return { ...timeline, notes: await incidents.notes(incident.id, ask), notesAreKept: false };
}

function isUnheard({ id }: Answer, { answers }: Story): boolean {
  return !answers.some(({ answer }) => answer.id === id);
}

function answersOn(
  { incident, acknowledging }: AskingPage,
  { notes, acknowledgements }: Timeline,
  decided: RecordedDecision,
  { policy }: AnswerDependencies,
): readonly Answer[] {
  const said = answersIn(notes, incident.id, decided);
  // Where the page says that acknowledging approves and the rules do not any more, whoever does so is told.
  if (!acknowledgingApproves(decided, policy) && !acknowledging) return said;
  const acknowledged = acknowledgements.filter(({ by }) => isUser(by));
  return [...said, ...acknowledged.map(({ by, at }) => acknowledgement(by, at, incident.id))];
}

function answersIn(notes: readonly Note[], incidentId: string, decided: RecordedDecision): readonly Answer[] {
  return notes.flatMap((note) => answerIn(note, incidentId, decided) ?? []);
}

/** Whose answer was first counts, on whichever page it was given. */
function byTime({ at: one }: Answer, { at: other }: Answer): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function answerIn(note: Note, incidentId: string, decided: RecordedDecision): Answer | null {
  const parsed = parseAnswer(note.content, answerCode(decided.requestId));
  if (parsed === null) return null;
  return {
    ...parsed,
    id: note.id,
    how: 'note',
    by: { id: note.author.id, name: note.author.summary, isUser: isUser(note.author) },
    at: note.createdAt,
    edited: note.updatedAt !== null && note.updatedAt > note.createdAt,
    incidentId,
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

type Judged =
  | { readonly state: 'judged'; readonly recorded: RecordedAnswer }
  /** Not known yet whether it counts. */
  | { readonly state: 'open'; readonly why: string; readonly asRefused: RecordedAnswer };

async function judge(
  answer: Answer,
  page: AskingPage | null,
  story: Story,
  decided: RecordedDecision,
  dependencies: AnswerDependencies,
  ask: Ask,
): Promise<Judged> {
  const about = { kind: 'answered', requestId: decided.requestId, answer } as const;
  if (story.ended !== null) {
    const why = `the request is already ${story.ended.state}`;
    return { state: 'judged', recorded: { ...about, counted: false, why, facts: null } };
  }
  let facts = await gatherAnswerFacts(answer, decided, dependencies, ask);
  const judgement = judgeAnswer(answer, decided, facts, dependencies.policy);
  // Only what is to be acted upon is worth a look at what it was the answer to.
  if (judgement.state === 'counted')
    facts = { ...facts, page: await readPage(page, decided, dependencies, ask) };
  const { state, why } = judgeAnswer(answer, decided, facts, dependencies.policy);
  const recorded: RecordedAnswer = { ...about, counted: state === 'counted', why, facts };
  return state === 'unknown' ? { state: 'open', why, asRefused: recorded } : { state: 'judged', recorded };
}

async function readPage(
  page: AskingPage | null,
  { request }: RecordedDecision,
  { incidents }: AnswerDependencies,
  ask: Ask,
): Promise<PageReading> {
  if (page === null) return { state: 'merged' };
  const { incident, intendedAt, text, shown: asked } = page;
  if (!asksForTheSame(asked, request)) return { state: 'outdated' };
  try {
    const shown = await incidents.shownOf(incident.id, text, ask);
    if (shown === null) {
      const message = 'PagerDuty has its incident no more';
      return { state: 'unknown', cause: { code: 'not-found', message, transient: false } };
    }
    const { createdAt, changed } = shown;
    return changed === null
      ? { state: 'as-sent', since: answersSince(createdAt, intendedAt) }
      : { state: 'changed', what: changed };
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
  { directory, addresses, users, clock, policy }: AnswerDependencies,
  ask: Ask,
): Promise<AnswerFacts> {
  const rules = rulesAsking(decided, policy).map(asApprovers);
  const targets = rules.flatMap((rule) => targetsOf(rule, decided.request));
  const moment = { now: clock.now, at: answer.at, lookBackMs: lookBackOf(rules) };
  const [resolved, onCall, inTeleport] = await Promise.all([
    resolveTargets(targets, directory, ask),
    readOnCall([answer.by.id], moment, directory, ask),
    teleportUserOf(answer.by.id, { directory, addresses, users, clock, policy }, ask),
  ]);
  return { onCall, targets: resolved.facts, ...inTeleport };
}

function isUser({ type }: Actor): boolean {
  return type === 'user' || type === 'user_reference';
}
