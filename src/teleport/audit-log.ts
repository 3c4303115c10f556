import { plusMs, parseInstant, type Instant } from '../core/values/instant.ts';
import type { AuditLog } from '../ports/usage.ts';
import { TeleportError } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { pagesOf } from './paging.ts';
import { auditLogService } from './connection/services.ts';
import type { EventUnstructured__Output } from './proto/generated/teleport/auditlog/v1/EventUnstructured.ts';
import { timestampOf } from './wire.ts';
import { createHash } from 'node:crypto';
import { countedAs, type AuditEvent, type UsedResource } from '../core/usage/event-types.ts';
import type { Struct__Output } from './proto/generated/google/protobuf/Struct.ts';
import type { Value__Output } from './proto/generated/google/protobuf/Value.ts';

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
const ASCENDING = 0 as const;

/** Teleport's audit log over gRPC: its events as they are stored, of all types, also those that this version does not know. */
export function grpcAuditLog(client: Pick<TeleportClient, 'call' | 'collect'>): AuditLog {
  return {
    /** Both ends of a search belong to it, at some back ends to the second: what is outside is left out here. */
    async *read({ from, until, types }, signal) {
      const pages = pagesOf(
        client,
        {
          what: 'the audit log',
          method: auditLogService.GetUnstructuredEvents,
          requestAt: (start_key) => ({
            namespace: 'default',
            start_date: timestampOf(from),
            end_date: timestampOf(plusMs(until, -1)),
            event_types: [...types],
            limit: PAGE_SIZE,
            start_key,
            order: ASCENDING,
          }),
          rows: (page) => page.items,
          next: (page) => page.last_key,
        },
        { action: READ, signal },
      );
      for await (const items of pages) {
        if (isFromTheEnd(items)) {
          const problem = 'teleport gave the audit log from its end to its beginning';
          throw new TeleportError('malformed', problem, { transient: true });
        }
        const known = items
          .map(({ unstructured }) => auditEventOf(unstructured))
          .filter((each) => each !== null);
        const events = known.filter(({ time }) => time >= from && time < until);
        yield { events, unreadable: items.length - known.length };
      }
    },

    /** Only Athena, on which Teleport Cloud runs, exports in chunks. */
    async isSlow(signal) {
      const date = { seconds: Math.floor(Date.now() / 1_000), nanos: 0 };
      try {
        await client.collect(auditLogService.GetEventExportChunks, { date }, { action: READ, signal });
        return true;
      } catch (error) {
        if (error instanceof TeleportError && error.kind === 'unsupported') return false;
        throw error;
      }
    },
  };
}

/** Sessions are known by their starts: what is read backwards gives wrong accounts. Some back ends know whole seconds only. */
function isFromTheEnd(items: readonly EventUnstructured__Output[]): boolean {
  const [first, last] = [items[0]?.time?.seconds, items.at(-1)?.time?.seconds];
  return first !== undefined && last !== undefined && first > last + 1;
}

/** Whatever is longer is no name; an event may have fields of a megabyte. */
const NAME_MAX = 200;
/** In a certificate; Teleport has no bound. */
const REQUESTS_MAX = 50;

type Fields = NonNullable<Struct__Output['fields']>;

/**
 * An event as Teleport's audit log has it → what is of use of it (gravitational/teleport, api/proto/teleport/legacy/types/events). Null for
 * what has no type or no time, of which nobody can say what it is. What is typed, and where from, is not looked at.
 */
export function auditEventOf(struct: Struct__Output | null): AuditEvent | null {
  const fields = struct?.fields ?? {};
  const type = text(fields, 'event');
  const time = parseInstant(text(fields, 'time'));
  if (type === '' || time === null) return null;
  const [uid, sid, user] = [text(fields, 'uid'), text(fields, 'sid'), text(fields, 'user')];
  const resource = resourceOf(type, fields);
  const login = first(fields, ['login', 'db_user', 'windows_user']);
  const stop = momentOf(text(fields, 'session_stop'));
  const recorded = recordedIn(fields);
  const identity = fieldsIn(fields, 'identity');
  const route = text(identity, 'route_to_cluster');
  const cluster = text(fields, 'cluster_name');
  const bytes = numberIn(fields, 'tx') + numberIn(fields, 'rx');
  const files = fields['file_transfer_stats']?.listValue?.values.length ?? 0;
  return {
    type,
    uid: uid === '' ? ownId(struct) : uid,
    time,
    cluster,
    requests: requestsIn(type, fields, identity),
    user: user === '' ? text(identity, 'user') : user,
    ...(sid === '' ? {} : { sid }),
    ...(resource === null ? {} : { resource }),
    ...(login === '' ? {} : { login }),
    ...(isFailed(type, fields) ? { failed: true } : {}),
    ...(stop === null ? {} : { stop }),
    ...(recorded === null ? {} : { recorded }),
    ...(route === '' || route === cluster ? {} : { route }),
    ...(bytes > 0 ? { bytes } : {}),
    ...(files > 0 ? { files } : {}),
  };
}

