import { deepStrictEqual, equal } from 'node:assert/strict';

import { parseInstant } from '../../../src/core/values/instant.ts';
import type { AuditEvent } from '../../../src/core/usage/event-types.ts';
import type { Scene } from './scene.ts';
import { failure } from './scene.ts';

const AUDIT_LOG = '/teleport.auditlog.v1.AuditLogService';
const at = (text: string) => parseInstant(text) ?? failed(text);
const [FROM, UNTIL] = [at('2026-03-03T02:00:00Z'), at('2026-03-03T03:00:00Z')];

function failed(text: string): never {
  throw new Error(`${text} is no time`);
}

/** The audit log, as Teleport's generated server sends it: whatever JSON, page by page. */
export async function checkAuditLog({ peer, connection, results, signal }: Scene): Promise<void> {
  const { auditLog } = connection;
  const read = async (): Promise<readonly AuditEvent[]> => {
    const events: AuditEvent[] = [];
    const query = { from: FROM, until: UNTIL, types: ['session.start', 'db.session.query'] };
    for await (const page of auditLog.read(query, signal)) events.push(...page.events);
    return events;
  };
  await results.check('events of the audit log are read, page after page', async () => {
    const envelope = {
      cluster_name: 'prod',
      user: 'sre-1',
      access_requests: ['request-1'],
      sid: 'session-1',
    };
    const start = {
      ...{ ...envelope, event: 'session.start', uid: 'uid-1', time: '2026-03-03T02:11:09.412Z' },
      ...{ login: 'root', server_id: 'id-1', server_hostname: 'web-1', 'addr.remote': '198.51.100.7:51820' },
      ...{
        session_recording: 'off',
        user_roles: ['sres'],
        ei: 0,
        participants: null,
        nested: { deep: [1, true] },
      },
    };
    const query = {
      ...{ ...envelope, event: 'db.session.query', uid: 'uid-2', time: '2026-03-03T02:12:00.001Z' },
      ...{ db_service: 'orders', db_user: 'readonly', db_query: 'SELECT 1', success: true },
    };
    const item = (unstructured: typeof start | typeof query) => ({ type: unstructured.event, unstructured });
    await peer.script(
      `${AUDIT_LOG}/GetUnstructuredEvents`,
      { messages: [{ items: [item(start)], last_key: 'further' }] },
      { messages: [{ items: [item(query)] }] },
    );
    await peer.calls();
    const known = { cluster: 'prod', user: 'sre-1', requests: ['request-1'], sid: 'session-1' };
    deepStrictEqual(await read(), [
      {
        ...{ ...known, type: 'session.start', uid: 'uid-1', time: at(start.time), login: 'root' },
        ...{ resource: { kind: 'node', name: 'web-1', id: 'id-1' }, recorded: false },
      },
      {
        ...{ ...known, type: 'db.session.query', uid: 'uid-2', time: at(query.time), login: 'readonly' },
        resource: { kind: 'db', name: 'orders' },
      },
    ]);
    const asked = {
      ...{ namespace: 'default', limit: 500, event_types: ['session.start', 'db.session.query'] },
      start_date: { seconds: '1772503200' },
      end_date: { seconds: '1772506799', nanos: 999_000_000 },
    };
    const calls = (await peer.calls()).map(({ request }) => request);
    deepStrictEqual(calls, [asked, { ...asked, start_key: 'further' }]);
  });
  await results.check('a search too many is said to be limited', async () => {
    await peer.script(`${AUDIT_LOG}/GetUnstructuredEvents`, {
      error: { code: 8, message: 'rate limit exceeded for searching events' },
    });
    equal((await failure(read())).kind, 'limited');
  });
  await results.check('searches are cheap where nothing is exported', async () => {
    equal(await auditLog.isSlow(signal), false);
  });
  if (!peer.hasMethod('teleport.auditlog.v1.AuditLogService', 'GetEventExportChunks')) return;
  await results.check('and dear where the log is exported in chunks', async () => {
    await peer.script(`${AUDIT_LOG}/GetEventExportChunks`, {
      messages: [{ chunk: 'one' }, { chunk: 'two' }],
    });
    equal(await auditLog.isSlow(signal), true);
  });
}
