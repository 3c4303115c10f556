// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { Metadata as _types_Metadata, Metadata__Output as _types_Metadata__Output } from '../types/Metadata.ts';
import type { LockSpecV2 as _types_LockSpecV2, LockSpecV2__Output as _types_LockSpecV2__Output } from '../types/LockSpecV2.ts';

export interface LockV2 {
  'Kind'?: (string);
  'SubKind'?: (string);
  'Version'?: (string);
  'Metadata'?: (_types_Metadata | null);
  'Spec'?: (_types_LockSpecV2 | null);
}

export interface LockV2__Output {
  'Kind': (string);
  'SubKind': (string);
  'Version': (string);
  'Metadata': (_types_Metadata__Output | null);
  'Spec': (_types_LockSpecV2__Output | null);
}
