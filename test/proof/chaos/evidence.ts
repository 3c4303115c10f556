import { epochMsOf, SECOND } from '../../../src/core/values/instant.ts';
import type { LedgerEvent, RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import { BOT_USER, CLUSTER_NAME } from '../../sim/teleport/reference-world.ts';
import { wronglyCounted } from './answer-evidence.ts';
import type { Arena, Made } from './arena.ts';
import { CLOCK_STEPS_MS } from './chaos-process.ts';
import { glassBrokenWrongly } from './glass-evidence.ts';
import { resolutionsOf, type Resolution } from './resolutions.ts';
import { POLICIES, REVIEWER } from './world.ts';

/** An approval is decided anew when it is older than 30 s, and giving it may take 15 s. */
const LONGEST_FROM_DECISION_MS = 45 * SECOND;
/** What is said of the same moment by two clocks that agree, with the whole seconds of a `Date` header. */
const CLOCK_TOLERANCE_MS = 2 * SECOND;

/** Every way in which the request's approval has nothing to stand on, as sentences. */
export function wrongApprovals(made: Made, arena: Arena, events: readonly LedgerEvent[]): readonly string[] {
  const request = arena.stage.teleport.cluster.findRequest(made.id);
  if (request === undefined) return [];
  const approvals = resolutionsOf(made, arena).filter(({ state }) => state === 'APPROVED');
  if (request.state === 'APPROVED' && approvals.length === 0) return ['it is approved without any review'];
  return [
    ...approvals.flatMap((review) =>
      review.author === BOT_USER
        ? ofTheService(review, made, arena, events)
        : answered(made, review) || byHand(made, review)
          ? []
          : [`it is approved in the name of ${review.author}, who did nothing`],
    ),
    ...(request.state === 'APPROVED' ? tooFew(made) : []),
    ...wronglyCounted(made, arena, events),
    ...wrongLocks(made, arena, events),
  ];
}

/** What the approver said on the page is carried to Teleport, by the service or in the approver's own name. */
function answered({ deeds }: Made, { reason }: Resolution): boolean {
  return (
    (deeds.includes('approved by note') && reason.includes('by note in PagerDuty')) ||
    (deeds.includes('acknowledged') && reason.includes('by acknowledging in PagerDuty'))
  );
}

function byHand({ deeds }: Made, { author }: Resolution): boolean {
  return deeds.includes(author === REVIEWER ? 'approved in Teleport' : 'approved in Teleport in person');
}

/** Where two approvals are needed they are two people's, whoever carries them to Teleport. */
function tooFew({ fate, deeds }: Made): readonly string[] {
  return fate.requester === 'two-needed' && !deeds.includes('approved in Teleport')
    ? ['it needs two approvals, and one person alone has approved']
    : [];
}

/** Access is cut only for somebody whose shift was over by PagerDuty's own schedules. */
function wrongLocks({ fate }: Made, { truth }: Arena, events: readonly LedgerEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.kind !== 'access-checked' || !event.ends || fate.pagerDutyId === null) return [];
    if (event.onCall.state !== 'known')
      return ['its access is ended, and nothing is known of who is on call'];
    const { at } = event.onCall;
    return truth.wasOnCallThroughout(fate.pagerDutyId, POLICIES, new Date(at))
      ? [`its access is ended, and ${fate.user} was on call at ${at}`]
      : [];
  });
}

function ofTheService(
  review: Resolution,
  made: Made,
  arena: Arena,
  events: readonly LedgerEvent[],
): readonly string[] {
  if (answered(made, review)) return [];
  const decided = decisionBehind(review, events);
  if (decided === undefined) return ['it is approved, and no decision in the ledger says so'];
  const since = review.at.getTime() - epochMsOf(decided.decidedAt);
  // Broken glass alone goes by no clock of a day: how long PagerDuty is silent is counted by one that nobody can set.
  const steps = decided.decision.breakGlass ? [0, ...CLOCK_STEPS_MS] : [0];
  const isSoon = steps.some(
    (step) => Math.abs(since + step) <= LONGEST_FROM_DECISION_MS + CLOCK_TOLERANCE_MS,
  );
  return [
    ...(decided.decision.verdict === 'approve'
      ? []
      : [`it is approved by a decision to ${decided.decision.verdict}`]),
    ...(isSoon ? [] : [`it is approved ${Math.round(since / SECOND)} s after its decision`]),
    ...(decided.decision.breakGlass
      ? glassBrokenWrongly(decided, review, made, arena)
      : unfounded(decided, made, arena)),
  ];
}

/** The decision that a review names; the service's own always do. */
function decisionBehind(
  { reason }: Resolution,
  events: readonly LedgerEvent[],
): RecordedDecision | undefined {
  return events.findLast(
    (event): event is RecordedDecision => event.kind === 'decided' && reason.includes(event.decisionId),
  );
}

/** Whether the service itself has let somebody in by broken glass. */
export function isByGlass(made: Made, arena: Arena, events: readonly LedgerEvent[]): boolean {
  return resolutionsOf(made, arena).some(
    (review) =>
      review.author === BOT_USER &&
      review.state === 'APPROVED' &&
      decisionBehind(review, events)?.decision.breakGlass === true,
  );
}

/** By the simulator's own schedules, at PagerDuty's time of the answer. */
function unfounded(
  { facts, decision }: RecordedDecision,
  { id, fate }: Made,
  { truth, stage }: Arena,
): readonly string[] {
  const { resourceIds } = stage.teleport.cluster.request(id);
  if (resourceIds.some(({ cluster }) => cluster !== CLUSTER_NAME))
    return ['it is approved for a leaf cluster, and no rule names one'];
  if (fate.requester === 'not-ours') return ['it is approved, and no rule covers it'];
  if (fate.pagerDutyId === null)
    return [`${fate.requester} ${fate.user} is taken for somebody of PagerDuty's`];
  if (facts.onCall.state !== 'known') return ['it is approved, and nothing is known of who is on call'];
  const { at } = facts.onCall;
  const strangers = decision.proofs.filter(({ row }) => row.user.id !== fate.pagerDutyId);
  return [
    ...(decision.proofs.length === 0 ? ['it is approved without a proof'] : []),
    ...strangers.map(({ row }) => `it is approved by the shift of ${row.user.id}`),
    ...(truth.wasOnCall(fate.pagerDutyId, POLICIES, new Date(at))
      ? []
      : [`${fate.user} was not on call at ${at}, by which it is approved`]),
  ];
}
