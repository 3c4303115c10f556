import { asksForTheSame, type AccessRequest } from '../core/access-request.ts';
import { backoffMs, type Backoff } from '../core/values/backoff.ts';
import type { Cause } from '../core/values/cause.ts';
import { lacksBinding } from '../core/answers/two-people.ts';
import { approvableAt } from '../core/coming.ts';
import { candidateRules } from '../core/coverage.ts';
import { policyFor } from '../core/ownership.ts';
import { decideWithinMs, provenAfterMs } from '../core/patience.ts';
import { decide } from '../core/decide.ts';
import { promisedEnd } from '../core/effects/access-end.ts';
import { promisedPaging } from '../core/effects/paging-rule.ts';
import { promisedTeams } from '../core/effects/teams.ts';
import { reviewKey } from '../core/effects/own-review.ts';
import { decisionIdOf, digestOfContent } from '../core/record/decision-identity.ts';
import type { Decision } from '../core/decision.ts';
import type { Facts } from '../core/facts.ts';
import { reasonsInWords } from '../core/wording/phrases.ts';
import { lacksMs } from '../core/silence.ts';
import { msBetween, SECOND, type Instant } from '../core/values/instant.ts';
import type { RecordedDecision } from '../core/record/ledger-entry.ts';
import type { Story } from '../core/record/story.ts';
import type { Dependencies, PolicyInForce } from './dependencies.ts';
import { gatherFacts } from './facts/gather-facts.ts';
import type { Listening } from './facts/listening.ts';

/** Since when, and for the how many-th time, a request waits for facts. */
export interface Waiting {
  readonly since: Instant;
  readonly attempt: number;
}

export type Made =
  | { readonly kind: 'decided'; readonly decided: RecordedDecision }
  /** A decision without the missing facts would page a person too early: asked again later. */
  | {
      readonly kind: 'postponed';
      readonly retryInMs: number;
      readonly waiting: Waiting;
      readonly why: string;
    }
  /** Decided again with the same result: nothing to record. */
  | { readonly kind: 'unchanged' };

const FACTS_BACKOFF: Backoff = { firstMs: SECOND, maxMs: 15 * SECOND };
/** So much longer an emergency that is nearly proven is waited for: the first look at it came later than the request. */
const PROOF_SLACK_MS = 15 * SECOND;

/** So often a request that was made too early is decided upon at most. */
const MOST_TIMES_PUT_OFF = 5;

