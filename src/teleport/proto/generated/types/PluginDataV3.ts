// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { Metadata as _types_Metadata, Metadata__Output as _types_Metadata__Output } from '../types/Metadata.ts';
import type { PluginDataSpecV3 as _types_PluginDataSpecV3, PluginDataSpecV3__Output as _types_PluginDataSpecV3__Output } from '../types/PluginDataSpecV3.ts';

export interface PluginDataV3 {
  'Kind'?: (string);
  'SubKind'?: (string);
  'Version'?: (string);
  'Metadata'?: (_types_Metadata | null);
  'Spec'?: (_types_PluginDataSpecV3 | null);
}

export interface PluginDataV3__Output {
  'Kind': (string);
  'SubKind': (string);
  'Version': (string);
  'Metadata': (_types_Metadata__Output | null);
  'Spec': (_types_PluginDataSpecV3__Output | null);
}
