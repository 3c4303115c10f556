// Original file: src/teleport/proto/teleport/auditlog/v1/auditlog.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

export interface GetEventExportChunksRequest {
  'date'?: (_google_protobuf_Timestamp | null);
}

export interface GetEventExportChunksRequest__Output {
  'date': (_google_protobuf_Timestamp__Output | null);
}
