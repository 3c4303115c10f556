// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { LockTarget as _types_LockTarget, LockTarget__Output as _types_LockTarget__Output } from '../types/LockTarget.ts';

export interface LockFilter {
  'targets'?: (_types_LockTarget)[];
  'in_force_only'?: (boolean);
}

export interface LockFilter__Output {
  'targets': (_types_LockTarget__Output)[];
  'in_force_only': (boolean);
}
