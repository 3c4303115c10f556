// Original file: src/teleport/proto/teleport/auditlog/v1/auditlog.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { EventExportChunk as _teleport_auditlog_v1_EventExportChunk, EventExportChunk__Output as _teleport_auditlog_v1_EventExportChunk__Output } from '../../../teleport/auditlog/v1/EventExportChunk.ts';
import type { EventsUnstructured as _teleport_auditlog_v1_EventsUnstructured, EventsUnstructured__Output as _teleport_auditlog_v1_EventsUnstructured__Output } from '../../../teleport/auditlog/v1/EventsUnstructured.ts';
import type { GetEventExportChunksRequest as _teleport_auditlog_v1_GetEventExportChunksRequest, GetEventExportChunksRequest__Output as _teleport_auditlog_v1_GetEventExportChunksRequest__Output } from '../../../teleport/auditlog/v1/GetEventExportChunksRequest.ts';
import type { GetUnstructuredEventsRequest as _teleport_auditlog_v1_GetUnstructuredEventsRequest, GetUnstructuredEventsRequest__Output as _teleport_auditlog_v1_GetUnstructuredEventsRequest__Output } from '../../../teleport/auditlog/v1/GetUnstructuredEventsRequest.ts';

export interface AuditLogServiceClient extends grpc.Client {
  GetEventExportChunks(argument: _teleport_auditlog_v1_GetEventExportChunksRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_teleport_auditlog_v1_EventExportChunk__Output>;
  GetEventExportChunks(argument: _teleport_auditlog_v1_GetEventExportChunksRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_teleport_auditlog_v1_EventExportChunk__Output>;
  getEventExportChunks(argument: _teleport_auditlog_v1_GetEventExportChunksRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_teleport_auditlog_v1_EventExportChunk__Output>;
  getEventExportChunks(argument: _teleport_auditlog_v1_GetEventExportChunksRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_teleport_auditlog_v1_EventExportChunk__Output>;
  
  GetUnstructuredEvents(argument: _teleport_auditlog_v1_GetUnstructuredEventsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_auditlog_v1_EventsUnstructured__Output>): grpc.ClientUnaryCall;
  GetUnstructuredEvents(argument: _teleport_auditlog_v1_GetUnstructuredEventsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_teleport_auditlog_v1_EventsUnstructured__Output>): grpc.ClientUnaryCall;
  GetUnstructuredEvents(argument: _teleport_auditlog_v1_GetUnstructuredEventsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_auditlog_v1_EventsUnstructured__Output>): grpc.ClientUnaryCall;
  GetUnstructuredEvents(argument: _teleport_auditlog_v1_GetUnstructuredEventsRequest, callback: grpc.requestCallback<_teleport_auditlog_v1_EventsUnstructured__Output>): grpc.ClientUnaryCall;
  getUnstructuredEvents(argument: _teleport_auditlog_v1_GetUnstructuredEventsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_auditlog_v1_EventsUnstructured__Output>): grpc.ClientUnaryCall;
  getUnstructuredEvents(argument: _teleport_auditlog_v1_GetUnstructuredEventsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_teleport_auditlog_v1_EventsUnstructured__Output>): grpc.ClientUnaryCall;
  getUnstructuredEvents(argument: _teleport_auditlog_v1_GetUnstructuredEventsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_auditlog_v1_EventsUnstructured__Output>): grpc.ClientUnaryCall;
  getUnstructuredEvents(argument: _teleport_auditlog_v1_GetUnstructuredEventsRequest, callback: grpc.requestCallback<_teleport_auditlog_v1_EventsUnstructured__Output>): grpc.ClientUnaryCall;
  
}

export interface AuditLogServiceHandlers extends grpc.UntypedServiceImplementation {
  GetEventExportChunks: grpc.handleServerStreamingCall<_teleport_auditlog_v1_GetEventExportChunksRequest__Output, _teleport_auditlog_v1_EventExportChunk>;
  
  GetUnstructuredEvents: grpc.handleUnaryCall<_teleport_auditlog_v1_GetUnstructuredEventsRequest__Output, _teleport_auditlog_v1_EventsUnstructured>;
  
}

export interface AuditLogServiceDefinition extends grpc.ServiceDefinition {
  GetEventExportChunks: MethodDefinition<_teleport_auditlog_v1_GetEventExportChunksRequest, _teleport_auditlog_v1_EventExportChunk, _teleport_auditlog_v1_GetEventExportChunksRequest__Output, _teleport_auditlog_v1_EventExportChunk__Output>
  GetUnstructuredEvents: MethodDefinition<_teleport_auditlog_v1_GetUnstructuredEventsRequest, _teleport_auditlog_v1_EventsUnstructured, _teleport_auditlog_v1_GetUnstructuredEventsRequest__Output, _teleport_auditlog_v1_EventsUnstructured__Output>
}
