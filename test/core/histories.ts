import fc from 'fast-check';
import { promisedEnd } from '../../src/core/effects/access-end.ts';
import type { EffectContext } from '../../src/core/effects/effect-context.ts';
import { dueEffects } from '../../src/core/effects/due-effects.ts';
import type { Effect, Outcome } from '../../src/core/record/effect.ts';
import type { Facts } from '../../src/core/facts.ts';
import { MINUTE, plusMs, type Instant } from '../../src/core/values/instant.ts';
import type { Ending, LedgerEvent, RecordedAnswer } from '../../src/core/record/ledger-entry.ts';
import { reviewKey } from '../../src/core/effects/own-review.ts';
import { askingPages, openPageOf } from '../../src/core/effects/asking-pages.ts';
import { promisedPaging } from '../../src/core/effects/paging-rule.ts';
import type { Policy } from '../../src/core/rule.ts';
import { emptyStory, withEvent, type Story } from '../../src/core/record/story.ts';
import { aCause, anAnswer, aRecordedDecision, NOW } from '../support/builders.ts';
import { answeredUnder } from './answering.ts';
import { scenarios, type Scenario } from './arbitraries.ts';
import { checked, requestId, SETTING } from './telling.ts';

/** What happens next; a step for which it is not the time changes nothing. */
export type Step =
  | { readonly kind: 'decide'; readonly facts: Facts }
  | { readonly kind: 'intend' }
  | { readonly kind: 'succeed'; readonly outcome: Outcome }
  | { readonly kind: 'fail'; readonly transient: boolean }
  | {
      readonly kind: 'answer';
      readonly by: string;
      readonly counted: boolean;
      /** On the first page, whichever is open. */
      readonly onFirst: boolean;
    }
  | { readonly kind: 'resolve-page' }
  | { readonly kind: 'look'; readonly ends: boolean }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'end'; readonly ending: Ending };

/** One request's ledger, entry by entry, with the story and what is due after each. */
export interface History {
  readonly policy: Policy;
  readonly turns: readonly Turn[];
}

export interface Turn {
  readonly event: LedgerEvent;
  readonly now: Instant;
  readonly before: Story;
  readonly dueBefore: readonly Effect[];
  readonly story: Story;
  readonly due: readonly Effect[];
}

const endings = fc.constantFrom<Ending[]>(
  { state: 'approved', by: 'sre-3', reason: '' },
  { state: 'approved', by: 'oncall-approver', reason: '' },
  { state: 'denied', by: 'sre-3', reason: 'not now' },
  { state: 'expired', by: null, reason: '' },
  { state: 'deleted', by: null, reason: '' },
);

const outcomes: fc.Arbitrary<Outcome> = fc.record({
  summary: fc.constant('done'),
  ours: fc.constantFrom(true, true, false),
  stillPending: fc.boolean(),
  incidentId: fc.constantFrom('Q1INCIDENT', 'Q1INCIDENT', null),
  url: fc.constant(null),
});

const answers = fc.record({
  by: fc.constantFrom('PTAY2RE', 'PKIM3RE'),
  counted: fc.boolean(),
  onFirst: fc.boolean(),
});

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: scenarios.map(({ facts }): Step => ({ kind: 'decide', facts })) },
  { weight: 8, arbitrary: fc.constant<Step>({ kind: 'intend' }) },
  { weight: 8, arbitrary: outcomes.map((outcome): Step => ({ kind: 'succeed', outcome })) },
  { weight: 3, arbitrary: fc.boolean().map((transient): Step => ({ kind: 'fail', transient })) },
  { weight: 3, arbitrary: answers.map((answer): Step => ({ kind: 'answer', ...answer })) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'resolve-page' }) },
  { weight: 2, arbitrary: fc.boolean().map((ends): Step => ({ kind: 'look', ends })) },
  { weight: 3, arbitrary: fc.constantFrom(5, 20, 90).map((minutes): Step => ({ kind: 'wait', minutes })) },
  { weight: 1, arbitrary: endings.map((ending): Step => ({ kind: 'end', ending })) },
);

const pending = scenarios.map(({ request, ...rest }): Scenario => ({
  ...rest,
  request: { ...request, state: 'pending', kind: 'short-term', dryRun: false },
}));

/** Ledgers as the service may write them: one rule set, one request, and whatever may happen in any possible order. */
export const histories: fc.Arbitrary<History> = fc
  .record({ scenario: pending, some: fc.array(steps, { minLength: 20, maxLength: 60, size: 'max' }) })
  .map(({ scenario, some }) => historyOf(scenario, some));

