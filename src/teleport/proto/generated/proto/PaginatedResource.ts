// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type { ServerV2 as _types_ServerV2, ServerV2__Output as _types_ServerV2__Output } from '../types/ServerV2.ts';

export interface PaginatedResource {
  'Node'?: (_types_ServerV2 | null);
  'resource'?: "Node";
}

export interface PaginatedResource__Output {
  'Node'?: (_types_ServerV2__Output | null);
  'resource'?: "Node";
}
