import { badParameter, notImplemented } from './errors.ts';
import type { AccessRequest } from './model.ts';
import { canSee } from './permissions.ts';
import { list, unary, type CallContext, type Method } from './rpc.ts';
import { accessRequestToWire, requestStateOf } from './wire.ts';
import type { WireFilter, WireListRequest } from './wire-types.ts';

/** The methods which read access requests. */
export const listingMethods: Readonly<Record<string, Method>> = {
  ListAccessRequests: unary(listAccessRequests),
  GetAccessRequestsV2: list(getAccessRequests),
};

const DEFAULT_PAGE = 1000;
const MAX_PAGE = 16_000;
const SORT = { DEFAULT: 0, CREATED: 1 } as const;

/** One page, in order of the sort key and then of the id; `StartKey` is the `NextKey` of the page before. */
function listAccessRequests(request: WireListRequest, context: CallContext) {
  const { cluster } = context;
  if (!cluster.capabilities.listAccessRequests) {
    throw notImplemented('unknown method ListAccessRequests for service proto.AuthService');
  }
  if (request.Limit > MAX_PAGE || request.Limit < 0) {
    throw badParameter(`page size of ${request.Limit} is too large`);
  }
  const keyOf = sortKey(request.Sort);
  const direction = request.Descending ? -1 : 1;
  const sorted = visibleRequests(request.Filter, context)
    .map((accessRequest) => ({ accessRequest, key: keyOf(accessRequest) }))
    .sort((a, b) => (a.key < b.key ? -direction : direction));
  const rest = sorted.filter(
    ({ key }) =>
      request.StartKey === '' || (request.Descending ? key <= request.StartKey : key >= request.StartKey),
  );
  const limit = request.Limit === 0 ? DEFAULT_PAGE : request.Limit;
  return {
    AccessRequests: rest
      .slice(0, limit)
      .map(({ accessRequest }) => accessRequestToWire(accessRequest, cluster.capabilities)),
    NextKey: rest[limit]?.key ?? '',
  };
}

function getAccessRequests(filter: WireFilter, context: CallContext) {
  const { capabilities } = context.cluster;
  return visibleRequests(filter, context).map((request) => accessRequestToWire(request, capabilities));
}

function visibleRequests(filter: WireFilter | null, context: CallContext): readonly AccessRequest[] {
  const { cluster, caller, roles } = context;
  const reviewer = cluster.directory.reviewer(caller);
  const all =
    filter === null || filter.ID === ''
      ? cluster.listed()
      : unexpired(cluster.findRequest(filter.ID), cluster.now());
  return all
    .filter((request) => canSee(request, { caller, roles, reviewer }))
    .filter((request) => filter === null || matchesFilter(request, filter));
}

function unexpired(request: AccessRequest | undefined, now: Date): readonly AccessRequest[] {
  return request === undefined || (request.state === 'PENDING' && request.resourceExpiry <= now)
    ? []
    : [request];
}

function matchesFilter(request: AccessRequest, filter: WireFilter): boolean {
  // No client here asks for less than all in these ways.
  if (filter.Scope !== 0 || filter.SearchKeywords.length > 0) throw badParameter('it is not simulated');
  const state = requestStateOf(filter.State) ?? 'NONE';
  if (filter.ID !== '' && request.id !== filter.ID) return false;
  if (filter.User !== '' && request.user !== filter.User) return false;
  return state === 'NONE' || request.state === state;
}

function sortKey(sort: number): (request: AccessRequest) => string {
  return sort === SORT.CREATED ? ({ created, id }) => `${created.toISOString()}/${id}` : ({ id }) => id;
}
