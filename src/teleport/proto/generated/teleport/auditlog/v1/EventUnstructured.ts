// Original file: src/teleport/proto/teleport/auditlog/v1/auditlog.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Struct as _google_protobuf_Struct, Struct__Output as _google_protobuf_Struct__Output } from '../../../google/protobuf/Struct.ts';
import type { Long } from '@grpc/proto-loader';

export interface EventUnstructured {
  'type'?: (string);
  'id'?: (string);
  'time'?: (_google_protobuf_Timestamp | null);
  'index'?: (number | string | Long);
  'unstructured'?: (_google_protobuf_Struct | null);
}

export interface EventUnstructured__Output {
  'type': (string);
  'id': (string);
  'time': (_google_protobuf_Timestamp__Output | null);
  'index': (number);
  'unstructured': (_google_protobuf_Struct__Output | null);
}
