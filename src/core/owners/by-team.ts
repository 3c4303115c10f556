import { isSettled, type Settling } from '../roster/policies-seen.ts';
import type { OnCallTargets, Rule } from '../rule.ts';
import { durationWords, listed, sanitise } from '../values/words.ts';
import { teamOf, type OwnershipReading, type TeamFact } from './reading.ts';

/** Every team that a rule names itself; labels name others. */
export function teamsNamedBy({ onCall, approvers }: Rule): readonly string[] {
  const named = [onCall.teams, approvers.onCall?.teams].flatMap((each) => each?.names ?? []);
  return [...new Set([...named, ...(onCall.owner?.field?.teams ?? [])])];
}

/** The rule with the escalation policies of its teams in place of the teams, as far as they were in there for long enough. */
export function byPolicies(rule: Rule, reading: OwnershipReading | undefined): Rule {
  const { onCall, approvers } = rule;
  if (onCall.teams === undefined && approvers.onCall?.teams === undefined) return rule;
  return {
    ...rule,
    onCall: expanded(onCall, reading),
    approvers: { ...approvers, onCall: approvers.onCall && expanded(approvers.onCall, reading) },
  };
}

/** Where the team may be paged: services that were in it longest. */
export function desksOfTeams(
  names: readonly string[],
  reading: OwnershipReading | undefined,
): readonly string[] {
  return names.flatMap((name) => {
    const fact = teamOf(name, reading);
    return fact.state === 'known' ? fact.desks : [];
  });
}

/** Why a team owns nothing; null where it does, or that may be had by asking again. */
export function whyNoTeam(
  asked: string,
  settling: Settling,
  reading: OwnershipReading | undefined,
): string | null {
  const fact = teamOf(asked, reading);
  if (fact.state === 'unknown') return fact.cause.transient ? null : fact.cause.message;
  return policiesOf(fact, settling).length > 0 ? null : tooNew(fact, settling);
}

/**
 * INVARIANT (unknown-never-approves): whoever may edit an escalation policy puts it into a team; who is on call under it counts once it was
 * seen there for long enough. What is not known of a team makes nobody on call by it, and denies nobody.
 */
function expanded({ teams, ...onCall }: OnCallTargets, reading: OwnershipReading | undefined): OnCallTargets {
  if (teams === undefined) return onCall;
  const facts = teams.names.map((name) => teamOf(name, reading));
  const policies = facts.flatMap((fact) => policiesOf(fact, teams.settled));
  const unread = facts.flatMap((fact) => {
    if (fact.state === 'unknown') return [fact.cause];
    const isNone = policiesOf(fact, teams.settled).length === 0;
    return isNone ? [{ message: tooNew(fact, teams.settled), transient: false }] : [];
  });
  return {
    ...onCall,
    escalationPolicies: [...new Set([...onCall.escalationPolicies, ...policies])],
    ...(unread.length === 0
      ? {}
      : {
          unread: {
            message: listed(unread.map(({ message }) => message)),
            transient: unread.some(({ transient }) => transient),
          },
        }),
  };
}

function policiesOf(fact: TeamFact, settling: Settling): readonly string[] {
  if (fact.state === 'unknown') return [];
  return fact.policies.flatMap((each) =>
    each.gone === undefined && isSettled(each, settling, fact.at) ? [each.id] : [],
  );
}

function tooNew({ asked }: TeamFact, { ms }: Settling): string {
  return `team \`${sanitise(asked, 100)}\` has no escalation policy that was seen in it for ${durationWords(ms)}`;
}
