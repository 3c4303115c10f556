import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { ListValue as _google_protobuf_ListValue, ListValue__Output as _google_protobuf_ListValue__Output } from './google/protobuf/ListValue.ts';
import type { Struct as _google_protobuf_Struct, Struct__Output as _google_protobuf_Struct__Output } from './google/protobuf/Struct.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from './google/protobuf/Timestamp.ts';
import type { Value as _google_protobuf_Value, Value__Output as _google_protobuf_Value__Output } from './google/protobuf/Value.ts';
import type { AuditLogServiceClient as _teleport_auditlog_v1_AuditLogServiceClient, AuditLogServiceDefinition as _teleport_auditlog_v1_AuditLogServiceDefinition } from './teleport/auditlog/v1/AuditLogService.ts';
import type { EventExportChunk as _teleport_auditlog_v1_EventExportChunk, EventExportChunk__Output as _teleport_auditlog_v1_EventExportChunk__Output } from './teleport/auditlog/v1/EventExportChunk.ts';
import type { EventUnstructured as _teleport_auditlog_v1_EventUnstructured, EventUnstructured__Output as _teleport_auditlog_v1_EventUnstructured__Output } from './teleport/auditlog/v1/EventUnstructured.ts';
import type { EventsUnstructured as _teleport_auditlog_v1_EventsUnstructured, EventsUnstructured__Output as _teleport_auditlog_v1_EventsUnstructured__Output } from './teleport/auditlog/v1/EventsUnstructured.ts';
import type { GetEventExportChunksRequest as _teleport_auditlog_v1_GetEventExportChunksRequest, GetEventExportChunksRequest__Output as _teleport_auditlog_v1_GetEventExportChunksRequest__Output } from './teleport/auditlog/v1/GetEventExportChunksRequest.ts';
import type { GetUnstructuredEventsRequest as _teleport_auditlog_v1_GetUnstructuredEventsRequest, GetUnstructuredEventsRequest__Output as _teleport_auditlog_v1_GetUnstructuredEventsRequest__Output } from './teleport/auditlog/v1/GetUnstructuredEventsRequest.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  google: {
    protobuf: {
      ListValue: MessageTypeDefinition<_google_protobuf_ListValue, _google_protobuf_ListValue__Output>
      NullValue: EnumTypeDefinition
      Struct: MessageTypeDefinition<_google_protobuf_Struct, _google_protobuf_Struct__Output>
      Timestamp: MessageTypeDefinition<_google_protobuf_Timestamp, _google_protobuf_Timestamp__Output>
      Value: MessageTypeDefinition<_google_protobuf_Value, _google_protobuf_Value__Output>
    }
  }
  teleport: {
    auditlog: {
      v1: {
        AuditLogService: SubtypeConstructor<typeof grpc.Client, _teleport_auditlog_v1_AuditLogServiceClient> & { service: _teleport_auditlog_v1_AuditLogServiceDefinition }
        EventExportChunk: MessageTypeDefinition<_teleport_auditlog_v1_EventExportChunk, _teleport_auditlog_v1_EventExportChunk__Output>
        EventUnstructured: MessageTypeDefinition<_teleport_auditlog_v1_EventUnstructured, _teleport_auditlog_v1_EventUnstructured__Output>
        EventsUnstructured: MessageTypeDefinition<_teleport_auditlog_v1_EventsUnstructured, _teleport_auditlog_v1_EventsUnstructured__Output>
        GetEventExportChunksRequest: MessageTypeDefinition<_teleport_auditlog_v1_GetEventExportChunksRequest, _teleport_auditlog_v1_GetEventExportChunksRequest__Output>
        GetUnstructuredEventsRequest: MessageTypeDefinition<_teleport_auditlog_v1_GetUnstructuredEventsRequest, _teleport_auditlog_v1_GetUnstructuredEventsRequest__Output>
        Order: EnumTypeDefinition
      }
    }
  }
}

