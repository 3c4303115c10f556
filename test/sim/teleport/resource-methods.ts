import { accessDenied, notFound, notImplemented } from './errors.ts';
import type { Lock, LockTarget, User } from './model.ts';
import { listResources } from './node-methods.ts';
import { hasVerb, requireVerb } from './permissions.ts';
import type { PluginEntries } from './plugin-data.ts';
import { list, unary, type CallContext, type Method } from './rpc.ts';
import { instantOf, lockToWire, loginStateToWire, roleToWire, userToWire } from './wire.ts';
import type {
  WireLock,
  WireLockTarget,
  WireMessage,
  WirePluginDataFilter,
  WirePluginDataUpdate,
} from './wire-types.ts';

/** The methods of AuthService beside access requests: the cluster itself, users, roles, plugin data, locks. */
export const resourceMethods: Readonly<Record<string, Method>> = {
  Ping: unary(ping),
  GetUser: unary(getUserOfOldServers),
  GetCurrentUserRoles: list(getCurrentUserRoles),
  GetRole: unary(getRole),
  GetPluginData: unary(getPluginData),
  UpdatePluginData: unary(updatePluginData),
  ListResources: unary(listResources),
  UpsertLock: unary(upsertLock),
  GetLock: unary(getLock),
  GetLocks: unary(getLocks),
  ListLocks: unary(listLocks),
  DeleteLock: unary(deleteLock),
};

/** The methods of `teleport.users.v1.UsersService`. */
export const usersMethods: Readonly<Record<string, Method>> = {
  GetUser: unary(getUser),
  ListUsers: unary(listUsers),
};

/** The methods of `teleport.userloginstate.v1.UserLoginStateService`. */
export const loginStateMethods: Readonly<Record<string, Method>> = {
  GetUserLoginState: unary(getUserLoginState),
  GetUserLoginStates: unary(getUserLoginStates),
};

const DEFAULT_PAGE = 1000;

function ping(_request: unknown, { cluster, remoteAddr }: CallContext) {
  const { serverVersion, edition, entitlements } = cluster.capabilities;
  const enterprise = edition === 'enterprise';
  return {
    ClusterName: cluster.clusterName,
    ServerVersion: serverVersion,
    ProxyPublicAddr: `${cluster.clusterName}:443`,
    RemoteAddr: remoteAddr,
    ServerFeatures: {
      AccessControls: enterprise,
      AdvancedAccessWorkflows: enterprise,
      Plugins: true,
      entitlements: entitlements ? { AccessRequests: { enabled: enterprise, limit: 0 } } : {},
    },
  };
}

/** Teleport: secrets are for the cluster's own parts only. */
function refuseSecrets(asked: boolean): void {
  if (asked) throw accessDenied('this request can be only executed by an admin');
}

function getUser(
  request: { readonly name: string; readonly current_user: boolean; readonly with_secrets: boolean },
  context: CallContext,
) {
  refuseSecrets(request.with_secrets);
  const name = request.current_user ? context.caller.user : request.name;
  return { user: userToWire(readableUser(name, context)) };
}

/** Teleport: needs `user: list` and `user: read`. */
function listUsers(
  request: { readonly page_size: number; readonly page_token: string; readonly with_secrets: boolean },
  { cluster, roles }: CallContext,
) {
  refuseSecrets(request.with_secrets);
  requireVerb(roles, 'user', 'list');
  requireVerb(roles, 'user', 'read');
  const rest = [...cluster.directory.users()]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .filter(({ name }) => name >= request.page_token);
  const size = request.page_size === 0 ? DEFAULT_PAGE : request.page_size;
  return { users: rest.slice(0, size).map(userToWire), next_page_token: rest[size]?.name ?? '' };
}

function getUserOfOldServers(
  { Name, WithSecrets }: { readonly Name: string; readonly WithSecrets: boolean },
  context: CallContext,
) {
  if (!context.cluster.capabilities.legacyGetUser) {
    throw notImplemented('unknown method GetUser for service proto.AuthService');
  }
  refuseSecrets(WithSecrets);
  return userToWire(readableUser(Name, context));
}

/** Teleport: everyone may read their own user; others need `user: read`. */
function readableUser(name: string, { cluster, caller, roles }: CallContext): User {
  if (name !== caller.user) requireVerb(roles, 'user', 'read');
  return cluster.directory.user(name);
}

/** Teleport: needs `user_login_state: list` and `read`. */
function getUserLoginStates(_request: unknown, { cluster, roles }: CallContext) {
  const { loginStates } = cluster.capabilities;
  if (!loginStates.served) {
    throw notImplemented('unknown service teleport.userloginstate.v1.UserLoginStateService');
  }
  requireVerb(roles, 'user_login_state', 'list');
  requireVerb(roles, 'user_login_state', 'read');
  const { directory } = cluster;
  const states = directory.namesWithLoginState().flatMap((name) => {
    const state = directory.loginState(name);
    return state === undefined ? [] : [loginStateToWire(name, state, loginStates)];
  });
  return { user_login_states: states };
}

