import { z } from 'zod';
import type { Ask, HelpRequest } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { readLog } from './incident-timeline.ts';
import { actorOrNobody } from './references.ts';
import { Id } from './schema.ts';

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
