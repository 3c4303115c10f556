import { acknowledgingApproves, onlyInTeleport } from '../answers/judge-answer.ts';
import { answerCode } from '../answers/answer.ts';
import { isRequesterKnown, whyNobodyIsTwo } from '../answers/two-people.ts';
import type { EffectContext, Setting } from './effect-context.ts';
import type { Effect } from '../record/effect.ts';
import { allPages, askingPages, isLapsed, MOST_REPLIES, pageIdOf, pageNumber } from './asking-pages.ts';
import { closingOf, leftPages, onReplacedPages } from './moved-pages.ts';
import {
  closingNote,
  progressNote,
  readAsWords,
  refusalNote,
  unansweredNote,
  waitingNote,
} from '../wording/notes.ts';
import { tallyWords } from '../wording/review-tally.ts';
import { page, type HowToAnswer, type PageText } from '../wording/pages.ts';
import type { Ending, RecordedAnswer, RecordedDecision } from '../record/ledger-entry.ts';
import {
  closingKeys,
  earlierClosingKey,
  ofTeam,
  pageIn,
  pageKey,
  progressKey,
  replyKey,
  unansweredKey,
  waitingKey,
} from '../record/effect-keys.ts';
import { incidentKeyOf, isBreakGlassPage, teamIncidentKeyOf } from './incident-keys.ts';
import { noteOn } from './note-on.ts';
import { desksLeft } from './unheard.ts';
import { teamsOf, type Team } from './teams.ts';
import { desksOf } from '../rule.ts';
import type { EffectProgress, Story } from '../record/story.ts';
import {
  answerBehind,
  reviewTally,
  isAnswered,
  lapsedAnswers,
  openRules,
  reviewsOnBehalf,
  waitingApprovals,
  type ReviewOnBehalf,
} from './reviews-on-behalf.ts';

/** What is told on the pages, and what is due on them, hangs together by these. */
export interface About {
  readonly story: Story;
  readonly decided: RecordedDecision;
  readonly context: EffectContext;
}

/** The page that asks people, of each team one at a time. Where it is, and whether it can be opened, is nothing to the other teams. */
export function openPages(
  story: Story,
  decided: RecordedDecision,
  context: EffectContext,
): readonly Effect[] {
  return teamsOf(decided, context.policy).flatMap((team) => openPage(team, { story, decided, context }));
}

/** With the same key whatever happens, so that PagerDuty refuses a second one. */
function openPage(team: Team, { story, decided, context }: About): readonly Effect[] {
  const { name, escalation, rules } = team;
  const begun = pageEffects(story, name).filter(({ done }) => done === null);
  if (begun.length > 0) return begun.map(({ intended }) => intended);
  if (escalation === null) return [];
  const desks = desksOf(escalation, decided.request);
  const left = desksLeft(story, askingPages(story, name), desks);
  const [service, ...instead] = left.length === 0 ? desks : left;
  if (service === undefined) return [];
  const number = pageNumber(story, decided, { name, escalation });
  // Somebody answered on the page before, or for the team: nobody is asked again unless that comes to nothing.
  if ((number > 1 || name !== null) && isAnswered(story, rules)) return [];
  const key = ofTeam(pageKey(number), name);
  const { acknowledging, onlyInTeleport: why } = howToAnswer(decided, context, name);
  let words: PageText | null = null;
  // It is looked at again and again before it is begun, and only then its words are read.
  const text = () => (words ??= pageWords(story, decided, context, { team: name }));
  return [
    {
      kind: 'page',
      key,
      service,
      ...(instead.length === 0 ? {} : { instead }),
      urgency: escalation.urgency,
      incidentKey:
        name === null
          ? incidentKeyOf(decided, number, context.setting)
          : teamIncidentKeyOf(decided, { name, number }, context.setting),
      ...(acknowledging && why === null ? { acknowledging: true } : {}),
      get title() {
        return text().title;
      },
      get details() {
        return text().details;
      },
    },
  ];
}

