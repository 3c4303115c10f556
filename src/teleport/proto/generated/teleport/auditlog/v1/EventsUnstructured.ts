// Original file: src/teleport/proto/teleport/auditlog/v1/auditlog.proto

import type { EventUnstructured as _teleport_auditlog_v1_EventUnstructured, EventUnstructured__Output as _teleport_auditlog_v1_EventUnstructured__Output } from '../../../teleport/auditlog/v1/EventUnstructured.ts';

export interface EventsUnstructured {
  'items'?: (_teleport_auditlog_v1_EventUnstructured)[];
  'last_key'?: (string);
}

export interface EventsUnstructured__Output {
  'items': (_teleport_auditlog_v1_EventUnstructured__Output)[];
  'last_key': (string);
}
