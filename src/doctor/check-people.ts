import { hasManagedAddresses, mappedTo } from '../core/answers/two-people.ts';
import { covers, type OnCallRow, type Reference } from '../core/on-call.ts';
import { asApprovers, type OnCallTargets, type Policy } from '../core/rule.ts';
import { sanitise, listed } from '../core/values/words.ts';
import { PagerDutyError, type Ask, type OnCallAnswer, type OnCallDirectory } from '../ports/pagerduty.ts';
import { attempt, ok, orNull, warning, type Finding } from './finding.ts';
import { problemsIn } from '../core/forecast/figures.ts';
import type { RuleAhead } from '../core/forecast/forecast.ts';

const SUBJECT = 'identities';
/** More names would be a list to read instead of an answer. */
const MOST_NAMED = 5;

/**
 * How many of those on call now under the rules, as requesters or as approvers, no map binds to a Teleport user. Their addresses, which
 * they may change themselves, are all that is known of them. Schedules that are on no escalation policy are not looked at.
 */
export function checkPeople(
  { directory, policy }: { readonly directory: OnCallDirectory; readonly policy: Policy },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  return attempt(SUBJECT, async () => {
    if (hasManagedAddresses(policy)) {
      return ok(SUBJECT, 'addresses are kept by the identity provider, as `addresses: managed` says');
    }
    const people = await onCallNow(policy, directory, { signal });
    const unbound = people.filter(({ id }) => mappedTo(id, policy).length === 0);
    const many = people.length === 1 ? '1 person' : `${people.length} people`;
    const count = `of ${many} on call under the rules now`;
    if (unbound.length === 0) return ok(SUBJECT, `${count}, a map binds all to their Teleport users`);
    const names = unbound.slice(0, MOST_NAMED).map(({ summary }) => sanitise(summary, 100));
    const more = unbound.length > MOST_NAMED ? [`${unbound.length - MOST_NAMED} more`] : [];
    return warning(
      SUBJECT,
      `${count}, ${unbound.length} ${unbound.length === 1 ? 'is' : 'are'} in no map (${listed([...names, ...more])}): all that is known of them is an address, which they may change themselves; no review is given in their names. \`oncall-approver identities propose\` writes a map to look through, for \`identities: [{map_file: …}]\`; or say \`addresses: managed\` where your identity provider keeps PagerDuty's addresses`,
    );
  });
}

async function onCallNow(
  { rules }: Policy,
  directory: OnCallDirectory,
  ask: Ask,
): Promise<readonly Reference[]> {
  const people = new Map<string, Reference>();
  const answers = new Map<string, OnCallAnswer>();
  for (const targets of rules.flatMap((rule) => [rule.onCall, asApprovers(rule).onCall])) {
    for (const id of await policiesOf(targets, directory, ask)) {
      const answer = answers.get(id) ?? (await directory.onCallsUnder([id], null, ask));
      answers.set(id, answer);
      for (const row of answer.rows) if (counts(row, answer, targets)) people.set(row.user.id, row.user);
    }
  }
  return [...people.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

function counts(row: OnCallRow, { at }: OnCallAnswer, { maxLevel, permanent }: OnCallTargets): boolean {
  return covers(row, at) && row.escalation_level <= maxLevel && (permanent || row.schedule !== null);
}

/** What cannot be found is told of each rule by itself. */
async function policiesOf(
  { services, escalationPolicies }: OnCallTargets,
  directory: OnCallDirectory,
  ask: Ask,
): Promise<readonly string[]> {
  const ids = [
    ...services.map(async (asked) => (await directory.service(asked, ask)).escalationPolicy.id),
    ...escalationPolicies.map(async (asked) => (await directory.escalationPolicy(asked, ask)).id),
  ];
  const found = await Promise.all(ids.map((id) => orNull(id, PagerDutyError)));
  return found.filter((id) => id !== null);
}

const AHEAD_SUBJECT = 'forecast';

/**
 * One line on the days to come: the first thing that will go wrong, and how much more there is. That they cannot be foretold keeps
 * nobody from being approved.
 */
export async function checkAhead(
  days: number,
  foretell: () => Promise<readonly RuleAhead[]>,
): Promise<readonly Finding[]> {
  const findings = await attempt(AHEAD_SUBJECT, async () => {
    const [first, ...more] = problemsIn(await foretell());
    if (first === undefined)
      return ok(AHEAD_SUBJECT, `nothing goes wrong within ${days} days, as far as it can be told`);
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return warning(
      AHEAD_SUBJECT,
      `rule ${first.rule}: ${first.text}${others}: ${first.remedy}. \`oncall-approver forecast\` tells all of it`,
    );
  });
  return findings.map((each) =>
    each.state === 'failed' ? warning(AHEAD_SUBJECT, `cannot be told: ${each.text}`) : each,
  );
}
