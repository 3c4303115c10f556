import type { EffectContext } from './effect-context.ts';
import { needsMoreReviews, reviewIsOurs, reviewKey, standingDecision } from './own-review.ts';
import { notesOnGivenBack, onShiftEnd } from './access-end.ts';
import type { Effect } from '../record/effect.ts';
import { liveNote } from '../wording/notes.ts';
import { findingPage } from '../wording/findings.ts';
import { useNote } from '../wording/usage.ts';
import { findingsOf } from '../usage/findings.ts';
import { findingIncidentKeyOf, breakGlassIncidentKeyOf, isBreakGlassPage } from './incident-keys.ts';
import { findingKey, LIVE_NOTE, USE_NOTE, BREAK_GLASS_PAGE } from '../record/effect-keys.ts';
import { noteOn } from './note-on.ts';
import { reviewReason } from '../wording/reviews.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { Proof } from '../decision.ts';
import type { Reference } from '../on-call.ts';
import { onSilence } from './on-silence.ts';
import { afterTheEnd, openPages, wordsOnPages } from './page-effects.ts';
import { reviewsOnBehalf } from './reviews-on-behalf.ts';
import { wordsWherePagesWent } from './moved-pages.ts';
import { onRevocation } from './revocation.ts';
import { isDone, liveIncidentOf, type Story } from '../record/story.ts';
import { breakGlassPage } from '../wording/pages.ts';
import { desksOf } from '../rule.ts';
import { escalationOf } from './paging-rule.ts';

/**
 * What is still to be done for a request, in order. It is derived from the ledger and the time alone, after every entry and
 * after every start: that is what makes a crash harmless. An effect that was intended comes back with its first wording until
 * it is done.
 */
export function dueEffects(story: Story, context: EffectContext): readonly Effect[] {
  const { decided } = story;
  if (decided === null) return [];
  // What follows from access that was given follows from the decision that gave it.
  const given = standingDecision(story) ?? decided;
  const planned =
    story.ended === null
      ? [...whilePending(story, decided, context), ...openBreakGlassPage(story, context)]
      : [
          ...unclearReviews(story),
          ...openBreakGlassPage(story, context),
          ...afterTheEnd(story, decided, story.ended, context),
        ];
  const {
    lock = [],
    note = [],
    unlock = [],
  } = Object.groupBy(onShiftEnd(story, given, context), ({ kind }) => kind);
  return [
    // What PagerDuty does not take must not keep an access open that is over.
    ...onRevocation(story, decided),
    ...lock,
    ...planned,
    ...noteForTheLiveIncident(story, given),
    ...note,
    ...noteOnUse(story, given, context),
    ...pagesOnFindings(story, given, context),
    // Without the permission it fails for long, and must keep nothing else waiting.
    ...unlock,
    ...notesOnGivenBack(story, given),
  ]
    .map((effect) => story.effects.get(effect.key)?.intended ?? effect)
    .filter((effect) => !isDone(story, effect.key));
}

/**
 * A story with nothing due and nothing to wait for. Abstentions wait for nothing, since what happens to them is not ours;
 * but for whom a page was begun the end is awaited, by which it is closed.
 */
export function isSettled(story: Story, due: readonly Effect[], accessIsWatched: boolean): boolean {
  if (story.decided === null || due.length > 0) return due.length === 0;
  if (accessIsWatched) return false;
  return story.ended !== null || (story.decided.decision.verdict === 'abstain' && story.effects.size === 0);
}

function whilePending(story: Story, decided: RecordedDecision, context: EffectContext): readonly Effect[] {
  const asks = asksPeople(story, decided);
  const asking = [
    ...(asks ? openPages(story, decided, context) : []),
    // Also where people were asked by an earlier decision: nobody who answers is left without a word.
    ...wordsOnPages(story, decided, context),
    ...(asks ? onSilence(story, decided, context) : []),
    ...wordsWherePagesWent(story, decided),
  ];
  const hasFailed = ({ key }: Effect) => (story.effects.get(key)?.failures ?? 0) > 0;
  return [
    ...ownReview(story, decided),
    ...reviewsOnBehalf(story, decided, context.policy),
    // What cannot be done keeps nobody else from being asked, or told.
    ...asking.filter((effect) => !hasFailed(effect)),
    ...asking.filter(hasFailed),
  ];
}