/** Gathers, decides, and makes the record of it; writes nothing. */
export async function makeDecision(
  request: AccessRequest,
  story: Story,
  dependencies: Dependencies & PolicyInForce,
  context: {
    readonly signal: AbortSignal;
    readonly waiting: Waiting;
    readonly listening: Listening;
  },
): Promise<Made> {
  const { clock, random, reporter, policy } = dependencies;
  const reviewRefused = refusalOf(story);
  const covering = { ...policy, rules: candidateRules(request, policy.rules) };
  const withinMs = decideWithinMs(request, covering);
  // The clock of the replica that began to wait may be ahead of ours, which must not lengthen the wait.
  const waitedMs = (now: Instant): number => Math.max(0, msBetween(context.waiting.since, now));
  const gathering = gatherFacts(request, dependencies, {
    signal: context.signal,
    reviewRefused,
    ...(story.decided === null ? { leftMs: withinMs - waitedMs(clock.now()) } : {}),
  });
  const forEmergencies = covering.rules.some(({ breakGlass }) => breakGlass);
  const facts = await (forEmergencies
    ? context.listening.during(request.id, gathering, context.signal)
    : gathering);
  context.signal.throwIfAborted();
  const now = clock.now();
  const decision = decide(request, facts, policy, now);

  const left = Math.max(
    withinMs - waitedMs(now),
    Math.min(
      proofLacksMs(facts, provenAfterMs(request, covering)),
      withinMs + PROOF_SLACK_MS - waitedMs(now),
    ),
  );
  if (decision.provisional && story.decided === null && left > 0) {
    const attempt = context.waiting.attempt + 1;
    const retryInMs = Math.min(left, backoffMs(FACTS_BACKOFF, attempt, random()));
    const reasons = reasonsInWords({ decision });
    reporter.postponed({ requestId: request.id, reasons, attempt, retryInMs });
    const waiting = { since: context.waiting.since, attempt };
    return { kind: 'postponed', retryInMs, waiting, why: reasons };
  }
  const before = story.decided;
  const isAsBefore =
    before !== null && isSame(before.decision, decision) && asksForTheSame(before.request, request);
  const isNothingNew = isAsBefore && !lacksBinding(before);
  // The shift for which it was made too early was seen to begin later, or begins later by now.
  const isPutOff =
    before?.comesAt !== undefined && before.comesAt <= now && before.number < MOST_TIMES_PUT_OFF;
  if (isNothingNew && !isPutOff) return { kind: 'unchanged' };
  const isWaiting = decision.verdict === 'escalate' && !decision.provisional;
  const comesAt = isWaiting ? approvableAt({ request, facts, policy, now }) : null;
  // By an answer of PagerDuty's that is some seconds old it is the same time still.
  if (isNothingNew && (comesAt === null || comesAt === before.comesAt)) return { kind: 'unchanged' };
  const byOwner = policyFor(policy, request, facts);
  const pagesBy = promisedPaging(decision, byOwner);
  const teams = promisedTeams({ decision, request, facts, pagesBy }, policy);
  const decided = record(
    {
      request,
      facts,
      decision,
      policyDigest: dependencies.policyDigest,
      ...(dependencies.claimsDigest === undefined ? {} : { claimsDigest: dependencies.claimsDigest }),
      decidedAt: now,
      endsAccess: promisedEnd(decision, byOwner),
      pagesBy,
      ...(teams.length === 0 ? {} : { alsoPagesBy: teams }),
      ...(comesAt === null ? {} : { comesAt }),
    },
    story,
    dependencies,
  );
  return { kind: 'decided', decided };
}

type Content = Pick<
  RecordedDecision,
  | 'request'
  | 'facts'
  | 'decision'
  | 'policyDigest'
  | 'claimsDigest'
  | 'decidedAt'
  | 'endsAccess'
  | 'pagesBy'
  | 'alsoPagesBy'
  | 'comesAt'
>;

function record(content: Content, story: Story, { digest }: Dependencies): RecordedDecision {
  const { id } = content.request;
  const number = (story.decided?.number ?? 0) + 1;
  return {
    kind: 'decided',
    requestId: id,
    number,
    decisionId: decisionIdOf(id, number, digest),
    digest: digestOfContent(content, digest),
    ...content,
  };
}

/** How long an emergency that lasts must go on until it is proven, if it is nearly. Milliseconds; 0 where none lasts. */
function proofLacksMs({ silence, approvers }: Facts, withinMs: number): number {
  const lasting = [
    ...[silence?.reads, silence?.pages].flatMap((each) => (each?.state === 'silent' ? [each] : [])),
    ...(approvers.state === 'known' && approvers.lasting !== undefined ? [approvers.lasting] : []),
  ];
  const lacking = lasting.map((each) => lacksMs(each, withinMs)).filter((each) => each <= PROOF_SLACK_MS);
  return Math.min(...lacking, lacking.length === 0 ? 0 : Infinity);
}

function refusalOf(story: Story): Cause | null {
  if (story.decided === null) return null;
  const failure = story.effects.get(reviewKey(story, story.decided))?.lastFailure ?? null;
  return failure === null || failure.transient ? null : failure;
}

/** An approval is never the same again: it stands on other evidence. */
function isSame(one: Decision, other: Decision): boolean {
  if (one.verdict === 'approve') return false;
  const codes = (decision: Decision) => decision.reasons.map(({ code, condition }) => [code, condition]);
  if (one.verdict !== other.verdict || one.provisional !== other.provisional) return false;
  return JSON.stringify(codes(one)) === JSON.stringify(codes(other));
}
