import { randomUUID } from 'node:crypto';
import type { EventFields, Stored } from './audit-log.ts';
import { badParameter, notImplemented } from './errors.ts';
import { requireVerb } from './permissions.ts';
import { list, unary, type CallContext, type Method } from './rpc.ts';
import type { WireMessage } from './wire-types.ts';

const DEFAULT_LIMIT = 500;
const MOST = 10_000;
const PAGE_BYTES = 2 ** 20;

interface WireTime {
  readonly seconds: string;
  readonly nanos: number;
}

/** The methods of `teleport.auditlog.v1.AuditLogService`. */
export const auditLogMethods: Readonly<Record<string, Method>> = {
  GetUnstructuredEvents: unary(getEvents),
  GetEventExportChunks: list(getChunks),
};

function getEvents(
  request: {
    readonly start_date: WireTime | null;
    readonly end_date: WireTime | null;
    readonly event_types: readonly string[];
    readonly limit: number;
    readonly start_key: string;
    readonly order: number;
  },
  { cluster, roles }: CallContext,
): WireMessage {
  const { auditLog } = cluster;
  if (!auditLog.served) throw notImplemented('unknown service teleport.auditlog.v1.AuditLogService');
  requireVerb(roles, 'event', 'list');
  const { limit, start_key: startKey, order } = request;
  if (limit > MOST) throw badParameter(`limit ${limit} exceeds ${MOST}`);
  if (startKey !== '' && !/^\d+\/\d+$/u.test(startKey)) throw badParameter('unsupported keyset format');
  const found = auditLog.search({
    from: dateOf(request.start_date),
    until: dateOf(request.end_date),
    types: request.event_types,
  });
  // Teleport: the number is taken for `types.EventOrder`, whose 0 is ascending, whatever the enum calls it.
  const isDescending = auditLog.takesOrderByName ? order === 0 : order === 1;
  const ordered = isDescending ? found.toReversed() : found;
  const begin = Number(startKey.split('/')[1] ?? 0);
  const page: Stored[] = [];
  let bytes = 0;
  for (const stored of ordered.slice(begin, begin + (limit === 0 ? DEFAULT_LIMIT : limit))) {
    const size = JSON.stringify(stored.fields).length;
    if (page.length > 0 && bytes + size > PAGE_BYTES) break;
    bytes += size;
    page.push(stored);
  }
  const end = begin + page.length;
  return {
    items: page.map(toWire),
    last_key: end < ordered.length ? `${page.at(-1)?.time.getTime() ?? 0}/${end}` : '',
  };
}

function getChunks(
  { date }: { readonly date: WireTime | null },
  { cluster: { auditLog }, roles }: CallContext,
): readonly WireMessage[] {
  if (!auditLog.served) throw notImplemented('unknown service teleport.auditlog.v1.AuditLogService');
  requireVerb(roles, 'event', 'list');
  if (date === null) throw badParameter('missing parameter date');
  if (!auditLog.exports) throw notImplemented('backend does not support streaming export');
  return [{ chunk: randomUUID() }];
}

function toWire({ type, uid, time, fields }: Stored): WireMessage {
  const seconds = Math.floor(time.getTime() / 1_000);
  return {
    type,
    id: uid,
    time: { seconds, nanos: (time.getTime() % 1_000) * 1_000_000 },
    index: 0,
    unstructured: structOf(fields),
  };
}

/** JSON as `google.protobuf.Struct`. */
function structOf(fields: EventFields): WireMessage {
  return { fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, valueOf(value)])) };
}

function valueOf(value: unknown): WireMessage {
  if (value === null || value === undefined) return { nullValue: 0 };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(valueOf) } };
  return { structValue: structOf(value as EventFields) };
}

function dateOf(time: WireTime | null): Date {
  return new Date(Number(time?.seconds ?? 0) * 1_000 + Math.floor((time?.nanos ?? 0) / 1_000_000));
}
