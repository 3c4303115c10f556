// Original file: src/teleport/proto/teleport/header/v1/resourceheader.proto

import type { Metadata as _teleport_header_v1_Metadata, Metadata__Output as _teleport_header_v1_Metadata__Output } from '../../../teleport/header/v1/Metadata.ts';

export interface ResourceHeader {
  'kind'?: (string);
  'sub_kind'?: (string);
  'version'?: (string);
  'metadata'?: (_teleport_header_v1_Metadata | null);
}

export interface ResourceHeader__Output {
  'kind': (string);
  'sub_kind': (string);
  'version': (string);
  'metadata': (_teleport_header_v1_Metadata__Output | null);
}
