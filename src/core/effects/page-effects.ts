import { acknowledgingApproves, onlyInTeleport } from '../answers/judge-answer.ts';
import { answerCode } from '../answers/answer.ts';
import type { Circumstances, Setting } from './circumstances.ts';
import type { Effect, IncidentHandle } from './effect.ts';
import { closingNote, progressNote, refusalNote, reminderNote, unansweredNote } from '../wording/notes.ts';
import { page } from '../wording/pages.ts';
import { noteMarker } from '../wording/phrases.ts';
import type { RuleOutcome } from '../decision.ts';
import { msBetween, type Instant } from '../values/instant.ts';
import type { Ending, RecordedAnswer, RecordedDecision } from '../record/ledger-entry.ts';
import {
  BREAK_GLASS_PAGE,
  closingKeys,
  incidentKeyOf,
  isBreakGlassPage,
  moveUpKey,
  pageKey,
  reminderKey,
} from './page-keys.ts';
import { escalationService, type Escalation, type Policy } from '../rule.ts';
import type { Story } from '../record/story.ts';
import { isAnswered, lapsedAnswers, replyKey, votes, type Vote } from './votes.ts';

/** A page is not said again for ever. */
const MOST_REMINDERS = 3;
const MOST_PAGES = 5;

/** The page that asks a person: one at a time, with the same key whatever happens, so that PagerDuty refuses a second one. */
export function openPage(
  story: Story,
  decided: RecordedDecision,
  { policy, setting }: Circumstances,
): readonly Effect[] {
  const begun = begunOf(story, 'page').filter(({ key }) => key !== BREAK_GLASS_PAGE);
  if (begun.length > 0) return begun;
  const escalation = escalationOf(decided, policy);
  const service = escalation === null ? null : escalationService(escalation, decided.request);
  if (escalation === null || service === null) return [];
  const number = pageNumber(story, escalation);
  const howToAnswer = {
    code: answerCode(decided.request.id),
    onlyInTeleport: onlyInTeleport(decided, policy),
    acknowledging: acknowledgingApproves(decided, policy),
  };
  return [
    {
      kind: 'page',
      key: pageKey(number),
      service,
      urgency: escalation.urgency,
      incidentKey: incidentKeyOf(decided, number),
      ...page(decided, setting, howToAnswer),
    },
  ];
}

/** What happens around an open page: answers are carried to Teleport or refused with a word, and silence is answered too. */
export function whileThePageIsOpen(
  story: Story,
  decided: RecordedDecision,
  { policy, setting, now }: Circumstances,
): readonly Effect[] {
  const open = openPageOf(story, decided, policy);
  if (open === null) return begunOf(story, 'vote');
  const notes = notesFor(decided, open.incident);
  return [
    ...votes(story, decided, policy).flatMap((vote) => [
      vote,
      ...progress(vote, { story, decided, setting, notes }),
    ]),
    ...refusals([...story.answers, ...lapsedAnswers(story, decided, policy)], notes),
    ...story.pagesResolved.map((id) =>
      notesFor(decided, { id })(`unanswered ${id}`, unansweredNote(decided)),
    ),
    ...(isSilent(story, open) ? onSilence(open, now, notes) : []),
  ];
}

/**
 * The pages are tidied up, also one whose opening was never confirmed: it may exist all the same. The page about broken glass
 * stays open where it let somebody in, until that has been looked at.
 */
export function afterTheEnd(story: Story, decided: RecordedDecision, ending: Ending): readonly Effect[] {
  const pages = [...story.effects.values()].filter(({ intended }) => intended.kind === 'page');
  const asking = pages.filter((page) => !isBreakGlassPage(page)).at(-1);
  const glass = ending.state === 'approved' ? undefined : pages.find(isBreakGlassPage);
  return [asking, glass].flatMap((page) => {
    if (page?.intended.kind !== 'page') return [];
    const id = page.done?.incidentId ?? null;
    const incident = id === null ? { incidentKey: page.intended.incidentKey } : { id };
    const notes = notesFor(decided, incident);
    const keys = closingKeys(page.intended.key);
    return [
      ...(page === asking ? refusals(story.answers, notes) : []),
      notes(keys.note, closingNote(decided, ending, approverBehind(ending, story))),
      { kind: 'close-page', key: keys.close, incident },
    ] as const;
  });
}

/**
 * Whose answer to the page ended the request; null for nobody's. Teleport gives the reason of the review that did, and each vote
 * has its own.
 */
function approverBehind({ reason }: Ending, { effects }: Story): string | null {
  const begun = [...effects.values()].map(({ intended }) => intended);
  const settling = begun.find((effect) => effect.kind === 'vote' && effect.reason === reason);
  return settling?.kind === 'vote' ? settling.approver.name : null;
}

