import type { Outcome } from '../../core/record/effect.ts';
import type { OnCallRow } from '../../core/on-call.ts';
import type { Ask, Incident, Incidents, OnCallDirectory } from '../../ports/pagerduty.ts';

interface EscalateDependencies {
  readonly directory: Pick<OnCallDirectory, 'onCallsUnder'>;
  readonly incidents: Pick<Incidents, 'moveTo' | 'raise'>;
}

interface HowToEscalate {
  /** Whoever has it is not waited for: with nobody above, the first level is asked again. */
  readonly anew?: boolean;
  /** Who is not to be asked; null where that is not known. */
  readonly requester: string | null;
}

/**
 * Pages the next escalation level of the incident's policy that has somebody on call beside the requester. PagerDuty does not say at
 * which level an incident is: it is that of whoever has it now, and of who is on call at several levels the first, so that none is
 * left out. What is of low urgency is raised first, since PagerDuty moves it nowhere.
 */
export async function escalateIncident(
  incident: Incident,
  { anew = false, requester }: HowToEscalate,
  { directory, incidents }: EscalateDependencies,
  ask: Ask,
): Promise<Outcome> {
  const about = { ours: false, incidentId: incident.id, url: incident.htmlUrl };
  if (incident.status === 'resolved') return { summary: 'the incident was resolved before', ...about };
  const { rows } = await directory.onCallsUnder([incident.escalationPolicy.id], null, ask);
  const levels = rows.filter(({ user }) => user.id !== requester).map((row) => row.escalation_level);
  if (anew && levels.length === 0)
    return { summary: 'nobody else is on call under its policy', ...about, reaches: 'nobody' };
  // Of who is not on call under the policy at all: the incident was given to them by hand, or their shift is over.
  const outside = anew ? 0 : 1;
  const reached = Math.max(outside, ...incident.assignees.map(({ id }) => firstLevelOf(id, rows) ?? outside));
  const above = levels.filter((level) => level > reached);
  if (above.length === 0 && !anew) return { summary: 'the page is at the top of its policy', ...about };
  const next = Math.min(...(above.length === 0 ? levels : above));
  if (incident.urgency === 'low') await incidents.raise(incident.id, ask);
  await incidents.moveTo(incident.id, next, ask);
  return { ...about, summary: `level ${next} is paged`, ours: true };
}

function firstLevelOf(userId: string, rows: readonly OnCallRow[]): number | null {
  const levels = rows.filter(({ user }) => user.id === userId).map((row) => row.escalation_level);
  return levels.length === 0 ? null : Math.min(...levels);
}