/** Teleport: the permission is asked for first, also for one's own; NOT_FOUND for who has not logged in. */
function getUserLoginState({ name }: { readonly name: string }, { cluster, roles }: CallContext) {
  const { loginStates } = cluster.capabilities;
  if (!loginStates.served) {
    throw notImplemented('unknown service teleport.userloginstate.v1.UserLoginStateService');
  }
  requireVerb(roles, 'user_login_state', 'read');
  const state = cluster.directory.loginState(name);
  if (state === undefined) throw notFound(`user_login_state "${name}" doesn't exist`);
  return loginStateToWire(name, state, loginStates);
}

function getCurrentUserRoles(_request: unknown, { roles }: CallContext) {
  return roles.map(roleToWire);
}

/** Teleport: one's own roles may always be read. */
function getRole({ Name }: { readonly Name: string }, { cluster, caller, roles }: CallContext) {
  if (!caller.roles.includes(Name)) requireVerb(roles, 'role', 'read');
  return roleToWire(cluster.directory.role(Name));
}

/** Teleport: what the caller may do to access requests they may do to the plugin data on them. */
function getPluginData({ Kind, Resource, Plugin }: WirePluginDataFilter, context: CallContext) {
  const { cluster, roles } = context;
  for (const verb of ['list', 'read']) {
    if (!hasVerb(roles, 'access_request', verb)) requireVerb(roles, 'access_plugin_data', verb);
  }
  const entries = cluster.pluginData.get({ kind: Kind, resource: Resource, plugin: Plugin });
  return { PluginData: entries === undefined ? [] : [pluginDataToWire(Kind, Resource, entries)] };
}

function updatePluginData(request: WirePluginDataUpdate, { cluster, roles }: CallContext) {
  if (!hasVerb(roles, 'access_request', 'update')) requireVerb(roles, 'access_plugin_data', 'update');
  cluster.pluginData.update({
    kind: request.Kind,
    resource: request.Resource,
    plugin: request.Plugin,
    set: request.Set,
    expect: request.Expect,
  });
  return {};
}

function pluginDataToWire(kind: string, resource: string, entries: PluginEntries): WireMessage {
  return {
    Kind: 'plugin_data',
    SubKind: kind,
    Version: 'v3',
    Metadata: { Name: resource, Namespace: 'default' },
    Spec: {
      Entries: Object.fromEntries(
        [...entries].map(([plugin, entry]) => [plugin, { Data: Object.fromEntries(entry) }]),
      ),
    },
  };
}

/** Teleport: no admin action, so locks need no MFA. */
function upsertLock({ Metadata, Spec }: WireLock, { cluster, caller, roles }: CallContext) {
  requireVerb(roles, 'lock', 'create');
  requireVerb(roles, 'lock', 'update');
  const proposal = {
    name: Metadata?.Name ?? '',
    target: lockTarget(Spec?.Target ?? null),
    message: Spec?.Message ?? '',
    expires: instantOf(Spec?.Expires ?? null),
    removedAt: instantOf(Metadata?.Expires ?? null),
  };
  cluster.locks.upsert(proposal, caller.user);
  return {};
}

function getLock({ Name }: { readonly Name: string }, { cluster, roles }: CallContext) {
  requireVerb(roles, 'lock', 'read');
  return lockToWire(cluster.locks.get(Name));
}

function getLocks(
  request: { readonly Targets: readonly WireLockTarget[]; readonly InForceOnly: boolean },
  context: CallContext,
) {
  const locks = readableLocks(context, request.Targets, request.InForceOnly);
  return { Locks: locks.map(lockToWire) };
}

function listLocks(
  request: {
    readonly page_size: number;
    readonly page_token: string;
    readonly filter: { readonly targets: readonly WireLockTarget[]; readonly in_force_only: boolean } | null;
  },
  context: CallContext,
) {
  if (!context.cluster.capabilities.listLocks) {
    throw notImplemented('unknown method ListLocks for service proto.AuthService');
  }
  const locks = readableLocks(context, request.filter?.targets ?? [], request.filter?.in_force_only ?? false);
  const rest = locks.filter(({ name }) => name >= request.page_token);
  const size = request.page_size <= 0 ? DEFAULT_PAGE : request.page_size;
  return { locks: rest.slice(0, size).map(lockToWire), next_page_token: rest[size]?.name ?? '' };
}

function deleteLock({ Name }: { readonly Name: string }, { cluster, roles }: CallContext) {
  requireVerb(roles, 'lock', 'delete');
  cluster.locks.delete(Name);
  return {};
}

function readableLocks(
  { cluster, roles }: CallContext,
  targets: readonly WireLockTarget[],
  inForceOnly: boolean,
): readonly Lock[] {
  requireVerb(roles, 'lock', 'list');
  requireVerb(roles, 'lock', 'read');
  return cluster.locks.list({ targets: targets.map(lockTarget), inForceOnly });
}

function lockTarget(target: WireLockTarget | null): LockTarget {
  return { user: target?.User ?? '', role: target?.Role ?? '', accessRequest: target?.AccessRequest ?? '' };
}
