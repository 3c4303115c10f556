import { acknowledgingApproves, onlyInTeleport } from '../answers/judge-answer.ts';
import { answerCode } from '../answers/answer.ts';
import type { Circumstances } from './circumstances.ts';
import type { Effect, IncidentHandle } from './effect.ts';
import {
  closingNote,
  noteMarker,
  page,
  progressNote,
  refusalNote,
  reminderNote,
  unansweredNote,
  voteReason,
} from '../explain.ts';
import type { RuleOutcome } from '../decision.ts';
import { msBetween, type Instant } from '../values/instant.ts';
import type { Ending, RecordedAnswer, RecordedDecision } from '../record/ledger-entry.ts';
import { reviewIsOurs } from './own-review.ts';
import { escalationService, type Escalation, type Policy } from '../rule.ts';
import type { Story } from '../record/story.ts';

/** By it our own pages are known among PagerDuty's incidents. */
export const INCIDENT_KEY_PREFIX = 'oncall-approver/';
/** A page is not said again for ever. */
const MOST_REMINDERS = 3;
const MOST_PAGES = 5;

/** The page that asks a person: one at a time, with the same key whatever happens, so that PagerDuty refuses a second one. */
export function openPage(
  story: Story,
  decided: RecordedDecision,
  { policy, setting }: Circumstances,
): readonly Effect[] {
  const begun = begunOf(story, 'page');
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
  { policy, now }: Circumstances,
): readonly Effect[] {
  const open = openPageOf(story, decided, policy);
  if (open === null) return begunOf(story, 'vote');
  const notes = notesFor(decided, open.incident);
  return [
    ...votes(story, decided).flatMap((vote) => [vote, ...progress(vote, story, decided, notes)]),
    ...refusals(story, notes),
    ...story.pagesResolved.map((id) =>
      notesFor(decided, { id })(`unanswered ${id}`, unansweredNote(decided)),
    ),
    ...(isSilent(story, open) ? onSilence(open, now, notes) : []),
  ];
}

/** The page is tidied up, also one whose opening was never confirmed: it may exist all the same. Broken glass stays open until looked at. */
export function afterTheEnd(
  story: Story,
  decided: RecordedDecision,
  ending: Ending,
  circumstances: Circumstances,
): readonly Effect[] {
  // Only then was anybody let in by it.
  if (decided.decision.breakGlass && ending.state === 'approved' && reviewIsOurs(story)) {
    return openPage(story, decided, circumstances);
  }
  const pages = [...story.effects.values()].filter(({ intended }) => intended.kind === 'page');
  const last = pages.at(-1);
  if (last?.intended.kind !== 'page') return [];
  const id = last.done?.incidentId ?? null;
  const incident = id === null ? { incidentKey: last.intended.incidentKey } : { id };
  const notes = notesFor(decided, incident);
  return [
    ...refusals(story, notes),
    notes('closing-note', closingNote(decided, ending)),
    { kind: 'close-page', key: 'close-page', incident },
  ];
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
  const { done, doneAt } = story.effects.get(pageKey(pageNumber(story, escalation))) ?? {};
  const id = done?.incidentId ?? null;
  return id === null || doneAt === null || doneAt === undefined
    ? null
    : { incident: { id }, openedAt: doneAt, escalation };
}

/** Rules may have changed since: what was begun is finished as it was begun. */
function begunOf({ effects }: Story, kind: Effect['kind']): readonly Effect[] {
  return [...effects.values()]
    .filter(({ intended, done }) => intended.kind === kind && done === null)
    .map(({ intended }) => intended);
}

type Notes = (key: string, content: string) => Effect;

function notesFor(decided: RecordedDecision, incident: IncidentHandle): Notes {
  return (key, content) => {
    const marker = noteMarker(decided, key);
    return { kind: 'note', key, incident, content: `${content}\n${marker}`, marker };
  };
}

type Vote = Effect & { readonly kind: 'vote' };

/** One vote a person: their first answer that counted. */
function votes(story: Story, decided: RecordedDecision): readonly Vote[] {
  const first = new Map<string, RecordedAnswer>();
  for (const recorded of story.answers) {
    const { id } = recorded.answer.by;
    if (recorded.counted && !first.has(id)) first.set(id, recorded);
  }
  return [...first.values()].map((recorded) => {
    const { by, propose } = recorded.answer;
    const approver = { id: by.id, name: by.name, teleportUser: recorded.facts?.teleportUser ?? null };
    return { kind: 'vote', key: `vote ${by.id}`, propose, approver, reason: voteReason(decided, recorded) };
  });
}

/** Told of a vote that did not settle the request, or was not taken; what settles it is told by the closing note. */
function progress(vote: Vote, story: Story, decided: RecordedDecision, notes: Notes): readonly Effect[] {
  const outcome = story.effects.get(vote.key)?.done ?? null;
  const worthTelling = outcome !== null && (!outcome.ours || outcome.stillPending === true);
  return worthTelling ? [notes(`progress ${vote.approver.id}`, progressNote(decided, vote, outcome))] : [];
}

function refusals(story: Story, notes: Notes): readonly Effect[] {
  return story.answers
    .filter(({ counted }) => !counted)
    .map((recorded) => notes(`reply ${recorded.answer.id}`, refusalNote(recorded)));
}

/** Neither an answer that counts nor a resolved page is silence. */
function isSilent({ answers, pagesResolved }: Story, { incident }: OpenPage): boolean {
  return !answers.some(({ counted }) => counted) && !pagesResolved.includes(incident.id);
}

function onSilence(
  { incident, openedAt, escalation }: OpenPage,
  now: Instant,
  notes: Notes,
): readonly Effect[] {
  const silentMs = msBetween(openedAt, now);
  const { remindAfterMs, moveUpAfterMs } = escalation;
  const due = remindAfterMs === null ? 0 : Math.min(MOST_REMINDERS, Math.floor(silentMs / remindAfterMs));
  return [
    ...(due > 0 ? [notes(`reminder ${due}`, reminderNote(silentMs))] : []),
    ...(moveUpAfterMs !== null && silentMs >= moveUpAfterMs
      ? [{ kind: 'move-up', key: 'move-up', incident } as const]
      : []),
  ];
}

function pageNumber({ pagesResolved }: Story, { ifResolved }: Escalation): number {
  return ifResolved === 'repage' ? Math.min(MOST_PAGES, 1 + pagesResolved.length) : 1;
}

function pageKey(number: number): string {
  return number === 1 ? 'page' : `page ${number}`;
}

function incidentKeyOf({ request }: RecordedDecision, number: number): string {
  return `${INCIDENT_KEY_PREFIX}${request.id}${number === 1 ? '' : `/${number}`}`;
}