/** What opens the pages that ask a team, as far as it was begun. */
function pageEffects({ effects }: Story, team: string | null): readonly EffectProgress[] {
  return [...effects.values()].filter(
    ({ intended: { kind, key } }) => kind === 'page' && pageIn(key)?.team === team,
  );
}

/** With the part of the team, where several rules ask. */
export function howToAnswer(
  decided: RecordedDecision,
  { policy }: EffectContext,
  team: string | null,
): HowToAnswer {
  const teams = teamsOf(decided, policy);
  const rules = teams.flatMap((each) => (each.name === team ? each.rules : []));
  const others = teams.flatMap((each) => (each.name === team ? [] : each.rules));
  return {
    ...(rules.length + others.length > 1 ? { part: { rules, others } } : {}),
    code: answerCode(decided.request.id),
    onlyInTeleport: onlyInTeleport(decided, policy) ?? whyNobodyIsTwo(decided, policy),
    acknowledging: acknowledgingApproves(decided, policy),
    ifKnown: !isRequesterKnown(decided, policy),
  };
}

/** `team`: whom it asks. `collective`: further requests of the same requester are listed on it, so that no acknowledgement approves any. */
export function pageWords(
  story: Story,
  decided: RecordedDecision,
  context: EffectContext,
  { team = null, collective = false }: { readonly team?: string | null; readonly collective?: boolean } = {},
): PageText {
  const how = howToAnswer(decided, context, team);
  const tally = tallyWords(decided, reviewTally(story));
  const { setting, now } = context;
  if (!collective) return page(decided, setting, how, { tally, now });
  return page(decided, setting, { ...how, acknowledging: false }, { tally, collective, now });
}

/** What is said on the pages meanwhile, whatever was decided since: what became of answers, where they were given. */
export function wordsOnPages(
  story: Story,
  decided: RecordedDecision,
  { policy, setting }: EffectContext,
): readonly Effect[] {
  const pages = allPages(story);
  // Who is approved at once is asked about nowhere, and looked at at each step all the same.
  if (pages.length === 0 && story.answers.length === 0) return [];
  const tally = tallyWords(decided, reviewTally(story));
  // On the page of another request it is said once, for that one.
  const own = new Set(pages.flatMap(({ joined, incident }) => (joined === null ? [incident.id] : [])));
  return [
    ...reviewsOnBehalf(story, decided, policy).flatMap((review) =>
      answerBehind(review, story).flatMap(({ answer }) => {
        const words = progressWords(review, story, decided, setting);
        const incident = { id: answer.incidentId };
        if (words === null) return [];
        const told = `${words}${readAsWords(answer)}`;
        return [noteOn(incident, progressKey(review.key), told, decided)];
      }),
    ),
    ...waitingApprovals(story, decided, policy).map((recorded) => {
      const { id, incidentId } = recorded.answer;
      const words = waitingNote(recorded, openRules(story, decided, policy));
      return noteOn({ id: incidentId }, waitingKey(id), words, decided);
    }),
    ...refusals([...story.answers, ...lapsedAnswers(story, decided, policy)], decided),
    ...story.pagesResolved
      .filter((id) => !story.pagesMerged.has(id) && own.has(id))
      .map((id) => noteOn({ id }, unansweredKey(id), unansweredNote(decided, tally), decided)),
    ...onReplacedPages(story, decided),
  ];
}

/**
 * The pages are tidied up, also one whose opening was never confirmed: it may exist all the same; in case it does not, the one before
 * it is told of the end too. The page about broken glass stays open where it let somebody in, until that has been looked at.
 */