/**
 * Of several covering rules the first by name says where to page, so that one request has one page: of the ordinary rules, or
 * of the break-glass rules where those decided. INVARIANT (shadow-touches-nothing): a rule in shadow pages nobody.
 */
export function escalationOf({ decision }: RecordedDecision, policy: Policy): Escalation | null {
  const inForce = decision.outcomes.filter(({ mode }) => mode === 'enforce');
  const alike = inForce.filter(({ breakGlass }) => breakGlass === decision.breakGlass);
  return firstEscalation(alike, policy) ?? firstEscalation(inForce, policy);
}

function firstEscalation(outcomes: readonly RuleOutcome[], policy: Policy): Escalation | null {
  const names = new Set(outcomes.map(({ rule }) => rule));
  const rules = policy.rules.filter((rule) => names.has(rule.name) && rule.escalate !== null);
  return rules.sort((one, other) => (one.name < other.name ? -1 : 1))[0]?.escalate ?? null;
}

export interface OpenPage {
  /** Counted from 1: a rule may page again where a page was resolved without an answer. */
  readonly number: number;
  readonly incident: { readonly id: string };
  readonly openedAt: Instant;
  readonly escalation: Escalation;
}

/**
 * The page on which an answer is waited for; null before it is open. Where the rule leaves it at that once somebody resolved
 * it, it is the resolved one: an answer on it still counts.
 */
export function openPageOf(story: Story, decided: RecordedDecision, policy: Policy): OpenPage | null {
  const escalation = escalationOf(decided, policy);
  if (escalation === null) return null;
  const number = pageNumber(story, escalation);
  const { done, doneAt } = story.effects.get(pageKey(number)) ?? {};
  const id = done?.incidentId ?? null;
  return id === null || doneAt === null || doneAt === undefined
    ? null
    : { number, incident: { id }, openedAt: doneAt, escalation };
}

/** Rules may have changed since: what was begun is finished as it was begun. */
function begunOf({ effects }: Story, kind: Effect['kind']): readonly Effect[] {
  return [...effects.values()]
    .filter(({ intended, done }) => intended.kind === kind && done === null)
    .map(({ intended }) => intended);
}

type Notes = (key: string, content: string) => Effect;

interface Telling {
  readonly story: Story;
  readonly decided: RecordedDecision;
  readonly setting: Setting;
  readonly notes: Notes;
}

function notesFor(decided: RecordedDecision, incident: IncidentHandle): Notes {
  return (key, content) => {
    const marker = noteMarker(decided, key);
    return { kind: 'note', key, incident, content: `${content}\n${marker}`, marker };
  };
}

/** Told of a vote that did not settle the request, or was not taken; what settles it is told by the closing note. */
function progress(vote: Vote, { story, decided, setting, notes }: Telling): readonly Effect[] {
  const outcome = story.effects.get(vote.key)?.done ?? null;
  const worthTelling = outcome !== null && (!outcome.ours || outcome.stillPending === true);
  if (!worthTelling) return [];
  return [notes(vote.key.replace(/^vote/u, 'progress'), progressNote(decided, vote, outcome, setting))];
}

function refusals(answers: readonly RecordedAnswer[], notes: Notes): readonly Effect[] {
  return answers
    .filter(({ counted }) => !counted)
    .map((recorded) => notes(replyKey(recorded.answer.id), refusalNote(recorded)));
}

/** Neither an answer that counts nor a resolved page is silence. */
function isSilent(story: Story, { incident }: OpenPage): boolean {
  return !isAnswered(story) && !story.pagesResolved.includes(incident.id);
}

function onSilence(
  { number, incident, openedAt, escalation }: OpenPage,
  now: Instant,
  notes: Notes,
): readonly Effect[] {
  const silentMs = msBetween(openedAt, now);
  const { remindAfterMs, moveUpAfterMs } = escalation;
  const due = remindAfterMs === null ? 0 : Math.min(MOST_REMINDERS, Math.floor(silentMs / remindAfterMs));
  return [
    ...(due > 0 ? [notes(reminderKey(due, number), reminderNote(silentMs))] : []),
    ...(moveUpAfterMs !== null && silentMs >= moveUpAfterMs
      ? [{ kind: 'move-up', key: moveUpKey(number), incident } as const]
      : []),
  ];
}

function pageNumber({ pagesResolved }: Story, { ifResolved }: Escalation): number {
  return ifResolved === 'repage' ? Math.min(MOST_PAGES, 1 + pagesResolved.length) : 1;
}
