// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { DatabaseServerSpecV3 as _types_DatabaseServerSpecV3, DatabaseServerSpecV3__Output as _types_DatabaseServerSpecV3__Output } from '../types/DatabaseServerSpecV3.ts';

export interface DatabaseServerV3 {
  'Spec'?: (_types_DatabaseServerSpecV3 | null);
}

export interface DatabaseServerV3__Output {
  'Spec': (_types_DatabaseServerSpecV3__Output | null);
}
