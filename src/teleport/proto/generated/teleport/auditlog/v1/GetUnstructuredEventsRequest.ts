// Original file: src/teleport/proto/teleport/auditlog/v1/auditlog.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Order as _teleport_auditlog_v1_Order, Order__Output as _teleport_auditlog_v1_Order__Output } from '../../../teleport/auditlog/v1/Order.ts';

export interface GetUnstructuredEventsRequest {
  'namespace'?: (string);
  'start_date'?: (_google_protobuf_Timestamp | null);
  'end_date'?: (_google_protobuf_Timestamp | null);
  'event_types'?: (string)[];
  'limit'?: (number);
  'start_key'?: (string);
  'order'?: (_teleport_auditlog_v1_Order);
}

export interface GetUnstructuredEventsRequest__Output {
  'namespace': (string);
  'start_date': (_google_protobuf_Timestamp__Output | null);
  'end_date': (_google_protobuf_Timestamp__Output | null);
  'event_types': (string)[];
  'limit': (number);
  'start_key': (string);
  'order': (_teleport_auditlog_v1_Order__Output);
}
