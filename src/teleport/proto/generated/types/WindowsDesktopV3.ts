// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { ResourceHeader as _types_ResourceHeader, ResourceHeader__Output as _types_ResourceHeader__Output } from '../types/ResourceHeader.ts';

export interface WindowsDesktopV3 {
  'Header'?: (_types_ResourceHeader | null);
}

export interface WindowsDesktopV3__Output {
  'Header': (_types_ResourceHeader__Output | null);
}