function requestsIn(type: string, fields: Fields, identity: Fields): readonly string[] {
  if (type === 'cert.create') return texts(identity, 'access_requests');
  if (!type.startsWith('lock.')) return texts(fields, 'access_requests');
  // `target` until it is removed: deprecated in 2023.
  const target = fieldsIn(fieldsIn(fields, 'lock'), 'target');
  const both = [target, fieldsIn(fields, 'target')].map((each) => text(each, 'access_request'));
  return [...new Set(both.filter((id) => id !== ''))];
}

function resourceOf(type: string, fields: Fields): UsedResource | null {
  // Names there what is changed, not where anybody was.
  if (countedAs(type) === 'administration') return null;
  if (type.startsWith('db.')) return named('db', text(fields, 'db_service'));
  if (type.startsWith('app.') || type.startsWith('mcp.')) return named('app', text(fields, 'app_name'));
  if (type.startsWith('windows.') || type.startsWith('desktop.'))
    return named('windows_desktop', text(fields, 'desktop_name'));
  if (type.startsWith('git.')) return named('git_server', text(fields, 'path'));
  if (type.startsWith('saml.'))
    return named('saml_idp_service_provider', text(fields, 'service_provider_entity_id'));
  const kube = text(fields, 'kubernetes_cluster');
  if (kube !== '') return named('kube_cluster', kube);
  const id = text(fields, 'server_id');
  const name = first(fields, ['server_hostname', 'server_id']);
  return name === '' ? null : { kind: 'node', name, ...(id === '' || id === name ? {} : { id }) };
}

function named(kind: string, name: string): UsedResource | null {
  return name === '' ? null : { kind, name };
}

/** Starts say it by `success`, those of applications by their code alone. */
function isFailed(type: string, fields: Fields): boolean {
  if (type === 'app.session.start') return text(fields, 'code') === 'T2007E';
  return fields['success']?.boolValue === false && /(?:\.start|\.auth)$/u.test(type);
}

function recordedIn(fields: Fields): boolean | null {
  if (text(fields, 'session_recording') === 'off') return false;
  return fields['recorded']?.boolValue === false ? false : null;
}

/** Teleport writes the zero time for one that is not set. */
function momentOf(value: string): Instant | null {
  return value.startsWith('0001-') ? null : parseInstant(value);
}

/** Teleport makes up another id each time for an event that has none. */
function ownId(struct: Struct__Output | null): string {
  return `sha256:${createHash('sha256')
    .update(JSON.stringify(inOrder(struct)))
    .digest('hex')}`;
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, inOrder(each)]));
}

function text(fields: Fields, name: string): string {
  return textOf(Object.hasOwn(fields, name) ? fields[name] : undefined);
}

/** The first of these that is there. */
function first(fields: Fields, names: readonly string[]): string {
  return names.map((name) => text(fields, name)).find((value) => value !== '') ?? '';
}

function textOf(value: Value__Output | undefined): string {
  return (value?.stringValue ?? '').slice(0, NAME_MAX).toWellFormed();
}

function texts(fields: Fields, name: string): readonly string[] {
  const values = fields[name]?.listValue?.values ?? [];
  return values.slice(0, REQUESTS_MAX).map(textOf);
}

function fieldsIn(fields: Fields, name: string): Fields {
  return fields[name]?.structValue?.fields ?? {};
}

/** Numbers are doubles, in old events sometimes text. */
function numberIn(fields: Fields, name: string): number {
  const value = fields[name]?.numberValue ?? Number(text(fields, name));
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
