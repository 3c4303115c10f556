import { z } from 'zod';
import type { Actor, Ask, HelpRequest } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { readLog } from './incident-timeline.ts';
import { actorOrNobody, Id } from './schema.ts';

/**
 * PagerDuty's schema does not have this entry; public readers see users in `responders`, as references or with one in `user`. What
 * has another shape tells nothing of whom it asks.
 */
const Asked = z.array(
  z.union([
    z.object({ user: z.object({ id: Id }) }).transform(({ user }) => user.id),
    z.object({ id: Id }).transform(({ id }) => id),
  ]),
);

/**
 * Who opened it again: the type of that entry is not documented, so it is whatever came next after the last resolution but notes.
 * Undefined where it was never resolved. Throws PagerDutyError.
 */
export async function readReopening(
  client: PagerDutyClient,
  incidentId: string,
  ask: Ask,
): Promise<Actor | null | undefined> {
  // PagerDuty: the newest first, and several may have the same second.
  const log = (await readLog(client, incidentId, ask))
    .toReversed()
    .sort(
      (one, other) => Number(one.created_at > other.created_at) - Number(one.created_at < other.created_at),
    );
  const resolvedAt = log.findLastIndex(({ type }) => type === 'resolve_log_entry');
  if (resolvedAt === -1) return undefined;
  const next = log.slice(resolvedAt + 1).find(({ type }) => type !== 'annotate_log_entry');
  return next?.agent ? actorOrNobody(next.agent) : null;
}

/** Who asked people to help, by the incident's log. Throws PagerDutyError. */
export async function readHelpRequests(
  client: PagerDutyClient,
  incidentId: string,
  ask: Ask,
): Promise<readonly HelpRequest[]> {
  const log = await readLog(client, incidentId, ask);
  return log
    .filter(({ type }) => type === 'responder_request_log_entry')
    .map(({ agent, responders }) => {
      const asked = Asked.safeParse(responders);
      return { by: actorOrNobody(agent), asked: asked.success ? asked.data : null };
    });
}
