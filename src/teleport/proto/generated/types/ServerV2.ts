// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { Metadata as _types_Metadata, Metadata__Output as _types_Metadata__Output } from '../types/Metadata.ts';
import type { ServerSpecV2 as _types_ServerSpecV2, ServerSpecV2__Output as _types_ServerSpecV2__Output } from '../types/ServerSpecV2.ts';

export interface ServerV2 {
  'Kind'?: (string);
  'SubKind'?: (string);
  'Version'?: (string);
  'Metadata'?: (_types_Metadata | null);
  'Spec'?: (_types_ServerSpecV2 | null);
}

export interface ServerV2__Output {
  'Kind': (string);
  'SubKind': (string);
  'Version': (string);
  'Metadata': (_types_Metadata__Output | null);
  'Spec': (_types_ServerSpecV2__Output | null);
}
