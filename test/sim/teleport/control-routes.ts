import { status } from '@grpc/grpc-js';
import { z } from 'zod';
import { StatusError } from './errors.ts';
import { FAULT_KINDS } from './faults.ts';
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
 * | GET /calls                                 |                                                  | every RPC so far                |
 * | POST /requests                             | user, roles, reason?, max_duration_ms?,          | creates an access request       |
 * |                                            | pending_ms?, suggested_reviewers?                |                                 |
 * | POST /requests/{id}/reviews                | author, state, reason?                           | reviews as that user            |
 * | POST /requests/{id}/state                  | state, reason?, roles?                           | sets the state                  |
 * | POST /requests/{id}/promote                |                                                  | promotes it to an access list   |
 * | POST /requests/{id}/sessions               | user, host, database                             | opens one on each, assumed      |
 * | POST /requests/{id}/sessions/end           |                                                  | ends those                      |
 * | POST /requests/{id}/lapse                  |                                                  | lets its pending time pass      |
 * | DELETE /requests/{id}                      |                                                  | deletes it                      |
 * | POST /sweep                                | grace_ms?                                        | removes the requests now over   |
 * | POST /identities                           | user, ttl_ms?                                    | signs an identity file          |
 * | POST /watches/cut                          | code?, message?                                  | ends all watches; EOF if no code|
 * | POST /watches/{hold,release}-init          |                                                  | keeps INIT back, or sends it    |
 * | POST /watches/{hold,release,drop}-events   |                                                  | keeps events back, and so on    |
 * | POST /faults                               | method, kind, times?, code?, message?, ms?       | arms a fault (see `faults.ts`)  |
 * | DELETE /faults                             |                                                  | disarms all                     |
 * | POST /restart                              |                                                  | restarts the auth server        |
 */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  route('GET', '/state', stateOf),
  route('GET', '/calls', ({ calls }) => ({ calls: calls.all })),
  route('POST', '/requests', createRequest),
  route('POST', '/requests/([^/]+)/reviews', submitReview),
  route('POST', '/requests/([^/]+)/state', setState),
  route('POST', '/requests/([^/]+)/promote', ({ cluster }, _input, id) => cluster.promoteRequest(id)),
  route('POST', '/requests/([^/]+)/sessions', openSessions),
  route('POST', '/requests/([^/]+)/sessions/end', endSessions),
  route('POST', '/requests/([^/]+)/lapse', ({ cluster }, _input, id) => cluster.lapseRequest(id)),
  route('DELETE', '/requests/([^/]+)', ({ cluster }, _input, id) => cluster.deleteRequest(id)),
  route('POST', '/sweep', sweep),
  route('POST', '/identities', signIdentity),
  route('POST', '/watches/cut', cutWatches),
  route('POST', '/watches/hold-init', ({ cluster }) => cluster.watches.holdInit()),
  route('POST', '/watches/release-init', ({ cluster }) => cluster.watches.releaseInit()),
  route('POST', '/watches/hold-events', ({ cluster }) => cluster.watches.holdEvents()),
  route('POST', '/watches/release-events', ({ cluster }) => cluster.watches.releaseEvents()),
  route('POST', '/watches/drop-events', ({ cluster }) => cluster.watches.dropHeldEvents()),
  route('POST', '/faults', addFault),
  route('DELETE', '/faults', ({ faults }) => faults.clear()),
  route('POST', '/restart', (teleport) => teleport.restart()),
];

/** Gets the body and the id in the path; throws a `ZodError` for a body of the wrong shape. */
type ControlHandler = (teleport: SimulatedTeleport, input: unknown, id: string) => unknown;

export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
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
  const { user, roles, reason, ...rest } = z
    .strictObject({
      user: z.string(),
      roles: z.array(z.string()),
      reason: z.string().default(''),
      suggested_reviewers: z.array(z.string()).default([]),
      max_duration_ms: z.number().optional(),
      pending_ms: z.number().optional(),
    })
    .parse(input);
  const later = (ms: number | undefined) =>
    ms === undefined ? null : new Date(cluster.now().getTime() + ms);
  return cluster.createRequest({
    user,
    roles,
    reason,
    suggestedReviewers: rest.suggested_reviewers,
    maxDuration: later(rest.max_duration_ms),
    pendingExpiry: later(rest.pending_ms),
  });
}

function submitReview({ cluster }: SimulatedTeleport, input: unknown, requestId: string) {
  const { author, state, reason } = z
    .strictObject({ author: z.string(), state: z.enum(REQUEST_STATES), reason: z.string().default('') })
    .parse(input);
  return cluster.submitReview({ requestId, author, proposedState: state, reason });
}

function setState({ cluster }: SimulatedTeleport, input: unknown, id: string) {
  const change = z
    .strictObject({
      state: z.enum(REQUEST_STATES),
      reason: z.string().default(''),
      roles: z.array(z.string()).default([]),
    })
    .parse(input);
  return cluster.setRequestState({ id, ...change });
}

function sweep({ cluster }: SimulatedTeleport, input: unknown) {
  const { grace_ms: graceMs } = z.strictObject({ grace_ms: z.number().optional() }).parse(input);
  return { removed: cluster.sweepExpired(graceMs === undefined ? {} : { graceMs }) };
}

function signIdentity(teleport: SimulatedTeleport, input: unknown) {
  const { user, ttl_ms: ttlMs } = z
    .strictObject({ user: z.string(), ttl_ms: z.number().optional() })
    .parse(input);
  return { identity: teleport.identityFileFor(user, ttlMs === undefined ? {} : { ttlMs }) };
}

function cutWatches({ cluster }: SimulatedTeleport, input: unknown) {
  const { code, message } = z
    .strictObject({ code: z.enum(status).optional(), message: z.string().default('') })
    .parse(input);
  cluster.watches.cutAll(code === undefined ? undefined : new StatusError(code, message));
}

function addFault({ faults }: SimulatedTeleport, input: unknown) {
  const { times, code, message, ms, ...fault } = z
    .strictObject({
      method: z.string(),
      kind: z.enum(FAULT_KINDS),
      times: z.int().positive().optional(),
      code: z.enum(status).optional(),
      message: z.string().optional(),
      ms: z.number().nonnegative().optional(),
    })
    .parse(input);
  faults.add({
    ...fault,
    ...(times === undefined ? {} : { times }),
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(ms === undefined ? {} : { ms }),
  });
}
