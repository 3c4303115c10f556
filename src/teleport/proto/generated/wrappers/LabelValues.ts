// Original file: src/teleport/proto/teleport/legacy/types/wrappers/wrappers.proto

import type { StringValues as _wrappers_StringValues, StringValues__Output as _wrappers_StringValues__Output } from '../wrappers/StringValues.ts';

export interface LabelValues {
  'Values'?: ({[key: string]: _wrappers_StringValues});
}

export interface LabelValues__Output {
  'Values': ({[key: string]: _wrappers_StringValues__Output});
}
