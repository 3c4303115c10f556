import type { Outcome } from '../../core/record/effect.ts';
import type { OnCallRow } from '../../core/on-call.ts';
import type { Ask, Incident, Incidents, OnCallDirectory } from '../../ports/pagerduty.ts';

interface EscalateDependencies {
  readonly directory: Pick<OnCallDirectory, 'onCallsUnder'>;
  readonly incidents: Pick<Incidents, 'moveTo'>;
}

/**
 * Pages the next escalation level of the incident's policy that has somebody on call. PagerDuty does not say at which level an
 * incident is: it is that of whoever has it now, and of who is on call at several levels the first, so that none is left out.
 */
export async function escalateIncident(
  incident: Incident,
  { directory, incidents }: EscalateDependencies,
  ask: Ask,
): Promise<Outcome> {
  const about = { incidentId: incident.id, url: incident.htmlUrl };
  if (incident.status === 'resolved')
    return { summary: 'the incident was resolved before', ours: false, ...about };
  const { rows } = await directory.onCallsUnder([incident.escalationPolicy.id], null, ask);
  const reached = Math.max(1, ...incident.assignees.map(({ id }) => firstLevelOf(id, rows)));
  const above = rows.map((row) => row.escalation_level).filter((level) => level > reached);
  if (above.length === 0) return { summary: 'the page is at the top of its policy', ours: false, ...about };
  const next = Math.min(...above);
  await incidents.moveTo(incident.id, next, ask);
  return { summary: `level ${next} is paged`, ours: true, ...about };
}

/** 1 for who is not on call under the policy at all: the incident was given to them by hand. */
function firstLevelOf(userId: string, rows: readonly OnCallRow[]): number {
  const levels = rows.filter(({ user }) => user.id === userId).map((row) => row.escalation_level);
  return levels.length === 0 ? 1 : Math.min(...levels);
}
