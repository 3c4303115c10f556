import type { Reference } from '../../core/on-call.ts';
import { plusMs, type Instant } from '../../core/values/instant.ts';
import type { PagerDutyLookAhead } from '../../ports/look-ahead.ts';
import type { Ask, IncidentStatus, OnCallDirectory } from '../../ports/pagerduty.ts';

/** Who is asked by a page, and who would be next. */
export interface AskedOn {
  readonly status: IncidentStatus;
  readonly now: readonly Reference[];
  /** Null where nobody is above, or the page goes no further because somebody has acknowledged it. */
  readonly next: { readonly people: readonly Reference[]; readonly at: Instant | null } | null;
}

/**
 * Who has the incident now, who is on call at the next level of its policy that anybody is on call at, and when PagerDuty goes there.
 * Null for an incident that is gone. Throws PagerDutyError.
 */
export async function askedOn(
  incidentId: string,
  {
    directory,
    lookAhead,
  }: { directory: Pick<OnCallDirectory, 'onCallsUnder'>; lookAhead: Pick<PagerDutyLookAhead, 'escalation'> },
  ask: Ask,
): Promise<AskedOn | null> {
  const found = await lookAhead.escalation(incidentId, ask);
  if (found === null) return null;
  const { status, assignees, since, policyId, delaysMs } = found;
  if (status !== 'triggered') return { status, now: assignees, next: null };
  const { rows } = await directory.onCallsUnder([policyId], null, ask);
  const levelsOf = (id: string) =>
    rows.filter(({ user }) => user.id === id).map((row) => row.escalation_level);
  const level = Math.max(1, ...assignees.map(({ id }) => Math.min(...levelsOf(id))).filter(Number.isFinite));
  const above = rows.filter((row) => row.escalation_level > level);
  if (above.length === 0) return { status, now: assignees, next: null };
  const nextLevel = Math.min(...above.map((row) => row.escalation_level));
  const next = above.filter((row) => row.escalation_level === nextLevel).map(({ user }) => user);
  const people = [...new Map(next.map((user) => [user.id, user])).values()];
  const delayMs = delaysMs[level - 1];
  return {
    status,
    now: assignees,
    next: { people, at: since === null || delayMs === undefined ? null : plusMs(since, delayMs) },
  };
}
