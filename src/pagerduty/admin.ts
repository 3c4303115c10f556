import { z } from 'zod';
import { PagerDutyError, type Ask, type OnCallDirectory, type PagerDutyAdmin } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { malformed } from './http/errors.ts';
import { OPEN_INCIDENT } from './incident-search.ts';
import { listUsers } from './on-call-directory.ts';
import { pingWebhook, webhookSubscriptions } from './webhook-subscriptions.ts';
import type { TargetKind } from '../core/rule.ts';
import { listAll } from './http/paging.ts';
import { isDeleted, Named } from './schema.ts';
import { listSchedules } from './schedules.ts';

/** PagerDuty: `offset` and `limit` together are 10,000 at most. */
const MOST_PAGES = 100;

/**
 * Checks of the credentials, for start-up and the `check` command. `readingOnly` writes with the reading key, and is there
 * where that is another than the writing one.
 */
export function createPagerDutyAdmin(
  client: PagerDutyClient,
  directory: OnCallDirectory,
  readingOnly: PagerDutyClient | null = null,
): PagerDutyAdmin {
  return {
    reachable: async (ask: Ask) => {
      const about = { doing: 'reach PagerDuty', scope: 'users.read' };
      // Not GET /abilities, which looks cheaper: its own OAuth scope is needed for nothing else here.
      const answer = z.object({ users: z.array(z.unknown()) });
      const call = { ...about, path: ['users'], query: { limit: '1' }, answer };
      const { at, status } = await client.call(call, ask);
      if (at === null) throw malformed({ ...about, host: client.host }, 'it has no `Date` header', status);
      return { at };
    },
    mayWrite: (ask: Ask) => writeNothing(client, ask),
    readKeyMayWrite: async (ask: Ask) => {
      if (readingOnly === null) return null;
      try {
        await writeNothing(readingOnly, ask);
        return true;
      } catch (error) {
        if (error instanceof PagerDutyError && error.kind === 'forbidden') return false;
        throw error;
      }
    },
    users: async (ask: Ask) => {
      const users = await listUsers(client, MOST_PAGES, ask);
      if (users !== null) return users;
      throw new PagerDutyError('refused', 'PagerDuty lists no more than 10,000 users');
    },
    namesOf: (kind, ask) => namesOf(client, kind, ask),
    webhookSubscriptions: (ask) => webhookSubscriptions(client, ask),
    pingWebhook: (id, ask) => pingWebhook(client, id, ask),
    fromUser: async (ask: Ask) => {
      const [user, ...others] = await directory.usersByEmail(client.from, ask);
      if (others.length > 0) {
        const problem = 'several PagerDuty users have the `from` address; give the service a user of its own';
        throw new PagerDutyError('ambiguous', problem);
      }
      return user ?? null;
    },
  };
}

/** An incident without title and service opens nothing; but whether the key may open one is told before that. */
async function writeNothing(client: PagerDutyClient, ask: Ask): Promise<void> {
  try {
    await client.call({ ...OPEN_INCIDENT, path: ['incidents'], body: {}, answer: z.unknown() }, ask);
  } catch (error) {
    if (error instanceof PagerDutyError && error.status === 400) return;
    throw error;
  }
}

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
async function namesOf(client: PagerDutyClient, kind: TargetKind, ask: Ask): Promise<readonly string[]> {
  const rows =
    kind === 'schedule'
      ? await listSchedules(client, ask)
      : (await listAll(client, { ...LISTINGS[kind], row: Named }, ask)).rows;
  return rows.filter((row) => !isDeleted(row)).map(({ name }) => name);
}
