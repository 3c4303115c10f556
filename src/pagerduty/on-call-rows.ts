import { isPerson } from '../core/conditions/opener.ts';
import { z } from 'zod';
import type { PagerDutyUser } from '../core/identity.ts';
import type { OnCallRow } from '../core/on-call.ts';
import type { BrokenRow } from '../core/roster/sheet.ts';
import { PagerDutyError, type Ask, type OnCallAnswer, type Span } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { firstIssue, malformed, unusableId } from './http/errors.ts';
import type { Query } from './http/exchange.ts';
import { listAll, type Listed } from './http/paging.ts';
import { isDeleted, referenceOf, Id, OnCall } from './schema.ts';

/** GET /oncalls, which PagerDuty limits by itself. */
export const READ_ON_CALLS = {
  doing: 'read on-call rows',
  scope: 'oncalls.read',
  limitedApart: true,
} as const;

/** A list that changes each time it is read is not known. */
const MOST_ATTEMPTS = 3;

/** What can be told of a row that is not as it should be. */
const Named = z.object({ id: Id }).nullish().catch(null);
const Touched = z
  .object({ user: Named, escalation_policy: Named, schedule: Named })
  .catch({ user: null, escalation_policy: null, schedule: null });

/**
 * Every on-call row of these escalation policies, or of these schedules, that touches the span, in one listing. Without a span `since`
 * and `until` are left out, and PagerDuty takes its own now. Users and policies come expanded, so that each row says whose address it
 * is and which services use its policy at this very moment. A row that cannot be understood is told apart from the others. Throws
 * PagerDutyError; kind `malformed` also for rows of anything else, and for an answer without a time, which proves nothing.
 */
export async function readOnCallRows(
  client: PagerDutyClient,
  by: { readonly policyIds: readonly string[] } | { readonly scheduleIds: readonly string[] },
  span: Span | null,
  ask: Ask,
): Promise<OnCallAnswer> {
  const [filter, ids] =
    'policyIds' in by
      ? (['escalation_policy_ids[]', by.policyIds] as const)
      : (['schedule_ids[]', by.scheduleIds] as const);
  // For no id, or an empty one, PagerDuty would answer about everybody.
  if (ids.length === 0 || ids.includes('')) throw unusableId('', operationOf(client));
  const within: Query = span === null ? {} : { since: span.from, until: span.until };
  const query = { [filter]: ids, ...within, 'include[]': ['users', 'escalation_policies'] };
  const { rows, at } = await listOnCalls(client, query, ask);
  if (at === null) throw malformed(operationOf(client), 'it has no `Date` header', 200);
  const parsed = rows.map((row) => ({ row, result: OnCall.safeParse(row) }));
  const whole = parsed.flatMap(({ result }) => (result.success ? [result.data] : []));
  const other = whole.some(({ escalation_policy: policy, schedule }) =>
    'policyIds' in by ? !ids.includes(policy.id) : schedule === null || !ids.includes(schedule.id),
  );
  if (other)
    throw malformed(
      operationOf(client),
      `it has rows of another ${'policyIds' in by ? 'escalation policy' : 'schedule'}`,
      200,
    );
  const live = whole.filter((row) => isLive(row) && isPerson(row.user));
  return {
    at,
    rows: live.map(rowOf),
    broken: parsed.flatMap(({ row, result }) =>
      result.success ? [] : [brokenOf(row, firstIssue(result.error))],
    ),
    people: new Map(live.flatMap(({ user }) => personOf(user))),
  };
}

async function listOnCalls(client: PagerDutyClient, query: Query, ask: Ask): Promise<Listed<unknown>> {
  const listing = {
    ...READ_ON_CALLS,
    path: ['oncalls'],
    query,
    rows: 'oncalls',
    row: z.unknown(),
    mayChange: true,
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listAll(client, listing, ask);
    } catch (error) {
      const hasChanged = error instanceof PagerDutyError && error.kind === 'malformed' && error.transient;
      if (!hasChanged || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

function operationOf({ host }: PagerDutyClient) {
  return { ...READ_ON_CALLS, host };
}

function brokenOf(row: unknown, why: string): BrokenRow {
  const { user, escalation_policy: policy, schedule } = Touched.parse(row);
  return { policyId: policy?.id ?? null, scheduleId: schedule?.id ?? null, userId: user?.id ?? null, why };
}

/** A deleted user, policy or schedule may linger as a stub: nobody is on call by that. */
function isLive({ user, escalation_policy, schedule }: OnCall): boolean {
  return !isDeleted(user) && !isDeleted(escalation_policy) && (schedule === null || !isDeleted(schedule));
}

function personOf({ id, summary, name, email }: OnCall['user']): readonly [string, PagerDutyUser][] {
  if (typeof email !== 'string') return [];
  return [[id, { id, name: name ?? summary ?? id, email }]];
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
