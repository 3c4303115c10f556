// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type { LockTarget as _types_LockTarget, LockTarget__Output as _types_LockTarget__Output } from '../types/LockTarget.ts';

export interface GetLocksRequest {
  'Targets'?: (_types_LockTarget)[];
  'InForceOnly'?: (boolean);
}

export interface GetLocksRequest__Output {
  'Targets': (_types_LockTarget__Output)[];
  'InForceOnly': (boolean);
}
