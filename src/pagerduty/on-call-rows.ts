import type { Instant } from '../core/values/instant.ts';
import type { OnCallRow } from '../core/on-call.ts';
import type { Ask, OnCallAnswer, Span } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { malformed, unusableId } from './http/errors.ts';
import type { Query } from './http/exchange.ts';
import { listAll } from './http/paging.ts';
import { isDeleted, isUser, referenceOf } from './references.ts';
import { OnCall } from './schema.ts';

const ABOUT = { doing: 'read on-call rows', scope: 'oncalls.read', limitedApart: true } as const;

/**
 * Every on-call row of these users that touches the span, in one listing. Without a span `since` and `until` are left out, and
 * PagerDuty takes its own now: a skewed clock here cannot ask about another shift. Policies come expanded, so that each row
 * says which services use its policy at this very moment. Throws PagerDutyError; kind `malformed` also for rows about anyone
 * else, and for an answer without a time, which proves nothing.
 */
export async function readOnCallRowsOf(
  client: PagerDutyClient,
  userIds: readonly string[],
  span: Span | null,
  ask: Ask,
): Promise<OnCallAnswer> {
  requireIds(userIds, client);
  const within: Query = span === null ? {} : { since: span.from, until: span.until };
  const { rows, at } = await read(client, { 'user_ids[]': userIds, ...within }, ask);
  if (rows.some(({ user }) => !userIds.includes(user.id) || !isUser(user))) {
    throw malformed(operationOf(client), 'it has rows of somebody else', 200);
  }
  return { at, rows: rows.filter(isLive).map(rowOf) };
}

/** Every on-call row of these escalation policies now. Throws as `readOnCallRowsOf` does. */
export async function readOnCallRowsUnder(
  client: PagerDutyClient,
  policyIds: readonly string[],
  ask: Ask,
): Promise<OnCallAnswer> {
  requireIds(policyIds, client);
  const { rows, at } = await read(client, { 'escalation_policy_ids[]': policyIds }, ask);
  if (rows.some(({ escalation_policy }) => !policyIds.includes(escalation_policy.id))) {
    throw malformed(operationOf(client), 'it has rows of another escalation policy', 200);
  }
  return { at, rows: rows.filter((row) => isLive(row) && isUser(row.user)).map(rowOf) };
}

/** For no id, or an empty one, PagerDuty would answer about everybody. */
function requireIds(ids: readonly string[], client: PagerDutyClient): void {
  if (ids.length === 0 || ids.includes('')) throw unusableId('', operationOf(client));
}

async function read(
  client: PagerDutyClient,
  query: Query,
  ask: Ask,
): Promise<{ readonly rows: readonly OnCall[]; readonly at: Instant }> {
  const { rows, at } = await listAll(
    client,
    {
      ...ABOUT,
      path: ['oncalls'],
      query: { ...query, 'include[]': ['escalation_policies'] },
      rows: 'oncalls',
      row: OnCall,
    },
    ask,
  );
  if (at === null) throw malformed(operationOf(client), 'it has no `Date` header', 200);
  return { rows, at };
}

function operationOf({ host }: PagerDutyClient) {
  return { ...ABOUT, host };
}

/** A deleted user, policy or schedule may linger as a stub: nobody is on call by that. */
export function isLive({ user, escalation_policy, schedule }: OnCall): boolean {
  return !isDeleted(user) && !isDeleted(escalation_policy) && (schedule === null || !isDeleted(schedule));
}

export function rowOf(row: OnCall): OnCallRow {
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