export function afterTheEnd(
  story: Story,
  decided: RecordedDecision,
  ending: Ending,
  { setting: where, now }: Pick<EffectContext, 'setting' | 'now'>,
): readonly Effect[] {
  const begun = [...story.effects.values()].filter(({ intended }) => intended.kind === 'page');
  const pages = begun.filter((each) => !isLapsed(each));
  const glass = ending.state === 'approved' ? undefined : pages.find(isBreakGlassPage);
  const asking = Map.groupBy(
    pages.filter((page) => !isBreakGlassPage(page)),
    ({ intended }) => pageIn(intended.key)?.team ?? null,
  );
  // Earlier versions began the next page of a team while it was not known whether the one before is open.
  const last = [...asking].flatMap(([team, each]) =>
    each.filter(({ done }, index) => index === each.length - 1 || (team !== null && done === null)),
  );
  const settling = reviewBehind(ending, story);
  const [settled] = settling === null ? [] : answerBehind(settling, story);
  const readAs = settled === undefined ? '' : readAsWords(settled.answer);
  const approver = settling?.approver.name ?? null;
  const wordsFor = (code = answerCode(decided.requestId)) =>
    closingNote(decided, ending, { where, now, approver, readAs, code: story.hearsRevoke ? code : null });
  const tidied = [...last, glass].flatMap((page) => {
    if (page?.intended.kind !== 'page') return [];
    const id = page.done?.incidentId ?? page.intended.joins?.incidentId ?? null;
    const incident = id === null ? { incidentKey: page.intended.incidentKey } : { id };
    const shared = page === glass ? {} : { page: pageIdOf(page.intended, decided.requestId) };
    // To the many on the page of another is said what somebody did, and not that they expired.
    const isQuiet = page.intended.joins !== undefined && !isByReview(ending);
    const keys = closingKeys(page.intended.key);
    const words = wordsFor(page.intended.code);
    const named = page.done === null ? pageIn(page.intended.key) : null;
    const before =
      named === null
        ? null
        : (askingPages(story, named.team).findLast(({ number }) => number < named.number) ?? null);
    return [
      ...(before === null
        ? []
        : [
            noteOn(before.incident, ofTeam(earlierClosingKey(before.number), before.team), words, decided),
            ...(story.pagesResolved.includes(before.incident.id) ? [] : closingOf(before)),
          ]),
      ...(isQuiet ? [] : [noteOn(incident, keys.note, words, decided)]),
      { kind: 'close-page', key: keys.close, incident, ...shared },
    ] as const;
  });
  return [
    ...refusals(story.answers, decided),
    ...onReplacedPages(story, decided),
    ...tidied,
    ...leftPages(story),
  ];
}

function isByReview({ state }: Ending): boolean {
  return state === 'approved' || state === 'denied';
}

/**
 * The review for whoever's answer to the page ended the request; null for nobody's. Teleport gives the reason of the review that did,
 * and each review has its own.
 */
export function reviewBehind({ reason }: Ending, { effects }: Story): ReviewOnBehalf | null {
  const begun = [...effects.values()].map(({ intended }) => intended);
  const settling = begun.find((effect) => effect.kind === 'vote' && effect.reason === reason);
  return settling?.kind === 'vote' ? settling : null;
}

/** Of a review that did not settle the request, or was not taken; what settles it is told by the closing note. */
function progressWords(
  review: ReviewOnBehalf,
  story: Story,
  decided: RecordedDecision,
  setting: Setting,
): string | null {
  const outcome = story.effects.get(review.key)?.done ?? null;
  const worthTelling = outcome !== null && (!outcome.ours || outcome.stillPending === true);
  return worthTelling ? progressNote(decided, review, outcome, setting) : null;
}

/** Said on the page on which the answer was given, be it an earlier one; to one author there so often, and no more. */
function refusals(answers: readonly RecordedAnswer[], decided: RecordedDecision): readonly Effect[] {
  const told = Map.groupBy(
    answers.filter(({ counted, untold }) => !counted && untold !== true),
    ({ answer: { by, incidentId } }) => `${by.id} ${incidentId}`,
  );
  return [...told.values()].flatMap((refused) =>
    refused.slice(0, MOST_REPLIES).map((recorded) => {
      const { id, incidentId } = recorded.answer;
      return noteOn({ id: incidentId }, replyKey(id), refusalNote(recorded), decided);
    }),
  );
}
