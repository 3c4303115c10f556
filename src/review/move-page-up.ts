import type { Outcome } from '../core/effects/effect.ts';
import type { Ask, Incident } from '../ports/pagerduty.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * Pages the next escalation level of the incident's policy that has somebody on call. PagerDuty does not say at which level an
 * incident is: it is that of whoever has it now.
 */
export async function movePageUp(
  incident: Incident,
  { directory, incidents }: Pick<Dependencies, 'directory' | 'incidents'>,
  ask: Ask,
): Promise<Outcome> {
  const about = { incidentId: incident.id, url: incident.htmlUrl };
  if (incident.status === 'resolved')
    return { summary: 'the incident was resolved before', ours: false, ...about };
  const { rows } = await directory.onCallsUnder(incident.escalationPolicy.id, ask);
  const holders = new Set(incident.assignees.map(({ id }) => id));
  const reached = Math.max(
    1,
    ...rows.filter(({ user }) => holders.has(user.id)).map((row) => row.escalation_level),
  );
  const above = rows.map((row) => row.escalation_level).filter((level) => level > reached);
  if (above.length === 0) return { summary: 'the page is at the top of its policy', ours: false, ...about };
  const next = Math.min(...above);
  await incidents.moveTo(incident.id, next, ask);
  return { summary: `level ${next} is paged`, ours: true, ...about };
}
