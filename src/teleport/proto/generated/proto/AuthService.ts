// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AccessRequestFilter as _types_AccessRequestFilter, AccessRequestFilter__Output as _types_AccessRequestFilter__Output } from '../types/AccessRequestFilter.ts';
import type { AccessRequestV3 as _types_AccessRequestV3, AccessRequestV3__Output as _types_AccessRequestV3__Output } from '../types/AccessRequestV3.ts';
import type { AccessReviewSubmission as _types_AccessReviewSubmission, AccessReviewSubmission__Output as _types_AccessReviewSubmission__Output } from '../types/AccessReviewSubmission.ts';
import type { DeleteLockRequest as _proto_DeleteLockRequest, DeleteLockRequest__Output as _proto_DeleteLockRequest__Output } from '../proto/DeleteLockRequest.ts';
import type { Empty as _google_protobuf_Empty, Empty__Output as _google_protobuf_Empty__Output } from '../google/protobuf/Empty.ts';
import type { Event as _proto_Event, Event__Output as _proto_Event__Output } from '../proto/Event.ts';
import type { GetLockRequest as _proto_GetLockRequest, GetLockRequest__Output as _proto_GetLockRequest__Output } from '../proto/GetLockRequest.ts';
import type { GetLocksRequest as _proto_GetLocksRequest, GetLocksRequest__Output as _proto_GetLocksRequest__Output } from '../proto/GetLocksRequest.ts';
import type { GetLocksResponse as _proto_GetLocksResponse, GetLocksResponse__Output as _proto_GetLocksResponse__Output } from '../proto/GetLocksResponse.ts';
import type { GetRoleRequest as _proto_GetRoleRequest, GetRoleRequest__Output as _proto_GetRoleRequest__Output } from '../proto/GetRoleRequest.ts';
import type { GetUserRequest as _proto_GetUserRequest, GetUserRequest__Output as _proto_GetUserRequest__Output } from '../proto/GetUserRequest.ts';
import type { ListAccessRequestsRequest as _proto_ListAccessRequestsRequest, ListAccessRequestsRequest__Output as _proto_ListAccessRequestsRequest__Output } from '../proto/ListAccessRequestsRequest.ts';
import type { ListAccessRequestsResponse as _proto_ListAccessRequestsResponse, ListAccessRequestsResponse__Output as _proto_ListAccessRequestsResponse__Output } from '../proto/ListAccessRequestsResponse.ts';
import type { ListLocksRequest as _proto_ListLocksRequest, ListLocksRequest__Output as _proto_ListLocksRequest__Output } from '../proto/ListLocksRequest.ts';
import type { ListLocksResponse as _proto_ListLocksResponse, ListLocksResponse__Output as _proto_ListLocksResponse__Output } from '../proto/ListLocksResponse.ts';
import type { ListResourcesRequest as _proto_ListResourcesRequest, ListResourcesRequest__Output as _proto_ListResourcesRequest__Output } from '../proto/ListResourcesRequest.ts';
import type { ListResourcesResponse as _proto_ListResourcesResponse, ListResourcesResponse__Output as _proto_ListResourcesResponse__Output } from '../proto/ListResourcesResponse.ts';
import type { LockV2 as _types_LockV2, LockV2__Output as _types_LockV2__Output } from '../types/LockV2.ts';
import type { PingRequest as _proto_PingRequest, PingRequest__Output as _proto_PingRequest__Output } from '../proto/PingRequest.ts';
import type { PingResponse as _proto_PingResponse, PingResponse__Output as _proto_PingResponse__Output } from '../proto/PingResponse.ts';
import type { PluginDataFilter as _types_PluginDataFilter, PluginDataFilter__Output as _types_PluginDataFilter__Output } from '../types/PluginDataFilter.ts';
import type { PluginDataSeq as _proto_PluginDataSeq, PluginDataSeq__Output as _proto_PluginDataSeq__Output } from '../proto/PluginDataSeq.ts';
import type { PluginDataUpdateParams as _types_PluginDataUpdateParams, PluginDataUpdateParams__Output as _types_PluginDataUpdateParams__Output } from '../types/PluginDataUpdateParams.ts';
import type { RequestID as _proto_RequestID, RequestID__Output as _proto_RequestID__Output } from '../proto/RequestID.ts';
import type { RequestStateSetter as _proto_RequestStateSetter, RequestStateSetter__Output as _proto_RequestStateSetter__Output } from '../proto/RequestStateSetter.ts';
import type { RoleV6 as _types_RoleV6, RoleV6__Output as _types_RoleV6__Output } from '../types/RoleV6.ts';
import type { UserV2 as _types_UserV2, UserV2__Output as _types_UserV2__Output } from '../types/UserV2.ts';
import type { Watch as _proto_Watch, Watch__Output as _proto_Watch__Output } from '../proto/Watch.ts';