function historyOf(scenario: Scenario, some: readonly Step[]): History {
  const { policy } = scenario;
  const turns: Turn[] = [];
  let before = emptyStory;
  let now = NOW;
  for (const step of some) {
    if (step.kind === 'wait') now = plusMs(now, step.minutes * MINUTE);
    const context = { policy, setting: SETTING, now };
    const dueBefore = dueEffects(before, context);
    const event = eventOf(step, scenario, before, dueBefore, context);
    if (event === null) continue;
    const story = withEvent(before, { event, at: now });
    turns.push({ event, now, before, dueBefore, story, due: dueEffects(story, context) });
    before = story;
  }
  return { policy, turns };
}

function eventOf(
  step: Step,
  scenario: Scenario,
  story: Story,
  due: readonly Effect[],
  { policy }: EffectContext,
): LedgerEvent | null {
  const next = due.find(({ key }) => !story.effects.has(key));
  const begun = due.find(({ key }) => story.effects.has(key));
  const { decided, ended } = story;
  const open = decided?.decision.verdict === 'escalate' ? openPageOf(story) : null;
  switch (step.kind) {
    case 'wait':
      return null;
    case 'decide':
      return decisionAfter(story, scenario, step.facts);
    case 'intend':
      return next === undefined ? null : { kind: 'effect-intended', requestId, effect: next };
    case 'succeed':
      return begun === undefined
        ? null
        : { kind: 'effect-done', requestId, key: begun.key, outcome: outcomeOf(begun, step.outcome) };
    case 'fail':
      return begun === undefined
        ? null
        : { kind: 'effect-failed', requestId, key: begun.key, cause: aCause({ transient: step.transient }) };
    case 'answer':
      return decided === null || open === null
        ? null
        : answerTo((step.onFirst ? (askingPages(story)[0] ?? open) : open).incident.id, step, story, {
            decided,
            policy,
          });
    case 'resolve-page':
      return open === null || ended !== null || story.pagesResolved.includes(open.incident.id)
        ? null
        : { kind: 'page-resolved', requestId, incidentId: open.incident.id };
    case 'look':
      return ended?.state !== 'approved' || story.access?.ends === true ? null : checked(step.ends);
    case 'end':
      return decided === null || ended !== null ? null : { kind: 'ended', requestId, ending: step.ending };
  }
}

/** Each page is an incident of its own. */
function outcomeOf({ kind, key }: Effect, outcome: Outcome): Outcome {
  return kind === 'page' ? { ...outcome, incidentId: `Q ${key}` } : outcome;
}

function answerTo(
  incidentId: string,
  { by, counted }: Extract<Step, { kind: 'answer' }>,
  { answers: heard, ended }: Story,
  inForce: Parameters<typeof answeredUnder>[0],
): RecordedAnswer {
  const answer = anAnswer({ id: `PNOTE${heard.length}`, by: { id: by, name: by, isUser: true }, incidentId });
  const answered = answeredUnder(inForce, answer, counted);
  return { ...answered, counted: answered.counted && ended === null };
}

/** A request is decided once, again while the decision is provisional or unreviewed, and when Teleport refused the review. */
function decisionAfter(story: Story, { request, policy }: Scenario, facts: Facts): LedgerEvent | null {
  const { decided, ended, effects } = story;
  const review = decided === null ? undefined : effects.get(reviewKey(story, decided));
  const failure = review?.lastFailure ?? null;
  const reviewRefused = failure === null || failure.transient ? null : failure;
  const refused = reviewRefused !== null && decided?.facts.reviewRefused === null;
  const old = decided?.decision.verdict === 'approve' && (review?.done ?? null) === null;
  const again = old || refused || decided?.decision.provisional === true;
  if (ended !== null || (decided !== null && !again)) return null;
  const number = (decided?.number ?? 0) + 1;
  const decisionId = `OA-${number}`;
  const next = aRecordedDecision({ number, decisionId, request, facts: { ...facts, reviewRefused }, policy });
  return {
    ...next,
    endsAccess: promisedEnd(next.decision, policy),
    pagesBy: promisedPaging(next.decision, policy),
  };
}

/** The story at the end of the history. */
export function lastStory({ turns }: History): Story {
  return turns.at(-1)?.story ?? emptyStory;
}

export function lastMoment({ turns }: History): Instant {
  return turns.at(-1)?.now ?? NOW;
}
