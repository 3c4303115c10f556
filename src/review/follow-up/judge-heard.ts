import { asksForTheSame } from '../../core/access-request.ts';
import type { Answer, AnswerFacts, GivenReading, PageReading } from '../../core/answers/answer.ts';
import { judgeAnswer, mayAnswer, rulesAsking } from '../../core/answers/judge-answer.ts';
import { howToRevoke, judgeRevocation } from '../../core/answers/judge-revocation.ts';
import { mappedTo } from '../../core/answers/two-people.ts';
import type { AskingPage } from '../../core/effects/asking-pages.ts';
import { givenReading, mayBeRevoked } from '../../core/effects/revocation.ts';
import type { RecordedAnswer, RecordedDecision } from '../../core/record/ledger-entry.ts';
import type { Story } from '../../core/record/story.ts';
import { policiesIn } from '../../core/roster/sheet.ts';
import { asApprovers, targetsOf } from '../../core/rule.ts';
import type { Instant } from '../../core/values/instant.ts';
import type { Ask } from '../../ports/pagerduty.ts';
import { causeOf } from '../cause-of.ts';
import type { Dependencies } from '../dependencies.ts';
import { readLock } from '../facts/read-lock.ts';
import { readOnCall } from '../facts/read-on-call.ts';
import { teleportUserOf } from '../facts/teleport-user-of.ts';
import type { PageReads } from './read-answers.ts';

export type JudgingDependencies = PageReads &
  Pick<Dependencies, 'directory' | 'roster' | 'addresses' | 'users' | 'locks' | 'requests' | 'clock'>;

const NOTHING_LOOKED_UP: AnswerFacts = {
  onCall: { state: 'unknown', cause: { code: 'not-found', message: 'not looked up', transient: false } },
  targets: [],
  teleportUser: null,
};

export type Judged =
  | { readonly state: 'judged'; readonly recorded: RecordedAnswer }
  /** Not known yet whether it counts. */
  | { readonly state: 'open'; readonly why: string; readonly asRefused: RecordedAnswer }
  /** It says nothing, and whoever said it need not be told; `later`: whether they need be is not known now. */
  | { readonly state: 'passed over' | 'later' };

/** `page`: that it is on; `toldAt`: since when our note of the end is there. */
interface Concerning {
  readonly story: Story;
  readonly decided: RecordedDecision;
  readonly page: AskingPage | null;
  readonly toldAt: Instant | null;
}

/** Whether what was heard counts, or may yet. Throws what stops the service. */
export async function judgeHeard(
  answer: Answer,
  { story, decided, page, toldAt }: Concerning,
  dependencies: JudgingDependencies,
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
    if (listens && answer.propose === 'revoked' && isClear(answer)) {
      const given = givenReading(story, page, toldAt) ?? undefined;
      return judgeByFacts(
        answer,
        { judgeBy: judgeRevocation, page: null, given },
        decided,
        dependencies,
        ask,
      );
    }
    const how = listens ? `: ${howToRevoke(answer, decided)}` : '';
    return refused(`the request is already ${story.ended.state}${how}`);
  }
  // Where Teleport has the request still pending once the note was read, it was written before access was given; else when is found out
  // once its end is heard.
  if (answer.propose === 'revoked' && isClear(answer) && !(await isPending(decided, dependencies, ask)))
    return { state: 'later' };
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

/** Whether Teleport has it so now; false where that cannot be read. */
async function isPending(
  { requestId }: RecordedDecision,
  { requests }: JudgingDependencies,
  { signal }: Ask,
): Promise<boolean> {
  try {
    return (await requests.find(requestId, signal))?.state === 'pending';
  } catch (error) {
    signal.throwIfAborted();
    // What is no failure of Teleport's is thrown on.
    causeOf(error);
    return false;
  }
}

interface Judging {
  readonly judgeBy: typeof judgeAnswer;
  readonly page: AskingPage | null;
  readonly given?: GivenReading | undefined;
}

/** By what is known of whoever gave it. `page`: to what it is the answer; what ends access needs none, and ends nothing before it is given. */
async function judgeByFacts(
  answer: Answer,
  { judgeBy, page, given }: Judging,
  decided: RecordedDecision,
  dependencies: JudgingDependencies,
  ask: Ask,
): Promise<Judged> {
  const { policy } = dependencies;
  const gathered = await gatherAnswerFacts(answer, decided, dependencies, ask);
  let facts: AnswerFacts = given === undefined ? gathered : { ...gathered, given };
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
  dependencies: JudgingDependencies,
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
  { incidents }: JudgingDependencies,
  ask: Ask,
): Promise<PageReading> {
  if (page === null) return { state: 'merged' };
  const { incident, text, joined, shown: asked } = page;
  if (!asksForTheSame(asked, request)) return { state: 'outdated' };
  try {
    const shown = await incidents.shownOf(incident.id, text, ask);
    if (shown === null) {
      const message = 'PagerDuty has its incident no more';
      return { state: 'unknown', cause: { code: 'not-found', message, transient: false } };
    }
    const { createdAt, changed } = shown;
    if (changed !== null) return { state: 'changed', what: changed };
    if (joined === null) return { state: 'as-sent', since: createdAt };
    const listedAt = await incidents.listedAt(incident.id, joined.text, ask);
    return listedAt === null ? { state: 'changed', what: 'text' } : { state: 'as-sent', since: listedAt };
  } catch (error) {
    ask.signal.throwIfAborted();
    return { state: 'unknown', cause: causeOf(error) };
  }
}

async function gatherAnswerFacts(
  answer: Answer,
  decided: RecordedDecision,
  { directory, roster, addresses, users, clock, policy }: JudgingDependencies,
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

/** It names the request, and says one thing. */
export function isClear({ codeIsRight, unclear }: Answer): boolean {
  return codeIsRight && unclear === undefined;
}
