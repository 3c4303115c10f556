// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { AppServerSpecV3 as _types_AppServerSpecV3, AppServerSpecV3__Output as _types_AppServerSpecV3__Output } from '../types/AppServerSpecV3.ts';

export interface AppServerV3 {
  'Spec'?: (_types_AppServerSpecV3 | null);
}

export interface AppServerV3__Output {
  'Spec': (_types_AppServerSpecV3__Output | null);
}
