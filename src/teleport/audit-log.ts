import { plusMs } from '../core/values/instant.ts';
import type { AuditLog, AuditPage, AuditQuery } from '../ports/audit-log.ts';
import { TeleportError } from '../ports/teleport.ts';
import { auditEventOf } from './audit-event.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { auditLogService } from './connection/services.ts';
import type { EventUnstructured__Output } from './proto/generated/teleport/auditlog/v1/EventUnstructured.ts';
import { timestampOf } from './wire.ts';

const READ: Action = {
  does: 'read the audit log',
  needs:
    "the service's user needs a role that allows the verb list on event, " +
    'in YAML `- { resources: [event], verbs: [list] }` among its `rules`',
};
/** Teleport's own, unless told; it refuses more than 10,000. */
const PAGE_SIZE = 500;
/**
 * From the old to the new. The enum calls 0 descending and 1 ascending, and Teleport does the opposite: its client and its server turn the
 * number into `types.EventOrder`, whose 0 is ascending (gravitational/teleport, PR 7425; lib/auth/grpcserver.go).
 */
const ASCENDING = 0;

/** Teleport's audit log over gRPC: its events as they are stored, of all types, also those that this version does not know. */
export class GrpcAuditLog implements AuditLog {
  readonly #client: TeleportClient;

  constructor(client: TeleportClient) {
    this.#client = client;
  }

  /** Both ends of a search belong to it, at some back ends to the second: what is outside is left out here. */
  async *read({ from, until, types }: AuditQuery, signal: AbortSignal): AsyncIterable<AuditPage> {
    let start_key = '';
    do {
      const { items, last_key } = await this.#client.call(
        auditLogService.GetUnstructuredEvents,
        {
          namespace: 'default',
          start_date: timestampOf(from),
          end_date: timestampOf(plusMs(until, -1)),
          event_types: [...types],
          limit: PAGE_SIZE,
          start_key,
          order: ASCENDING,
        },
        { action: READ, signal },
      );
      if (isFromTheEnd(items))
        throw new TeleportError('malformed', 'teleport gave the audit log from its end to its beginning', {
          transient: true,
        });
      const events = items.map(({ unstructured }) => auditEventOf(unstructured));
      const known = events.filter((event) => event !== null);
      yield {
        events: known.filter(({ time }) => time >= from && time < until),
        unreadable: events.length - known.length,
      };
      if (last_key !== '' && last_key === start_key)
        throw new TeleportError('malformed', 'teleport gave the same page of the audit log twice', {
          transient: true,
        });
      start_key = last_key;
    } while (start_key !== '');
  }

  /** Only Athena, on which Teleport Cloud runs, exports in chunks. */
  async isSlow(signal: AbortSignal): Promise<boolean> {
    const date = { seconds: Math.floor(Date.now() / 1_000), nanos: 0 };
    try {
      await this.#client.collect(auditLogService.GetEventExportChunks, { date }, { action: READ, signal });
      return true;
    } catch (error) {
      if (error instanceof TeleportError && error.kind === 'unsupported') return false;
      throw error;
    }
  }
}

/** Sessions are known by their starts: what is read backwards gives wrong accounts. Some back ends know whole seconds only. */
function isFromTheEnd(items: readonly EventUnstructured__Output[]): boolean {
  const [first, last] = [items[0]?.time?.seconds, items.at(-1)?.time?.seconds];
  return first !== undefined && last !== undefined && Number(first) > Number(last) + 1;
}
