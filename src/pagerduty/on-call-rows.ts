import type { Instant } from '../core/instant.ts';
import type { OnCallRow } from '../core/on-call.ts';
import type { Ask } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './client.ts';
import { malformed, unusableId } from './errors.ts';
import { listAll } from './paging.ts';
import { isDeleted, isUser, referenceOf } from './references.ts';
import { OnCall } from './schema.ts';

const DOING = 'read on-call rows';
const SCOPE = 'oncalls.read';

/**
 * Every on-call row of one user now, by PagerDuty's clock: `since` and `until` are left out, so that a skewed clock
 * here cannot ask about another shift. Policies come expanded, so that each row says which services use its policy at
 * this very moment. Throws PagerDutyError; kind `malformed` also for rows about anyone else, and for an answer
 * without a time, which proves nothing.
 */
export async function readOnCallRows(
  client: PagerDutyClient,
  userId: string,
  ask: Ask,
): Promise<{ readonly at: Instant; readonly rows: readonly OnCallRow[] }> {
  const operation = { doing: DOING, scope: SCOPE, host: client.host };
  // PagerDuty would answer for everybody.
  if (userId === '') throw unusableId(userId, operation);
  const { rows, at } = await listAll(
    client,
    {
      doing: DOING,
      scope: SCOPE,
      path: ['oncalls'],
      query: { 'user_ids[]': [userId], 'include[]': ['escalation_policies'] },
      rows: 'oncalls',
      row: OnCall,
    },
    ask,
  );
  if (at === null) throw malformed(operation, 'it has no `Date` header', 200);
  if (rows.some(({ user }) => user.id !== userId || !isUser(user))) {
    throw malformed(operation, 'it has rows of somebody else', 200);
  }
  return { at, rows: rows.filter(isLive).map(rowOf) };
}

/** A deleted user, policy or schedule may linger as a stub: nobody is on call by that. */
function isLive({ user, escalation_policy, schedule }: OnCall): boolean {
  return !isDeleted(user) && !isDeleted(escalation_policy) && (schedule === null || !isDeleted(schedule));
}

function rowOf(row: OnCall): OnCallRow {
  const { services } = row.escalation_policy;
  return {
    user: referenceOf(row.user),
    escalation_policy: {
      ...referenceOf(row.escalation_policy),
      services: services?.filter((service) => !isDeleted(service)).map(referenceOf) ?? null,
    },
    escalation_level: row.escalation_level,
    schedule: row.schedule === null ? null : referenceOf(row.schedule),
    start: row.start,
    end: row.end,
  };
}
