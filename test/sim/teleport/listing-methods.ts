import { badParameter, notImplemented } from './errors.ts';
import type { AccessRequest } from './model.ts';
import { canReview, canSee } from './permissions.ts';
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
const SORT = { DEFAULT: 0, CREATED: 1, STATE: 2, USER: 3 } as const;
const SCOPE = { DEFAULT: 0, MY_REQUESTS: 1, NEEDS_REVIEW: 2, REVIEWED: 3 } as const;

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
    .filter((request) => filter === null || matchesFilter(request, filter, context));
}

function unexpired(request: AccessRequest | undefined, now: Date): readonly AccessRequest[] {
  return request === undefined || (request.state === 'PENDING' && request.resourceExpiry <= now)
    ? []
    : [request];
}

function matchesFilter(request: AccessRequest, filter: WireFilter, context: CallContext): boolean {
  const state = requestStateOf(filter.State) ?? 'NONE';
  if (filter.ID !== '' && request.id !== filter.ID) return false;
  if (filter.User !== '' && request.user !== filter.User) return false;
  if (state !== 'NONE' && request.state !== state) return false;
  const text = [request.user, request.id, request.requestReason, ...request.roles].join('\n').toLowerCase();
  if (!filter.SearchKeywords.every((keyword) => text.includes(keyword.toLowerCase()))) return false;
  return matchesScope(request, filter.Scope, context);
}

function matchesScope(request: AccessRequest, scope: number, { cluster, caller }: CallContext): boolean {
  const reviewed = request.reviews.some(({ author }) => author === caller.user);
  switch (scope) {
    case SCOPE.MY_REQUESTS:
      return request.user === caller.user;
    case SCOPE.NEEDS_REVIEW: {
      const reviewer = cluster.directory.reviewer(caller);
      return (
        request.state === 'PENDING' && !reviewed && reviewer !== undefined && canReview(reviewer, request)
      );
    }
    case SCOPE.REVIEWED:
      return reviewed;
    default:
      return true;
  }
}

function sortKey(sort: number): (request: AccessRequest) => string {
  switch (sort) {
    case SORT.CREATED:
      return ({ created, id }) => `${created.toISOString()}/${id}`;
    case SORT.STATE:
      return ({ state, id }) => `${state}/${id}`;
    case SORT.USER:
      return ({ user, id }) => `${user}/${id}`;
    default:
      return ({ id }) => id;
  }
}
