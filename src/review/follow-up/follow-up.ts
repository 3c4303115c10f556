import {
  awaitsShiftEnd,
  endWithWork,
  knownEnd,
  lockedWithShift,
  lockInPlace,
  lockNameOf,
  rulesEndingAccess,
  watchesLock,
} from '../../core/effects/access-end.ts';
import { MINUTE, msBetween, plusMs, SECOND, type Instant } from '../../core/values/instant.ts';
import type { LedgerEvent, RecordedDecision } from '../../core/record/ledger-entry.ts';
import {
  allPages,
  glassPages,
  lastOfEach,
  listeningPageOf,
  listeningPagesOf,
  type AskingPage,
} from '../../core/effects/asking-pages.ts';
import { closingKeys, ofTeam, pageKey } from '../../core/record/effect-keys.ts';
import { standingDecision } from '../../core/effects/own-review.ts';
import { mayBeRevoked } from '../../core/effects/revocation.ts';
import type { Story } from '../../core/record/story.ts';
import { DONE } from '../../ports/next.ts';
import { causeOf } from '../cause-of.ts';
import type { Dependencies, PolicyInForce } from '../dependencies.ts';
import type { PageBoard } from './page-board.ts';
import { hearAnswers } from './hear-answers.ts';
import { lookAtShift } from './watch-access.ts';
import { within } from '../deadline.ts';
import { later, soonest, type ComeBack } from '../stage.ts';

const ANSWERS_DEADLINE_MS = 15 * SECOND;
const UNKNOWN_RETRY_MS = 30 * SECOND;
/** A page counts as open once PagerDuty's answer is recorded; its webhook may be faster than that. */
const OPENING_MARGIN_MS = 10 * SECOND;
/** Between two looks at whether a shift goes on: an override may end it at any time. */
const SHIFT_LOOK_MS = 5 * MINUTE;

export interface FollowedUp {
  /** What is still to be recorded. */
  readonly events: readonly LedgerEvent[];
  /** When to look again; done when there is nothing to wait for. */
  readonly next: ComeBack;
}

const NOTHING: FollowedUp = { events: [], next: DONE };

type Following = Dependencies &
  Pick<PolicyInForce, 'policy'> & {
    readonly board: PageBoard;
    /** Writes down what was heard, at once. */
    readonly record: (event: LedgerEvent) => Promise<void>;
  };

/** Who waits on a page on which another looks for all comes back so late: only in case nobody does. */
const BESIDE_MS = 10 * MINUTE;

/** What has happened since the decision that no event of Teleport tells: answers to the page, and the end of a shift. Does not throw for what cannot be read. */
export async function followUp(
  story: Story,
  dependencies: Following,
  signal: AbortSignal,
): Promise<FollowedUp> {
  const { policy, clock } = dependencies;
  const { decided } = story;
  if (decided === null) return NOTHING;
  const now = clock.now();
  const given = awaitsShiftEnd(story, { policy, now }) ? standingDecision(story) : null;
  const isLocked = watchesLock(story, now);
  const listens = (given === null && !isLocked) || mayBeRevoked(story, now);
  const heard = listens ? await followPage(story, decided, dependencies, signal) : NOTHING;
  const seen =
    given !== null
      ? await followShift(story, given, dependencies, signal)
      : isLocked
        ? await followLock(story, decided, dependencies, signal)
        : NOTHING;
  return { events: [...heard.events, ...seen.events], next: soonest(heard.next, seen.next) };
}

async function followLock(
  story: Story,
  { requestId }: RecordedDecision,
  dependencies: Following,
  signal: AbortSignal,
): Promise<FollowedUp> {
  const { locks, reporter } = dependencies;
  try {
    if (await locks.exists(lockNameOf(requestId), signal)) {
      const events = await lookWhetherBack(story, dependencies, signal);
      return { events, next: later(events.length === 0 ? SHIFT_LOOK_MS : SECOND) };
    }
    const lock = lockInPlace(story)?.key ?? 'lock';
    const which = lock === 'lock' ? {} : { lock };
    return { events: [{ kind: 'unlocked', requestId, ...which }], next: DONE };
  } catch (error) {
    signal.throwIfAborted();
    const cause = causeOf(error).message;
    reporter.followUpFailed({ requestId, what: 'shift', cause, retryInMs: SHIFT_LOOK_MS });
    return { events: [], next: later(SHIFT_LOOK_MS) };
  }
}

/** Access that was locked with its shift is given back if the shift goes on. */
async function lookWhetherBack(
  story: Story,
  dependencies: Following,
  signal: AbortSignal,
): Promise<readonly LedgerEvent[]> {
  const { policy, clock } = dependencies;
  const since = lockedWithShift(story, { policy, now: clock.now() });
  const given = standingDecision(story);
  if (since === null || given === null) return [];
  const look = await lookAtShift(story, given, dependencies, signal, since);
  return look.state === 'changed' && !look.checked.ends ? [look.checked] : [];
}

