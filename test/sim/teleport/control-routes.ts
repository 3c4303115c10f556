import { z } from 'zod';
import { alreadyExists } from './errors.ts';
import { tbotFiles } from './identity-file.ts';
import { REQUEST_STATES } from './model.ts';
import { person, type Session } from './people.ts';
import type { SimulatedTeleport } from './start-teleport.ts';

/**
 * What another process may do to the simulated cluster, over HTTP with JSON. A refusal by the cluster's own rules
 * answers 409 with `{ code, message }`, an unreadable body 400.
 *
 * | method and path                            | body                                             | effect                          |
 * |--------------------------------------------|--------------------------------------------------|---------------------------------|
 * | GET /state                                 |                                                  | requests, locks, watchers       |
 * | POST /requests                             | user, roles, reason?, resources?, pending_ms?    | makes a request                 |
 * | POST /requests/{id}/reviews                | author, state, reason?                           | reviews as that user            |
 * | POST /requests/{id}/sessions               | user, host, database                             | opens one on each, assumed      |
 * | POST /requests/{id}/sessions/end           |                                                  | ends those                      |
 * | POST /sweep                                | grace_ms?                                        | removes the requests now over   |
 * | POST /roles                                | name, and `spec.allow` as Teleport's             | 409 where there is one          |
 * | POST /users/{name}                         | roles, bot?                                      | changes one, or adds it         |
 * | POST /users/{name}/identity                |                                                  | the files that tbot writes      |
 */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  route('GET', '/state', stateOf),
  route('POST', '/requests', createRequest),
  route('POST', '/requests/([^/]+)/reviews', submitReview),
  route('POST', '/requests/([^/]+)/sessions', openSessions),
  route('POST', '/requests/([^/]+)/sessions/end', endSessions),
  route('POST', '/sweep', sweep),
  route('POST', '/roles', createRole),
  route('POST', '/users/([^/]+)', putUser),
  route('POST', '/users/([^/]+)/identity', sign),
];

/** Gets the body and the id in the path; throws a `ZodError` for a body of the wrong shape. */
type ControlHandler = (teleport: SimulatedTeleport, input: unknown, id: string) => unknown;

export interface ControlRoute {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly handle: ControlHandler;
}

function route(method: ControlRoute['method'], path: string, handle: ControlHandler): ControlRoute {
  return { method, path: new RegExp(`^${path}$`), handle };
}

function stateOf(teleport: SimulatedTeleport) {
  const { cluster, clusterName, authAddr, proxyAddr } = teleport;
  return {
    cluster_name: clusterName,
    edition: cluster.capabilities.edition,
    server_version: cluster.capabilities.serverVersion,
    auth_addr: authAddr,
    proxy_addr: proxyAddr,
    users: cluster.directory.users(),
    requests: cluster.requests(),
    locks: cluster.locks.list({ targets: [], inForceOnly: false }),
    watchers: cluster.watches.watchers.map(({ user, kinds, initialized }) => ({ user, kinds, initialized })),
  };
}

const opened = new Map<string, readonly Session[]>();

function openSessions({ cluster }: SimulatedTeleport, input: unknown, id: string): void {
  const { user, host, database } = z
    .strictObject({ user: z.string(), host: z.string(), database: z.string() })
    .parse(input);
  const somebody = person(cluster, user);
  somebody.assume(id);
  opened.set(id, [somebody.ssh(host, { commands: 3 }), somebody.database(database, 14)]);
}

function endSessions(_teleport: SimulatedTeleport, _input: unknown, id: string): void {
  for (const session of opened.get(id) ?? []) session.end();
  opened.delete(id);
}

function createRequest({ cluster }: SimulatedTeleport, input: unknown) {
  const {
    pending_ms: pendingMs,
    resources,
    ...request
  } = z
    .strictObject({
      user: z.string(),
      roles: z.array(z.string()),
      /** `kind/name` each, in the root cluster. */
      resources: z.array(z.string()).default([]),
      reason: z.string().default(''),
      pending_ms: z.number().optional(),
    })
    .parse(input);
  const pendingExpiry = pendingMs === undefined ? null : new Date(cluster.now().getTime() + pendingMs);
  const resourceIds = resources.map((each) => {
    const [kind = '', name = ''] = each.split('/');
    return { cluster: cluster.clusterName, kind, name, subResource: '' };
  });
  return cluster.createRequest({ ...request, resourceIds, pendingExpiry });
}

function submitReview({ cluster }: SimulatedTeleport, input: unknown, requestId: string) {
  const { author, state, reason } = z
    .strictObject({ author: z.string(), state: z.enum(REQUEST_STATES), reason: z.string().default('') })
    .parse(input);
  return cluster.submitReview({ requestId, author, proposedState: state, reason });
}

function sweep({ cluster }: SimulatedTeleport, input: unknown) {
  const { grace_ms: graceMs } = z.strictObject({ grace_ms: z.number().optional() }).parse(input);
  return { removed: cluster.sweepExpired(graceMs === undefined ? {} : { graceMs }) };
}

const AllowedRoles = z.strictObject({ roles: z.array(z.string()) });
const Rule = z.strictObject({ resources: z.array(z.string()), verbs: z.array(z.string()) });

/** As `tctl create` without `-f`. What the simulator does not know is refused, so that nobody takes it for granted. */
function createRole({ cluster: { directory } }: SimulatedTeleport, input: unknown): void {
  const { metadata, spec } = z
    .strictObject({
      kind: z.literal('role'),
      version: z.literal('v7'),
      metadata: z.strictObject({ name: z.string() }),
      spec: z.strictObject({
        allow: z.strictObject({
          request: AllowedRoles.optional(),
          review_requests: AllowedRoles.optional(),
          rules: z.array(Rule).optional(),
        }),
      }),
    })
    .parse(input);
  if (directory.hasRole(metadata.name)) throw alreadyExists(`role "${metadata.name}" already exists`);
  const { review_requests: reviewRequests, request, rules } = spec.allow;
  directory.putRole({
    name: metadata.name,
    allow: {
      ...(request === undefined ? {} : { request }),
      ...(reviewRequests === undefined ? {} : { reviewRequests }),
      ...(rules === undefined ? {} : { rules }),
    },
  });
}

function putUser({ cluster: { directory } }: SimulatedTeleport, input: unknown, name: string): void {
  const change = z
    .strictObject({ roles: z.array(z.string()), bot: z.boolean().exactOptional() })
    .parse(input);
  const before = directory.users().find((user) => user.name === name);
  directory.putUser({ ...(before ?? { name, traits: {} }), ...change });
}

function sign({ cluster: { directory }, authorities }: SimulatedTeleport, _input: unknown, name: string) {
  return tbotFiles(authorities.credentialsFor(directory.user(name)));
}
