// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type { PaginatedResource as _proto_PaginatedResource, PaginatedResource__Output as _proto_PaginatedResource__Output } from '../proto/PaginatedResource.ts';

export interface ListResourcesResponse {
  'Resources'?: (_proto_PaginatedResource)[];
  'NextKey'?: (string);
  'TotalCount'?: (number);
}

export interface ListResourcesResponse__Output {
  'Resources': (_proto_PaginatedResource__Output)[];
  'NextKey': (string);
  'TotalCount': (number);
}
