// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type { Operation as _proto_Operation, Operation__Output as _proto_Operation__Output } from '../proto/Operation.ts';
import type { ResourceHeader as _types_ResourceHeader, ResourceHeader__Output as _types_ResourceHeader__Output } from '../types/ResourceHeader.ts';
import type { UserV2 as _types_UserV2, UserV2__Output as _types_UserV2__Output } from '../types/UserV2.ts';
import type { RoleV6 as _types_RoleV6, RoleV6__Output as _types_RoleV6__Output } from '../types/RoleV6.ts';
import type { AccessRequestV3 as _types_AccessRequestV3, AccessRequestV3__Output as _types_AccessRequestV3__Output } from '../types/AccessRequestV3.ts';
import type { LockV2 as _types_LockV2, LockV2__Output as _types_LockV2__Output } from '../types/LockV2.ts';
import type { WatchStatusV1 as _types_WatchStatusV1, WatchStatusV1__Output as _types_WatchStatusV1__Output } from '../types/WatchStatusV1.ts';

export interface Event {
  'Type'?: (_proto_Operation);
  'ResourceHeader'?: (_types_ResourceHeader | null);
  'User'?: (_types_UserV2 | null);
  'Role'?: (_types_RoleV6 | null);
  'AccessRequest'?: (_types_AccessRequestV3 | null);
  'Lock'?: (_types_LockV2 | null);
  'WatchStatus'?: (_types_WatchStatusV1 | null);
  'Resource'?: "ResourceHeader"|"User"|"Role"|"AccessRequest"|"Lock"|"WatchStatus";
}

export interface Event__Output {
  'Type': (_proto_Operation__Output);
  'ResourceHeader'?: (_types_ResourceHeader__Output | null);
  'User'?: (_types_UserV2__Output | null);
  'Role'?: (_types_RoleV6__Output | null);
  'AccessRequest'?: (_types_AccessRequestV3__Output | null);
  'Lock'?: (_types_LockV2__Output | null);
  'WatchStatus'?: (_types_WatchStatusV1__Output | null);
  'Resource'?: "ResourceHeader"|"User"|"Role"|"AccessRequest"|"Lock"|"WatchStatus";
}
