// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { Metadata as _types_Metadata, Metadata__Output as _types_Metadata__Output } from '../types/Metadata.ts';

export interface AppV3 {
  'Metadata'?: (_types_Metadata | null);
}

export interface AppV3__Output {
  'Metadata': (_types_Metadata__Output | null);
}
