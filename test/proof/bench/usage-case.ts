import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nothingCollected } from '../../../src/core/usage/evidence.ts';
import { EVENT_TYPES } from '../../../src/core/usage/event-types.ts';
import type { Tracked } from '../../../src/core/usage/tracked.ts';
import { DAY, instantOf, plusMs } from '../../../src/core/values/instant.ts';
import { sha256 } from '../../../src/ledger/rows.ts';
import { grpcAuditLog } from '../../../src/teleport/audit-log.ts';
import type { TeleportClient } from '../../../src/teleport/connection/client.ts';
import { auditLogService } from '../../../src/teleport/connection/services.ts';
import { Followed, readWindow } from '../../../src/usage/read-on.ts';
import { rounded } from './measure.ts';

const A_PAGE = 500;
const WARM_UP = 20;
const MB = 2 ** 20;

/** One query of a database, as long as Teleport writes it: a kilobyte on the wire. */
function anEvent(index: number, time: string) {
  const text = (stringValue: string) => ({ stringValue });
  const list = (...values: string[]) => ({ listValue: { values: values.map(text) } });
  const labels = {
    structValue: {
      fields: Object.fromEntries(['env', 'region', 'team', 'tier'].map((name) => [name, text('production')])),
    },
  };
  const names = [
    'code',
    'namespace',
    'server_id',
    'private_key_policy',
    'db_protocol',
    'db_uri',
    'db_name',
    'db_user',
    'db_type',
    'db_origin',
  ];
  return {
    type: 'db.session.query',
    unstructured: {
      fields: {
        ...Object.fromEntries(names.map((name) => [name, text('of some length')])),
        ...{
          event: text('db.session.query'),
          uid: text(`uid-${index}`),
          time: text(time),
          cluster_name: text('root'),
        },
        ...{
          user: text('sre-1'),
          sid: text('session-1'),
          db_service: text('payments-main'),
          db_labels: labels,
        },
        ...{ ei: { numberValue: index }, user_kind: { numberValue: 1 }, success: { boolValue: true } },
        ...{ access_requests: list('request-1'), user_roles: list('sres', 'prodaccess', 'staff') },
        user_traits: {
          structValue: { fields: { email: list('sre-1@example.com'), logins: list('sre-1', 'root') } },
        },
        db_query: text('SELECT * FROM orders WHERE id = $1 '.repeat(6)),
      },
    },
  };
}

/**
 * (u) So many events of one access, read page by page as they come from the wire: the processor's time for each page of 500, all of
 * them found to be of the access and counted, and what the process has more in memory at the end than after the first tenth.
 */
export async function usageOf(events: number) {
  const from = instantOf(Date.parse('2026-03-03T00:00:00Z'));
  const until = plusMs(from, DAY);
  const { responseSerialize, responseDeserialize } = auditLogService.GetUnstructuredEvents;
  const items = Array.from({ length: A_PAGE }, (_, index) => anEvent(index, plusMs(from, index)));
  const bytes = responseSerialize({ items, last_key: '' });
  setFlagsFromString('--expose_gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  let page = 0;
  let pages = WARM_UP;
  let early = 0;
  const heap = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed / MB;
  };
  const call = () => {
    page += 1;
    if (page === Math.floor(pages / 10)) early = heap();
    const answer = responseDeserialize(bytes);
    for (const [index, { unstructured }] of answer.items.entries()) {
      const uid = unstructured?.fields['uid'];
      if (uid !== undefined) uid.stringValue = `uid-${page}-${index}`;
    }
    return Promise.resolve({ ...answer, last_key: page < pages ? String(page) : '' });
  };
  const log = grpcAuditLog({ call } as unknown as TeleportClient);
  const read = async () => {
    const followed = new Followed();
    const access: Tracked = {
      ...{ requestId: 'request-1', cluster: 'root', from, accessExpires: until, through: from },
      ...{ collected: nothingCollected, number: 0, stage: null, changed: false },
    };
    followed.put(access);
    const options = { log, digest: sha256, late: false };
    await readWindow(followed, { from, until, types: EVENT_TYPES }, options, new AbortController().signal);
    return followed.accesses.get('request-1')?.collected.tallies[0]?.count ?? 0;
  };
  await read();
  page = 0;
  pages = Math.ceil(events / A_PAGE);
  const before = process.cpuUsage();
  const counted = await read();
  const { user, system } = process.cpuUsage(before);
  return {
    events,
    counted,
    bytes_per_event: Math.round(bytes.length / A_PAGE),
    cpu_ms_per_500: rounded((user + system) / 1_000 / pages),
    grew_mb: rounded(heap() - early),
  };
}
