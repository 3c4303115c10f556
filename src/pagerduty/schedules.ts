import { z } from 'zod';
import { PagerDutyError, type Ask } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './client.ts';
import { lookUp, nullIfNoSuchId } from './lookup.ts';
import { listAll } from './paging.ts';
import { Named, NamedOrReference } from './schema.ts';

const ABOUT = { doing: 'look up a schedule', scope: 'schedules.read' };

/**
 * A schedule of either kind. PagerDuty keeps the two apart: `/schedules` knows the layer-based ones, `/v3/schedules`
 * the shift-based ones, which keep their id when they are upgraded. On-call rows name both alike.
 */
export function findSchedule(client: PagerDutyClient, idOrName: string, ask: Ask): Promise<Named> {
  return lookUp({
    noun: 'schedule',
    idOrName,
    byId: async (id) =>
      (await nullIfNoSuchId(scheduleById(client, ['schedules', id], ask))) ??
      (await scheduleById(client, ['v3', 'schedules', id], ask)),
    containing: async (name) => [
      ...(await schedulesContaining(client, ['schedules'], name, ask)),
      ...(await noneIfNotOffered(schedulesContaining(client, ['v3', 'schedules'], name, ask))),
    ],
  });
}

async function scheduleById(client: PagerDutyClient, path: readonly string[], ask: Ask): Promise<Named> {
  const answer = z.object({ schedule: NamedOrReference });
  return (await client.call({ ...ABOUT, method: 'GET', path, answer }, ask)).body.schedule;
}

async function schedulesContaining(
  client: PagerDutyClient,
  path: readonly string[],
  name: string,
  ask: Ask,
): Promise<readonly Named[]> {
  const listing = { ...ABOUT, path, query: { query: name }, rows: 'schedules', row: NamedOrReference };
  return (await listAll(client, listing, ask)).rows;
}

/** An account whose plan lacks shift-based schedules has none of them. */
async function noneIfNotOffered(answer: Promise<readonly Named[]>): Promise<readonly Named[]> {
  try {
    return await answer;
  } catch (error) {
    const notOffered =
      error instanceof PagerDutyError && (error.status === 402 || error.kind === 'not-found');
    if (notOffered) return [];
    throw error;
  }
}
