import type { RequestId } from '../access-request.ts';
import type { Instant } from '../values/instant.ts';

/**
 * What an event of Teleport's audit log says of an access. `counted` ones are many, and carry what was typed: of them only the number is
 * kept; of all others the event itself, as far as it is of use.
 */
export type EventPart = 'start' | 'join' | 'end' | 'upload' | 'assumed' | 'cut' | 'restored' | 'counted';

/** What counted events are a number of. */
export type Counted =
  | 'commands'
  | 'queries'
  | 'requests'
  | 'files'
  | 'tunnels'
  | 'slices'
  | 'transfers'
  | 'git'
  | 'sign-ins'
  | 'administration'
  | 'data';

type Row =
  { readonly part: Exclude<EventPart, 'counted'> } | { readonly part: 'counted'; readonly as: Counted };

function counted(as: Counted): Row {
  return { part: 'counted', as };
}

const database = Object.fromEntries(
  [
    'query',
    'query.failed',
    'postgres.statements.execute',
    'postgres.function',
    'mysql.statements.execute',
    'mysql.statements.bulk_execute',
    'mysql.create_db',
    'mysql.drop_db',
    'mysql.shut_down',
    'mysql.process_kill',
    'sqlserver.rpc_request',
    'cassandra.execute',
    'cassandra.batch',
    'elasticsearch.request',
    'opensearch.request',
    'dynamodb.request',
    'spanner.rpc',
  ].map((name) => [`db.session.${name}`, counted('queries')]),
);

/** What the roles of administrators are used for has no session: without these it would be said that they were not used. */
const administration = Object.fromEntries(
  Object.entries({
    '.create .update .delete':
      'app db kube bot login_rule discovery_config integration plugin static_host_user user_task auto_update_config auto_update_version workload_identity access_list access_list.member device saml.idp.service.provider trusted_cluster',
    '.created .updated .deleted': 'role github oidc saml',
    '.create .updated .update .delete .password_change': 'user',
    '.update': 'auth_preference cluster_networking_config session_recording_config access_graph_settings',
    '.create': 'join_token trusted_cluster_token reset_password_token privilege_token device.token contact',
    '.review': 'access_request access_list',
    '.recording.access': 'session',
  }).flatMap(([deeds, names]) =>
    names
      .split(' ')
      .flatMap((name) => deeds.split(' ').map((deed) => [`${name}${deed}`, counted('administration')])),
  ),
) as Readonly<Record<string, Row>>;

/** Event types by their names in Teleport (lib/events/api.go). Those that an older Teleport does not know match nothing there. */
const TYPES: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    'session.start': { part: 'start' },
    'session.join': { part: 'join' },
    'session.end': { part: 'end' },
    'session.upload': { part: 'upload' },
    'session.data': counted('data'),
    exec: counted('commands'),
    scp: counted('files'),
    sftp: counted('files'),
    port: counted('tunnels'),
    'port.local': counted('tunnels'),
    'port.remote': counted('tunnels'),
    'x11-forward': counted('tunnels'),
    'kube.request': counted('requests'),
    'db.session.start': { part: 'start' },
    'db.session.end': { part: 'end' },
    ...database,
    'app.session.start': { part: 'start' },
    'app.session.chunk': counted('slices'),
    'app.session.end': { part: 'end' },
    'app.session.dynamodb.request': counted('requests'),
    'windows.desktop.session.start': { part: 'start' },
    'windows.desktop.session.end': { part: 'end' },
    'desktop.clipboard.send': counted('transfers'),
    'desktop.clipboard.receive': counted('transfers'),
    'desktop.directory.read': counted('transfers'),
    'desktop.directory.write': counted('transfers'),
    'git.command': counted('git'),
    'mcp.session.start': { part: 'start' },
    'mcp.session.end': { part: 'end' },
    'mcp.session.request': counted('requests'),
    'saml.idp.auth': counted('sign-ins'),
    ...administration,
    'cert.create': { part: 'assumed' },
    'lock.created': { part: 'cut' },
    'lock.deleted': { part: 'restored' },
  }),
);

/** Every type that is asked for. */
export const EVENT_TYPES: readonly string[] = [...TYPES.keys()].sort();

/** Those that may come a day late, and are kept one by one: they are read a second time. */
export const LATE_TYPES: readonly string[] = EVENT_TYPES.filter((type) => partOf(type) !== 'counted');

/** Null for a type that was not asked for. */
export function partOf(type: string): EventPart | null {
  return TYPES.get(type)?.part ?? null;
}

/** What events of a counted type are a number of; null for those that are kept. */
export function countedAs(type: string): Counted | null {
  const row = TYPES.get(type);
  return row?.part === 'counted' ? row.as : null;
}

/** What was used, in the words of Teleport's resource kinds. */
export interface UsedResource {
  readonly kind: string;
  readonly name: string;
  /** The id by which requests name it, where that is another than the name (of nodes). */
  readonly id?: string;
}

/**
 * One event of Teleport's audit log, as far as it is of use: never what was typed, never where from. Whatever is absent in the event is
 * absent here. All texts are of others.
 */
export interface AuditEvent {
  /** For instance `session.start`. */
  readonly type: string;
  readonly uid: string;
  readonly time: Instant;
  /** The cluster in whose log it stands. */
  readonly cluster: string;
  /** Requests in the certificate by which it was done; of a lock, those that it is on. */
  readonly requests: readonly RequestId[];
  readonly user: string;
  readonly sid?: string;
  readonly resource?: UsedResource;
  readonly login?: string;
  /** A start, or a sign-in, that came to nothing. */
  readonly failed?: true;
  /** By an end event. */
  readonly stop?: Instant;
  /** Whether the session was to be recorded, where the event says. */
  readonly recorded?: boolean;
  /** Of a certificate for another cluster. */
  readonly route?: string;
  readonly bytes?: number;
  readonly files?: number;
}
