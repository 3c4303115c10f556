import fc from 'fast-check';
import { dueEffects } from '../../src/core/due-effects.ts';
import type { Setting } from '../../src/core/circumstances.ts';
import type { Effect, Outcome } from '../../src/core/effect.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { Ending, LedgerEvent } from '../../src/core/ledger-entry.ts';
import type { Policy } from '../../src/core/rule.ts';
import { emptyStory, storyOf, withEvent, type Story } from '../../src/core/story.ts';
import { aCause, aRecordedDecision, aRequest } from '../builders.ts';
import { scenarios, type Scenario } from './arbitraries.ts';

export const SETTING: Setting = { proxyPublicAddr: 'teleport.example.com:443' };

const { id: requestId } = aRequest();

/** What happens next; a step for which it is not the time changes nothing. */
export type Step =
  | { readonly kind: 'decide'; readonly facts: Facts }
  | { readonly kind: 'intend' }
  | { readonly kind: 'succeed'; readonly outcome: Outcome }
  | { readonly kind: 'fail'; readonly transient: boolean }
  | { readonly kind: 'end'; readonly ending: Ending };

/** One request's ledger, entry by entry, with the story and what is due after each. */
export interface History {
  readonly policy: Policy;
  readonly turns: readonly Turn[];
}

export interface Turn {
  readonly event: LedgerEvent;
  readonly before: Story;
  readonly dueBefore: readonly Effect[];
  readonly story: Story;
  readonly due: readonly Effect[];
}

const endings = fc.constantFrom<Ending[]>(
  { state: 'approved', by: 'sre-3', reason: '' },
  { state: 'denied', by: 'sre-3', reason: 'not now' },
  { state: 'promoted', by: null, reason: '' },
  { state: 'expired', by: null, reason: '' },
  { state: 'deleted', by: null, reason: '' },
);

const outcomes: fc.Arbitrary<Outcome> = fc.record({
  summary: fc.constant('done'),
  ours: fc.boolean(),
  incidentId: fc.constantFrom('Q1INCIDENT', null),
  url: fc.constant(null),
});

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: scenarios.map(({ facts }): Step => ({ kind: 'decide', facts })) },
  { weight: 6, arbitrary: fc.constant<Step>({ kind: 'intend' }) },
  { weight: 6, arbitrary: outcomes.map((outcome): Step => ({ kind: 'succeed', outcome })) },
  { weight: 3, arbitrary: fc.boolean().map((transient): Step => ({ kind: 'fail', transient })) },
  { weight: 1, arbitrary: endings.map((ending): Step => ({ kind: 'end', ending })) },
);

const pending = scenarios.map(({ request, ...rest }): Scenario => ({
  ...rest,
  request: { ...request, state: 'pending', kind: 'short-term', dryRun: false },
}));

/** Ledgers as the service may write them: one rule set, one request, decisions, effects and failures in any possible order. */
export const histories: fc.Arbitrary<History> = fc
  .record({ scenario: pending, some: fc.array(steps, { minLength: 10, maxLength: 40, size: 'max' }) })
  .map(({ scenario, some }) => historyOf(scenario, some));

function historyOf(scenario: Scenario, some: readonly Step[]): History {
  const { policy } = scenario;
  const turns: Turn[] = [];
  let before = emptyStory;
  for (const step of some) {
    const dueBefore = dueEffects(before, policy, SETTING);
    const event = eventOf(step, scenario, before, dueBefore);
    if (event === null) continue;
    const story = withEvent(before, event);
    turns.push({ event, before, dueBefore, story, due: dueEffects(story, policy, SETTING) });
    before = story;
  }
  return { policy, turns };
}

function eventOf(step: Step, scenario: Scenario, story: Story, due: readonly Effect[]): LedgerEvent | null {
  const next = due.find(({ key }) => !story.effects.has(key));
  const begun = due.find(({ key }) => story.effects.has(key));
  switch (step.kind) {
    case 'decide':
      return decisionAfter(story, scenario, step.facts);
    case 'intend':
      return next === undefined ? null : { kind: 'effect-intended', requestId, effect: next };
    case 'succeed':
      return begun === undefined
        ? null
        : { kind: 'effect-done', requestId, key: begun.key, outcome: step.outcome };
    case 'fail':
      return begun === undefined
        ? null
        : {
            kind: 'effect-failed',
            requestId,
            key: begun.key,
            cause: aCause({ transient: step.transient }),
          };
    case 'end':
      return story.decided === null || story.ended !== null
        ? null
        : { kind: 'ended', requestId, ending: step.ending };
  }
}

/** A request is decided once, again while the decision is provisional, and again when Teleport refused the review. */
function decisionAfter(story: Story, { request, policy }: Scenario, facts: Facts): LedgerEvent | null {
  const { decided, ended, effects } = story;
  const failure = effects.get('review')?.lastFailure ?? null;
  const reviewRefused = failure === null || failure.transient ? null : failure;
  const refused = reviewRefused !== null && decided?.facts.reviewRefused === null;
  if (ended !== null || (decided !== null && !decided.decision.provisional && !refused)) return null;
  const number = (decided?.number ?? 0) + 1;
  return aRecordedDecision({ number, request, facts: { ...facts, reviewRefused }, policy });
}

/** The story at the end of the history. */
export function lastStory({ turns }: History): Story {
  return storyOf(turns.map(({ event }) => event));
}