export interface AuthServiceClient extends grpc.Client {
  CreateAccessRequestV2(argument: _types_AccessRequestV3, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  CreateAccessRequestV2(argument: _types_AccessRequestV3, metadata: grpc.Metadata, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  CreateAccessRequestV2(argument: _types_AccessRequestV3, options: grpc.CallOptions, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  CreateAccessRequestV2(argument: _types_AccessRequestV3, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  createAccessRequestV2(argument: _types_AccessRequestV3, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  createAccessRequestV2(argument: _types_AccessRequestV3, metadata: grpc.Metadata, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  createAccessRequestV2(argument: _types_AccessRequestV3, options: grpc.CallOptions, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  createAccessRequestV2(argument: _types_AccessRequestV3, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  
  DeleteAccessRequest(argument: _proto_RequestID, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteAccessRequest(argument: _proto_RequestID, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteAccessRequest(argument: _proto_RequestID, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteAccessRequest(argument: _proto_RequestID, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteAccessRequest(argument: _proto_RequestID, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteAccessRequest(argument: _proto_RequestID, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteAccessRequest(argument: _proto_RequestID, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteAccessRequest(argument: _proto_RequestID, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  DeleteLock(argument: _proto_DeleteLockRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteLock(argument: _proto_DeleteLockRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteLock(argument: _proto_DeleteLockRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteLock(argument: _proto_DeleteLockRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteLock(argument: _proto_DeleteLockRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteLock(argument: _proto_DeleteLockRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteLock(argument: _proto_DeleteLockRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteLock(argument: _proto_DeleteLockRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  GetAccessRequestsV2(argument: _types_AccessRequestFilter, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_types_AccessRequestV3__Output>;
  GetAccessRequestsV2(argument: _types_AccessRequestFilter, options?: grpc.CallOptions): grpc.ClientReadableStream<_types_AccessRequestV3__Output>;
  getAccessRequestsV2(argument: _types_AccessRequestFilter, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_types_AccessRequestV3__Output>;
  getAccessRequestsV2(argument: _types_AccessRequestFilter, options?: grpc.CallOptions): grpc.ClientReadableStream<_types_AccessRequestV3__Output>;
  
  GetCurrentUserRoles(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_types_RoleV6__Output>;
  GetCurrentUserRoles(argument: _google_protobuf_Empty, options?: grpc.CallOptions): grpc.ClientReadableStream<_types_RoleV6__Output>;
  getCurrentUserRoles(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_types_RoleV6__Output>;
  getCurrentUserRoles(argument: _google_protobuf_Empty, options?: grpc.CallOptions): grpc.ClientReadableStream<_types_RoleV6__Output>;
  
  GetLock(argument: _proto_GetLockRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_types_LockV2__Output>): grpc.ClientUnaryCall;
  GetLock(argument: _proto_GetLockRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_types_LockV2__Output>): grpc.ClientUnaryCall;
  GetLock(argument: _proto_GetLockRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_types_LockV2__Output>): grpc.ClientUnaryCall;
  GetLock(argument: _proto_GetLockRequest, callback: grpc.requestCallback<_types_LockV2__Output>): grpc.ClientUnaryCall;
  getLock(argument: _proto_GetLockRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_types_LockV2__Output>): grpc.ClientUnaryCall;
  getLock(argument: _proto_GetLockRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_types_LockV2__Output>): grpc.ClientUnaryCall;
  getLock(argument: _proto_GetLockRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_types_LockV2__Output>): grpc.ClientUnaryCall;
  getLock(argument: _proto_GetLockRequest, callback: grpc.requestCallback<_types_LockV2__Output>): grpc.ClientUnaryCall;
  
  GetLocks(argument: _proto_GetLocksRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_GetLocksResponse__Output>): grpc.ClientUnaryCall;
  GetLocks(argument: _proto_GetLocksRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_GetLocksResponse__Output>): grpc.ClientUnaryCall;
  GetLocks(argument: _proto_GetLocksRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_GetLocksResponse__Output>): grpc.ClientUnaryCall;
  GetLocks(argument: _proto_GetLocksRequest, callback: grpc.requestCallback<_proto_GetLocksResponse__Output>): grpc.ClientUnaryCall;
  getLocks(argument: _proto_GetLocksRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_GetLocksResponse__Output>): grpc.ClientUnaryCall;
  getLocks(argument: _proto_GetLocksRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_GetLocksResponse__Output>): grpc.ClientUnaryCall;
  getLocks(argument: _proto_GetLocksRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_GetLocksResponse__Output>): grpc.ClientUnaryCall;
  getLocks(argument: _proto_GetLocksRequest, callback: grpc.requestCallback<_proto_GetLocksResponse__Output>): grpc.ClientUnaryCall;
  
  GetPluginData(argument: _types_PluginDataFilter, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_PluginDataSeq__Output>): grpc.ClientUnaryCall;
  GetPluginData(argument: _types_PluginDataFilter, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_PluginDataSeq__Output>): grpc.ClientUnaryCall;
  GetPluginData(argument: _types_PluginDataFilter, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_PluginDataSeq__Output>): grpc.ClientUnaryCall;
  GetPluginData(argument: _types_PluginDataFilter, callback: grpc.requestCallback<_proto_PluginDataSeq__Output>): grpc.ClientUnaryCall;
  getPluginData(argument: _types_PluginDataFilter, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_PluginDataSeq__Output>): grpc.ClientUnaryCall;
  getPluginData(argument: _types_PluginDataFilter, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_PluginDataSeq__Output>): grpc.ClientUnaryCall;
  getPluginData(argument: _types_PluginDataFilter, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_PluginDataSeq__Output>): grpc.ClientUnaryCall;
  getPluginData(argument: _types_PluginDataFilter, callback: grpc.requestCallback<_proto_PluginDataSeq__Output>): grpc.ClientUnaryCall;
  
  GetRole(argument: _proto_GetRoleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_types_RoleV6__Output>): grpc.ClientUnaryCall;
  GetRole(argument: _proto_GetRoleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_types_RoleV6__Output>): grpc.ClientUnaryCall;
  GetRole(argument: _proto_GetRoleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_types_RoleV6__Output>): grpc.ClientUnaryCall;
  GetRole(argument: _proto_GetRoleRequest, callback: grpc.requestCallback<_types_RoleV6__Output>): grpc.ClientUnaryCall;
  getRole(argument: _proto_GetRoleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_types_RoleV6__Output>): grpc.ClientUnaryCall;
  getRole(argument: _proto_GetRoleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_types_RoleV6__Output>): grpc.ClientUnaryCall;
  getRole(argument: _proto_GetRoleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_types_RoleV6__Output>): grpc.ClientUnaryCall;
  getRole(argument: _proto_GetRoleRequest, callback: grpc.requestCallback<_types_RoleV6__Output>): grpc.ClientUnaryCall;
  
  GetUser(argument: _proto_GetUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_types_UserV2__Output>): grpc.ClientUnaryCall;
  GetUser(argument: _proto_GetUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_types_UserV2__Output>): grpc.ClientUnaryCall;
  GetUser(argument: _proto_GetUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_types_UserV2__Output>): grpc.ClientUnaryCall;
  GetUser(argument: _proto_GetUserRequest, callback: grpc.requestCallback<_types_UserV2__Output>): grpc.ClientUnaryCall;
  getUser(argument: _proto_GetUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_types_UserV2__Output>): grpc.ClientUnaryCall;
  getUser(argument: _proto_GetUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_types_UserV2__Output>): grpc.ClientUnaryCall;
  getUser(argument: _proto_GetUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_types_UserV2__Output>): grpc.ClientUnaryCall;
  getUser(argument: _proto_GetUserRequest, callback: grpc.requestCallback<_types_UserV2__Output>): grpc.ClientUnaryCall;
  
  ListAccessRequests(argument: _proto_ListAccessRequestsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListAccessRequestsResponse__Output>): grpc.ClientUnaryCall;
  ListAccessRequests(argument: _proto_ListAccessRequestsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_ListAccessRequestsResponse__Output>): grpc.ClientUnaryCall;
  ListAccessRequests(argument: _proto_ListAccessRequestsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListAccessRequestsResponse__Output>): grpc.ClientUnaryCall;
  ListAccessRequests(argument: _proto_ListAccessRequestsRequest, callback: grpc.requestCallback<_proto_ListAccessRequestsResponse__Output>): grpc.ClientUnaryCall;
  listAccessRequests(argument: _proto_ListAccessRequestsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListAccessRequestsResponse__Output>): grpc.ClientUnaryCall;
  listAccessRequests(argument: _proto_ListAccessRequestsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_ListAccessRequestsResponse__Output>): grpc.ClientUnaryCall;
  listAccessRequests(argument: _proto_ListAccessRequestsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListAccessRequestsResponse__Output>): grpc.ClientUnaryCall;
  listAccessRequests(argument: _proto_ListAccessRequestsRequest, callback: grpc.requestCallback<_proto_ListAccessRequestsResponse__Output>): grpc.ClientUnaryCall;
  
  ListLocks(argument: _proto_ListLocksRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListLocksResponse__Output>): grpc.ClientUnaryCall;
  ListLocks(argument: _proto_ListLocksRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_ListLocksResponse__Output>): grpc.ClientUnaryCall;
  ListLocks(argument: _proto_ListLocksRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListLocksResponse__Output>): grpc.ClientUnaryCall;
  ListLocks(argument: _proto_ListLocksRequest, callback: grpc.requestCallback<_proto_ListLocksResponse__Output>): grpc.ClientUnaryCall;
  listLocks(argument: _proto_ListLocksRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListLocksResponse__Output>): grpc.ClientUnaryCall;
  listLocks(argument: _proto_ListLocksRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_ListLocksResponse__Output>): grpc.ClientUnaryCall;
  listLocks(argument: _proto_ListLocksRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListLocksResponse__Output>): grpc.ClientUnaryCall;
  listLocks(argument: _proto_ListLocksRequest, callback: grpc.requestCallback<_proto_ListLocksResponse__Output>): grpc.ClientUnaryCall;
  
  ListResources(argument: _proto_ListResourcesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  ListResources(argument: _proto_ListResourcesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  ListResources(argument: _proto_ListResourcesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  ListResources(argument: _proto_ListResourcesRequest, callback: grpc.requestCallback<_proto_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  listResources(argument: _proto_ListResourcesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  listResources(argument: _proto_ListResourcesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  listResources(argument: _proto_ListResourcesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  listResources(argument: _proto_ListResourcesRequest, callback: grpc.requestCallback<_proto_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  
  Ping(argument: _proto_PingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_PingResponse__Output>): grpc.ClientUnaryCall;
  Ping(argument: _proto_PingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_PingResponse__Output>): grpc.ClientUnaryCall;
  Ping(argument: _proto_PingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_PingResponse__Output>): grpc.ClientUnaryCall;
  Ping(argument: _proto_PingRequest, callback: grpc.requestCallback<_proto_PingResponse__Output>): grpc.ClientUnaryCall;
  ping(argument: _proto_PingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_PingResponse__Output>): grpc.ClientUnaryCall;
  ping(argument: _proto_PingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_proto_PingResponse__Output>): grpc.ClientUnaryCall;
  ping(argument: _proto_PingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_proto_PingResponse__Output>): grpc.ClientUnaryCall;
  ping(argument: _proto_PingRequest, callback: grpc.requestCallback<_proto_PingResponse__Output>): grpc.ClientUnaryCall;
  
  SetAccessRequestState(argument: _proto_RequestStateSetter, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  SetAccessRequestState(argument: _proto_RequestStateSetter, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  SetAccessRequestState(argument: _proto_RequestStateSetter, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  SetAccessRequestState(argument: _proto_RequestStateSetter, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  setAccessRequestState(argument: _proto_RequestStateSetter, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  setAccessRequestState(argument: _proto_RequestStateSetter, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  setAccessRequestState(argument: _proto_RequestStateSetter, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  setAccessRequestState(argument: _proto_RequestStateSetter, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  SubmitAccessReview(argument: _types_AccessReviewSubmission, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  SubmitAccessReview(argument: _types_AccessReviewSubmission, metadata: grpc.Metadata, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  SubmitAccessReview(argument: _types_AccessReviewSubmission, options: grpc.CallOptions, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  SubmitAccessReview(argument: _types_AccessReviewSubmission, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  submitAccessReview(argument: _types_AccessReviewSubmission, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  submitAccessReview(argument: _types_AccessReviewSubmission, metadata: grpc.Metadata, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  submitAccessReview(argument: _types_AccessReviewSubmission, options: grpc.CallOptions, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  submitAccessReview(argument: _types_AccessReviewSubmission, callback: grpc.requestCallback<_types_AccessRequestV3__Output>): grpc.ClientUnaryCall;
  
  UpdatePluginData(argument: _types_PluginDataUpdateParams, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  UpdatePluginData(argument: _types_PluginDataUpdateParams, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  UpdatePluginData(argument: _types_PluginDataUpdateParams, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  UpdatePluginData(argument: _types_PluginDataUpdateParams, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  updatePluginData(argument: _types_PluginDataUpdateParams, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  updatePluginData(argument: _types_PluginDataUpdateParams, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  updatePluginData(argument: _types_PluginDataUpdateParams, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  updatePluginData(argument: _types_PluginDataUpdateParams, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  UpsertLock(argument: _types_LockV2, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  UpsertLock(argument: _types_LockV2, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  UpsertLock(argument: _types_LockV2, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  UpsertLock(argument: _types_LockV2, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  upsertLock(argument: _types_LockV2, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  upsertLock(argument: _types_LockV2, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  upsertLock(argument: _types_LockV2, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  upsertLock(argument: _types_LockV2, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  WatchEvents(argument: _proto_Watch, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_proto_Event__Output>;
  WatchEvents(argument: _proto_Watch, options?: grpc.CallOptions): grpc.ClientReadableStream<_proto_Event__Output>;
  watchEvents(argument: _proto_Watch, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_proto_Event__Output>;
  watchEvents(argument: _proto_Watch, options?: grpc.CallOptions): grpc.ClientReadableStream<_proto_Event__Output>;
  
}

export interface AuthServiceHandlers extends grpc.UntypedServiceImplementation {
  CreateAccessRequestV2: grpc.handleUnaryCall<_types_AccessRequestV3__Output, _types_AccessRequestV3>;
  
  DeleteAccessRequest: grpc.handleUnaryCall<_proto_RequestID__Output, _google_protobuf_Empty>;
  
  DeleteLock: grpc.handleUnaryCall<_proto_DeleteLockRequest__Output, _google_protobuf_Empty>;
  
  GetAccessRequestsV2: grpc.handleServerStreamingCall<_types_AccessRequestFilter__Output, _types_AccessRequestV3>;
  
  GetCurrentUserRoles: grpc.handleServerStreamingCall<_google_protobuf_Empty__Output, _types_RoleV6>;
  
  GetLock: grpc.handleUnaryCall<_proto_GetLockRequest__Output, _types_LockV2>;
  
  GetLocks: grpc.handleUnaryCall<_proto_GetLocksRequest__Output, _proto_GetLocksResponse>;
  
  GetPluginData: grpc.handleUnaryCall<_types_PluginDataFilter__Output, _proto_PluginDataSeq>;
  
  GetRole: grpc.handleUnaryCall<_proto_GetRoleRequest__Output, _types_RoleV6>;
  
  GetUser: grpc.handleUnaryCall<_proto_GetUserRequest__Output, _types_UserV2>;
  
  ListAccessRequests: grpc.handleUnaryCall<_proto_ListAccessRequestsRequest__Output, _proto_ListAccessRequestsResponse>;
  
  ListLocks: grpc.handleUnaryCall<_proto_ListLocksRequest__Output, _proto_ListLocksResponse>;
  
  ListResources: grpc.handleUnaryCall<_proto_ListResourcesRequest__Output, _proto_ListResourcesResponse>;
  
  Ping: grpc.handleUnaryCall<_proto_PingRequest__Output, _proto_PingResponse>;
  
  SetAccessRequestState: grpc.handleUnaryCall<_proto_RequestStateSetter__Output, _google_protobuf_Empty>;
  
  SubmitAccessReview: grpc.handleUnaryCall<_types_AccessReviewSubmission__Output, _types_AccessRequestV3>;
  
  UpdatePluginData: grpc.handleUnaryCall<_types_PluginDataUpdateParams__Output, _google_protobuf_Empty>;
  
  UpsertLock: grpc.handleUnaryCall<_types_LockV2__Output, _google_protobuf_Empty>;
  
  WatchEvents: grpc.handleServerStreamingCall<_proto_Watch__Output, _proto_Event>;
  
}

export interface AuthServiceDefinition extends grpc.ServiceDefinition {
  CreateAccessRequestV2: MethodDefinition<_types_AccessRequestV3, _types_AccessRequestV3, _types_AccessRequestV3__Output, _types_AccessRequestV3__Output>
  DeleteAccessRequest: MethodDefinition<_proto_RequestID, _google_protobuf_Empty, _proto_RequestID__Output, _google_protobuf_Empty__Output>
  DeleteLock: MethodDefinition<_proto_DeleteLockRequest, _google_protobuf_Empty, _proto_DeleteLockRequest__Output, _google_protobuf_Empty__Output>
  GetAccessRequestsV2: MethodDefinition<_types_AccessRequestFilter, _types_AccessRequestV3, _types_AccessRequestFilter__Output, _types_AccessRequestV3__Output>
  GetCurrentUserRoles: MethodDefinition<_google_protobuf_Empty, _types_RoleV6, _google_protobuf_Empty__Output, _types_RoleV6__Output>
  GetLock: MethodDefinition<_proto_GetLockRequest, _types_LockV2, _proto_GetLockRequest__Output, _types_LockV2__Output>
  GetLocks: MethodDefinition<_proto_GetLocksRequest, _proto_GetLocksResponse, _proto_GetLocksRequest__Output, _proto_GetLocksResponse__Output>
  GetPluginData: MethodDefinition<_types_PluginDataFilter, _proto_PluginDataSeq, _types_PluginDataFilter__Output, _proto_PluginDataSeq__Output>
  GetRole: MethodDefinition<_proto_GetRoleRequest, _types_RoleV6, _proto_GetRoleRequest__Output, _types_RoleV6__Output>
  GetUser: MethodDefinition<_proto_GetUserRequest, _types_UserV2, _proto_GetUserRequest__Output, _types_UserV2__Output>
  ListAccessRequests: MethodDefinition<_proto_ListAccessRequestsRequest, _proto_ListAccessRequestsResponse, _proto_ListAccessRequestsRequest__Output, _proto_ListAccessRequestsResponse__Output>
  ListLocks: MethodDefinition<_proto_ListLocksRequest, _proto_ListLocksResponse, _proto_ListLocksRequest__Output, _proto_ListLocksResponse__Output>
  ListResources: MethodDefinition<_proto_ListResourcesRequest, _proto_ListResourcesResponse, _proto_ListResourcesRequest__Output, _proto_ListResourcesResponse__Output>
  Ping: MethodDefinition<_proto_PingRequest, _proto_PingResponse, _proto_PingRequest__Output, _proto_PingResponse__Output>
  SetAccessRequestState: MethodDefinition<_proto_RequestStateSetter, _google_protobuf_Empty, _proto_RequestStateSetter__Output, _google_protobuf_Empty__Output>
  SubmitAccessReview: MethodDefinition<_types_AccessReviewSubmission, _types_AccessRequestV3, _types_AccessReviewSubmission__Output, _types_AccessRequestV3__Output>
  UpdatePluginData: MethodDefinition<_types_PluginDataUpdateParams, _google_protobuf_Empty, _types_PluginDataUpdateParams__Output, _google_protobuf_Empty__Output>
  UpsertLock: MethodDefinition<_types_LockV2, _google_protobuf_Empty, _types_LockV2__Output, _google_protobuf_Empty__Output>
  WatchEvents: MethodDefinition<_proto_Watch, _proto_Event, _proto_Watch__Output, _proto_Event__Output>
}
