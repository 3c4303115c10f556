// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { DatabaseV3 as _types_DatabaseV3, DatabaseV3__Output as _types_DatabaseV3__Output } from '../types/DatabaseV3.ts';

export interface DatabaseServerSpecV3 {
  'Database'?: (_types_DatabaseV3 | null);
}

export interface DatabaseServerSpecV3__Output {
  'Database': (_types_DatabaseV3__Output | null);
}
