import { rulesAsking, searchApprover } from '../../core/answers/judge-answer.ts';
import type { RecordedDecision } from '../../core/record/ledger-entry.ts';
import { asApprovers, targetsOf, type Policy, type Rule } from '../../core/rule.ts';
import type { Ask } from '../../ports/pagerduty.ts';
import type { Dependencies } from '../dependencies.ts';
import { readOnCall } from '../facts/read-on-call.ts';
import { readTeleportUser } from '../facts/read-teleport-user.ts';
import { mapRequester } from '../facts/map-requester.ts';

/** More look-ups are not worth the wait of a page. */
const MOST_LOOKED_UP = 5;

type Sources = Pick<Dependencies, 'users' | 'roster' | 'addresses' | 'clock'> & {
  readonly policy: Policy;
};

/**
 * The first of the request's suggested reviewers whose answer would count now: known in PagerDuty, on call for the approvers of
 * every rule that asks, and not the requester. Null where there is none, or where it cannot be told: then the escalation policy
 * decides who is paged.
 */
export async function pageAssignee(
  decided: RecordedDecision,
  sources: Sources,
  ask: Ask,
): Promise<string | null> {
  const { request, facts } = decided;
  const asking = rulesAsking(decided, sources.policy);
  const names = request.suggestedReviewers
    .filter((name) => name !== request.requester)
    .slice(0, MOST_LOOKED_UP);
  if (asking.length === 0 || names.length === 0) return null;
  // Whoever is in the grace after a shift may answer, but is not woken any more.
  const rules = asking.map(asApprovers).map(withoutGrace);
  const targets = rules.flatMap((rule) => targetsOf(rule, request));
  const sheet = await sources.roster.onCall(targets, ask);
  const moment = { now: sources.clock.now, at: null };
  const withLogin = sources.policy.identities.some(({ kind }) => kind === 'trait');
  for (const name of names) {
    const user = readTeleportUser(name, sources.users, { withLogin, signal: ask.signal });
    const reviewer = await mapRequester(name, { ...sources, sheet: Promise.resolve(sheet), user }, ask);
    if (reviewer.state !== 'recognised') continue;
    if (facts.requester.state === 'recognised' && facts.requester.id === reviewer.id) continue;
    const { reading: onCall, targets: known } = readOnCall([reviewer.id], sheet, moment);
    const evidence = { userId: reviewer.id, targets: known, onCall };
    const counts = rules.every((rule) => searchApprover(rule, decided, evidence).answer === 'met');
    if (counts) return reviewer.id;
  }
  return null;
}

function withoutGrace(rule: Rule): Rule {
  return { ...rule, onCall: { ...rule.onCall, graceAfterShiftMs: 0 } };
}
