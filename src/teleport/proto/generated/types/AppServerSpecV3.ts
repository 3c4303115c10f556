// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { AppV3 as _types_AppV3, AppV3__Output as _types_AppV3__Output } from '../types/AppV3.ts';

export interface AppServerSpecV3 {
  'App'?: (_types_AppV3 | null);
}

export interface AppServerSpecV3__Output {
  'App': (_types_AppV3__Output | null);
}
