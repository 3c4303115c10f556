// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type { LockV2 as _types_LockV2, LockV2__Output as _types_LockV2__Output } from '../types/LockV2.ts';

export interface GetLocksResponse {
  'Locks'?: (_types_LockV2)[];
}

export interface GetLocksResponse__Output {
  'Locks': (_types_LockV2__Output)[];
}