function ownReview(story: Story, decided: RecordedDecision): readonly Effect[] {
  const { decisionId, decision } = decided;
  if (decision.verdict !== 'approve' && decision.verdict !== 'deny') return [];
  const propose = decision.verdict === 'approve' ? 'approved' : 'denied';
  const key = reviewKey(story, decided);
  // What was intended keeps its words.
  const begun = story.effects.get(key)?.intended;
  return [begun ?? { kind: 'review', key, decisionId, reason: reviewReason(decided), propose }];
}

function asksPeople(story: Story, { decision }: RecordedDecision): boolean {
  if (decision.verdict === 'escalate') return true;
  // Of broken glass people hear by a page of its own.
  return decision.verdict === 'approve' && !decision.breakGlass && needsMoreReviews(story);
}

/** A review, of its own or on behalf, that was intended when the request ended may be what ended it: that is found out, and recorded. */
function unclearReviews({ effects }: Story): readonly Effect[] {
  return [...effects.values()]
    .map(({ intended }) => intended)
    .filter(({ kind }) => kind === 'review' || kind === 'vote');
}

/** An automatic approval leaves a note on the incident that the person is working on, once our review has let them in. */
function noteForTheLiveIncident(story: Story, decided: RecordedDecision): readonly Effect[] {
  const { verdict, proofs } = decided.decision;
  const proof = proofs[0];
  const granted = story.ended?.state === 'approved' && reviewIsOurs(story);
  if (verdict !== 'approve' || proof === undefined || !granted) return [];
  const look: Effect = {
    kind: 'find-live-incident',
    key: 'find-live-incident',
    services: servicesOf(proof),
    assignee: proof.row.user.id,
  };
  const found = liveIncidentOf(story);
  if (found === null) return [look];
  return [look, noteOn({ id: found }, LIVE_NOTE, liveNote(decided), decided)];
}

/** What the access was used for is told where the person was working, once. */
function noteOnUse(story: Story, decided: RecordedDecision, { setting }: EffectContext): readonly Effect[] {
  const told = story.used.find(({ tells }) => tells === true);
  const id = liveIncidentOf(story);
  if (told === undefined || id === null) return [];
  return [noteOn({ id }, USE_NOTE, useNote(decided, told, setting), decided)];
}

/** What the access shows is told to those who review it, once for each kind: what is intended stays under its key. */
function pagesOnFindings(
  story: Story,
  decided: RecordedDecision,
  { setting }: EffectContext,
): readonly Effect[] {
  const service = story.used.at(-1)?.review;
  if (service === undefined) return [];
  return findingsOf(story).map((found) => ({
    ...{ kind: 'finding', key: findingKey(found.kind), service },
    incidentKey: findingIncidentKeyOf(decided, found.kind, setting),
    ...findingPage(decided, found, setting),
  }));
}

/** The service that was asked about, or all that use the policy by which the person is on call. */
function servicesOf({ target, row }: Proof): readonly Reference[] {
  return target.kind === 'service'
    ? [{ id: target.id, summary: target.name }]
    : (row.escalation_policy?.services ?? []);
}

/**
 * The page about broken glass, once our review stands, beside any page that asked people before. It stays open after an approval
 * until somebody has looked at it; nothing here closes it then.
 */
function openBreakGlassPage(story: Story, { policy, setting, now }: EffectContext): readonly Effect[] {
  // Only an approval lets somebody in by it.
  if (story.ended !== null && story.ended.state !== 'approved') return [];
  // Whatever else is found out since: what was begun is finished.
  const begun = [...story.effects.values()].find(isBreakGlassPage);
  if (begun !== undefined) return [begun.intended];
  const given = standingDecision(story);
  if (given?.decision.breakGlass !== true) return [];
  const escalation = escalationOf(given, policy);
  if (escalation === null) return [];
  const [service, ...instead] = desksOf(escalation, given.request);
  if (service === undefined) return [];
  const stillPending = story.ended === null && needsMoreReviews(story);
  return [
    {
      kind: 'page',
      key: BREAK_GLASS_PAGE,
      service,
      ...(instead.length === 0 ? {} : { instead }),
      urgency: escalation.urgency,
      incidentKey: breakGlassIncidentKeyOf(given, setting),
      ...breakGlassPage(given, setting, stillPending, now),
    },
  ];
}
