import { REQUEST_STATES } from './model.ts';
import { accessDenied, badParameter } from './errors.ts';
import { hasVerb, verbDenied } from './permissions.ts';
import { watch, type CallContext, type Method } from './rpc.ts';
import type { WatchSink } from './watch-fanout.ts';
import type { WireWatch, WireWatchKind } from './wire-types.ts';

export const watchMethods: Readonly<Record<string, Method>> = { WatchEvents: watch(watchEvents) };

/** Kinds which can be watched here; plugin data never can. */
const WATCHABLE_KINDS = ['access_request', 'lock', 'role', 'user'];
const ACCESS_REQUEST_FILTERS = ['id', 'user', 'state'];

/**
 * Teleport: every kind must be supported and readable, or the stream fails; with `AllowPartialSuccess` such kinds are
 * dropped, and INVALID_ARGUMENT is left for when none remains.
 */
function watchEvents({ Kinds, AllowPartialSuccess }: WireWatch, context: CallContext, sink: WatchSink) {
  if (Kinds.length === 0) throw accessDenied('must specify at least one resource kind to watch');
  const confirmed = Kinds.filter((kind) => {
    const refusal = refusalOf(kind, context);
    if (refusal !== undefined && !AllowPartialSuccess) throw refusal;
    return refusal === undefined;
  });
  if (confirmed.length === 0) throw badParameter('none of the requested kinds can be watched');
  for (const kind of confirmed) checkFilter(kind);
  return context.cluster.watches.subscribe(context.caller.user, confirmed, sink);
}

function refusalOf(kind: WireWatchKind, { caller, roles, cluster }: CallContext): Error | undefined {
  const isRule = kind.Kind === 'access_monitoring_rule' && cluster.capabilities.watchMonitoringRules;
  if (!isRule && !WATCHABLE_KINDS.includes(kind.Kind)) {
    return badParameter(`resource type ${kind.Kind} is not supported by this event stream`);
  }
  const ownRequests = kind.Kind === 'access_request' && kind.Filter['user'] === caller.user;
  if (ownRequests || hasVerb(roles, kind.Kind, 'read')) return undefined;
  return verbDenied(kind.Kind, 'read');
}

function checkFilter({ Kind, Filter }: WireWatchKind): void {
  if (Kind !== 'access_request') return;
  for (const [key, value] of Object.entries(Filter)) {
    if (!ACCESS_REQUEST_FILTERS.includes(key)) throw badParameter(`unknown filter key "${key}"`);
    if (key === 'state' && !REQUEST_STATES.some((state) => state === value)) {
      throw badParameter(`unknown request state "${value}"`);
    }
  }
}