async function followPage(
  story: Story,
  decided: RecordedDecision,
  dependencies: Following,
  signal: AbortSignal,
): Promise<FollowedUp> {
  const glass = story.ended === null ? [] : glassPages(story);
  const last = listeningPageOf(story) ?? glass[0] ?? null;
  const listens = mayBeRevoked(story, dependencies.clock.now());
  if (last === null || (isToldOfTheEnd(last, story) && !listens)) return NOTHING;
  const { requestId } = decided;
  const { board, random } = dependencies;
  const pages = [...glass, ...allPages(story)];
  if (story.ended === null) board.wait(requestId, listeningPagesOf(story));
  // Many may end at once that are asked about on the page of another.
  const isNear = ({ joined, incident }: AskingPage) =>
    listens || joined === null || board.readLately(incident.id) !== null;
  const looksAt =
    story.ended === null
      ? board.looksAt(requestId)
      : lastOfEach(pages).flatMap((page) => (isNear(page) ? [page.incident.id] : []));
  if (looksAt.length === 0)
    return story.ended === null ? { events: [], next: later(BESIDE_MS * (1 + random())) } : NOTHING;
  const lookAgain = listens ? later(revokeLookMs(last.openedAt, dependencies)) : DONE;
  const next = story.ended === null ? later(pollMs(last.openedAt, dependencies)) : lookAgain;
  try {
    const [cause] = await within(ANSWERS_DEADLINE_MS, signal, (deadline) =>
      hearAnswers({ pages, looksAt }, story, decided, dependencies, {
        signal: deadline,
        priority: 'follow-up',
        for: decided.request.requester,
      }),
    );
    if (cause === undefined) return { events: [], next };
    board.callAgain(requestId);
    dependencies.reporter.followUpFailed({ requestId, what: 'answers', cause, retryInMs: UNKNOWN_RETRY_MS });
    return { events: [], next: later(UNKNOWN_RETRY_MS) };
  } catch (error) {
    signal.throwIfAborted();
    const cause = causeOf(error).message;
    board.callAgain(requestId);
    dependencies.reporter.followUpFailed({ requestId, what: 'answers', cause, retryInMs: UNKNOWN_RETRY_MS });
    return { events: [], next: story.ended === null ? later(UNKNOWN_RETRY_MS) : lookAgain };
  }
}

function isToldOfTheEnd({ number, team }: AskingPage, { effects }: Story): boolean {
  return effects.has(closingKeys(ofTeam(pageKey(number), team)).note);
}

async function followShift(
  story: Story,
  decided: RecordedDecision,
  dependencies: Following,
  signal: AbortSignal,
): Promise<FollowedUp> {
  const { policy, clock, reporter } = dependencies;
  const rules = rulesEndingAccess(decided, policy);
  const known = knownEnd(story, decided, rules);
  const now = clock.now();
  const fresh = story.access === null && msBetween(decided.decidedAt, now) < SHIFT_LOOK_MS;
  // Whose time is up needs no look at any shift or incident.
  if (!endWithWork(rules) || (fresh && (known === null || now < known)))
    return { events: [], next: untilNextLook(known, now) };
  const look = await lookAtShift(story, decided, dependencies, signal);
  signal.throwIfAborted();
  if (look.state === 'unknown') {
    reporter.followUpFailed({
      requestId: decided.requestId,
      what: 'shift',
      cause: look.why,
      retryInMs: UNKNOWN_RETRY_MS,
    });
    return { events: [], next: later(UNKNOWN_RETRY_MS) };
  }
  const checked = look.state === 'changed' ? look.checked : null;
  const end = checked === null ? known : knownEnd({ ...story, access: checked }, decided, rules);
  return { events: checked === null ? [] : [checked], next: untilNextLook(end, clock.now()) };
}

function untilNextLook(end: Instant | null, now: Instant): ComeBack {
  const inMs = end === null ? SHIFT_LOOK_MS : Math.max(SECOND, msBetween(now, end));
  return later(Math.min(SHIFT_LOOK_MS, inMs));
}

/** Webhooks do if one came since the page was opened: PagerDuty tells of the opening itself too, so silence about it speaks for itself. */
function isToldAtOnce(openedAt: Instant, { webhookCameSince }: Dependencies): boolean {
  return webhookCameSince(plusMs(openedAt, -OPENING_MARGIN_MS));
}

/** Few revoke what lasts for hours, and many may have such access: where webhooks tell at once, seldom. */
function revokeLookMs(openedAt: Instant, dependencies: Dependencies): number {
  return isToldAtOnce(openedAt, dependencies) ? 10 * MINUTE : 2 * MINUTE;
}

/** Often while somebody is likely to answer, less and less after that; seldom where webhooks tell at once. */
function pollMs(openedAt: Instant, dependencies: Dependencies): number {
  const openForMs = msBetween(openedAt, dependencies.clock.now());
  if (isToldAtOnce(openedAt, dependencies)) return 2 * MINUTE;
  if (openForMs < 30 * MINUTE) return 15 * SECOND;
  return openForMs < 4 * 60 * MINUTE ? MINUTE : 5 * MINUTE;
}
