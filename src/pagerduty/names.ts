import type { TargetKind } from '../core/rule.ts';
import type { Ask } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { listAll } from './http/paging.ts';
import { isDeleted } from './references.ts';
import { listSchedules } from './schedules.ts';
import { Named } from './schema.ts';

const LISTINGS = {
  service: { doing: 'list services', scope: 'services.read', path: ['services'], rows: 'services' },
  'escalation policy': {
    doing: 'list escalation policies',
    scope: 'escalation_policies.read',
    path: ['escalation_policies'],
    rows: 'escalation_policies',
  },
} as const;

/** The names of everything of this kind that the key may see. Throws PagerDutyError. */
export async function namesOf(
  client: PagerDutyClient,
  kind: TargetKind,
  ask: Ask,
): Promise<readonly string[]> {
  const rows =
    kind === 'schedule'
      ? await listSchedules(client, ask)
      : (await listAll(client, { ...LISTINGS[kind], row: Named }, ask)).rows;
  return rows.filter((row) => !isDeleted(row)).map(({ name }) => name);
}
