// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { LockTarget as _types_LockTarget, LockTarget__Output as _types_LockTarget__Output } from '../types/LockTarget.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../google/protobuf/Timestamp.ts';

export interface LockSpecV2 {
  'Target'?: (_types_LockTarget | null);
  'Message'?: (string);
  'Expires'?: (_google_protobuf_Timestamp | null);
  'CreatedAt'?: (_google_protobuf_Timestamp | null);
  'CreatedBy'?: (string);
}

export interface LockSpecV2__Output {
  'Target': (_types_LockTarget__Output | null);
  'Message': (string);
  'Expires': (_google_protobuf_Timestamp__Output | null);
  'CreatedAt': (_google_protobuf_Timestamp__Output | null);
  'CreatedBy': (string);
}
