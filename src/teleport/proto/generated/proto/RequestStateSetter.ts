// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type { RequestState as _types_RequestState, RequestState__Output as _types_RequestState__Output } from '../types/RequestState.ts';
import type { LabelValues as _wrappers_LabelValues, LabelValues__Output as _wrappers_LabelValues__Output } from '../wrappers/LabelValues.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../google/protobuf/Timestamp.ts';

export interface RequestStateSetter {
  'ID'?: (string);
  'State'?: (_types_RequestState);
  'Delegator'?: (string);
  'Reason'?: (string);
  'Annotations'?: (_wrappers_LabelValues | null);
  'Roles'?: (string)[];
  'AssumeStartTime'?: (_google_protobuf_Timestamp | null);
}

export interface RequestStateSetter__Output {
  'ID': (string);
  'State': (_types_RequestState__Output);
  'Delegator': (string);
  'Reason': (string);
  'Annotations': (_wrappers_LabelValues__Output | null);
  'Roles': (string)[];
  'AssumeStartTime': (_google_protobuf_Timestamp__Output | null);
}
