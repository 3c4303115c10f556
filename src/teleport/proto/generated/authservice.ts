import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Empty as _google_protobuf_Empty, Empty__Output as _google_protobuf_Empty__Output } from './google/protobuf/Empty.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from './google/protobuf/Timestamp.ts';
import type { AuthServiceClient as _proto_AuthServiceClient, AuthServiceDefinition as _proto_AuthServiceDefinition } from './proto/AuthService.ts';
import type { DeleteLockRequest as _proto_DeleteLockRequest, DeleteLockRequest__Output as _proto_DeleteLockRequest__Output } from './proto/DeleteLockRequest.ts';
import type { EntitlementInfo as _proto_EntitlementInfo, EntitlementInfo__Output as _proto_EntitlementInfo__Output } from './proto/EntitlementInfo.ts';
import type { Event as _proto_Event, Event__Output as _proto_Event__Output } from './proto/Event.ts';
import type { Features as _proto_Features, Features__Output as _proto_Features__Output } from './proto/Features.ts';
import type { GetLockRequest as _proto_GetLockRequest, GetLockRequest__Output as _proto_GetLockRequest__Output } from './proto/GetLockRequest.ts';
import type { GetLocksRequest as _proto_GetLocksRequest, GetLocksRequest__Output as _proto_GetLocksRequest__Output } from './proto/GetLocksRequest.ts';
import type { GetLocksResponse as _proto_GetLocksResponse, GetLocksResponse__Output as _proto_GetLocksResponse__Output } from './proto/GetLocksResponse.ts';
import type { GetRoleRequest as _proto_GetRoleRequest, GetRoleRequest__Output as _proto_GetRoleRequest__Output } from './proto/GetRoleRequest.ts';
import type { GetUserRequest as _proto_GetUserRequest, GetUserRequest__Output as _proto_GetUserRequest__Output } from './proto/GetUserRequest.ts';
import type { ListAccessRequestsRequest as _proto_ListAccessRequestsRequest, ListAccessRequestsRequest__Output as _proto_ListAccessRequestsRequest__Output } from './proto/ListAccessRequestsRequest.ts';
import type { ListAccessRequestsResponse as _proto_ListAccessRequestsResponse, ListAccessRequestsResponse__Output as _proto_ListAccessRequestsResponse__Output } from './proto/ListAccessRequestsResponse.ts';
import type { ListLocksRequest as _proto_ListLocksRequest, ListLocksRequest__Output as _proto_ListLocksRequest__Output } from './proto/ListLocksRequest.ts';
import type { ListLocksResponse as _proto_ListLocksResponse, ListLocksResponse__Output as _proto_ListLocksResponse__Output } from './proto/ListLocksResponse.ts';
import type { ListResourcesRequest as _proto_ListResourcesRequest, ListResourcesRequest__Output as _proto_ListResourcesRequest__Output } from './proto/ListResourcesRequest.ts';
import type { ListResourcesResponse as _proto_ListResourcesResponse, ListResourcesResponse__Output as _proto_ListResourcesResponse__Output } from './proto/ListResourcesResponse.ts';
import type { PaginatedResource as _proto_PaginatedResource, PaginatedResource__Output as _proto_PaginatedResource__Output } from './proto/PaginatedResource.ts';
import type { PingRequest as _proto_PingRequest, PingRequest__Output as _proto_PingRequest__Output } from './proto/PingRequest.ts';
import type { PingResponse as _proto_PingResponse, PingResponse__Output as _proto_PingResponse__Output } from './proto/PingResponse.ts';
import type { PluginDataSeq as _proto_PluginDataSeq, PluginDataSeq__Output as _proto_PluginDataSeq__Output } from './proto/PluginDataSeq.ts';
import type { RequestID as _proto_RequestID, RequestID__Output as _proto_RequestID__Output } from './proto/RequestID.ts';
import type { RequestStateSetter as _proto_RequestStateSetter, RequestStateSetter__Output as _proto_RequestStateSetter__Output } from './proto/RequestStateSetter.ts';
import type { Watch as _proto_Watch, Watch__Output as _proto_Watch__Output } from './proto/Watch.ts';
import type { AWSConsoleResourceConstraints as _types_AWSConsoleResourceConstraints, AWSConsoleResourceConstraints__Output as _types_AWSConsoleResourceConstraints__Output } from './types/AWSConsoleResourceConstraints.ts';
import type { AccessRequestConditions as _types_AccessRequestConditions, AccessRequestConditions__Output as _types_AccessRequestConditions__Output } from './types/AccessRequestConditions.ts';
import type { AccessRequestDryRunEnrichment as _types_AccessRequestDryRunEnrichment, AccessRequestDryRunEnrichment__Output as _types_AccessRequestDryRunEnrichment__Output } from './types/AccessRequestDryRunEnrichment.ts';
import type { AccessRequestFilter as _types_AccessRequestFilter, AccessRequestFilter__Output as _types_AccessRequestFilter__Output } from './types/AccessRequestFilter.ts';
import type { AccessRequestSpecV3 as _types_AccessRequestSpecV3, AccessRequestSpecV3__Output as _types_AccessRequestSpecV3__Output } from './types/AccessRequestSpecV3.ts';
import type { AccessRequestV3 as _types_AccessRequestV3, AccessRequestV3__Output as _types_AccessRequestV3__Output } from './types/AccessRequestV3.ts';
import type { AccessReview as _types_AccessReview, AccessReview__Output as _types_AccessReview__Output } from './types/AccessReview.ts';
import type { AccessReviewConditions as _types_AccessReviewConditions, AccessReviewConditions__Output as _types_AccessReviewConditions__Output } from './types/AccessReviewConditions.ts';
import type { AccessReviewSubmission as _types_AccessReviewSubmission, AccessReviewSubmission__Output as _types_AccessReviewSubmission__Output } from './types/AccessReviewSubmission.ts';
import type { AccessReviewThreshold as _types_AccessReviewThreshold, AccessReviewThreshold__Output as _types_AccessReviewThreshold__Output } from './types/AccessReviewThreshold.ts';
import type { AppServerSpecV3 as _types_AppServerSpecV3, AppServerSpecV3__Output as _types_AppServerSpecV3__Output } from './types/AppServerSpecV3.ts';
import type { AppServerV3 as _types_AppServerV3, AppServerV3__Output as _types_AppServerV3__Output } from './types/AppServerV3.ts';
import type { AppV3 as _types_AppV3, AppV3__Output as _types_AppV3__Output } from './types/AppV3.ts';
import type { ClaimMapping as _types_ClaimMapping, ClaimMapping__Output as _types_ClaimMapping__Output } from './types/ClaimMapping.ts';
import type { ConnectorRef as _types_ConnectorRef, ConnectorRef__Output as _types_ConnectorRef__Output } from './types/ConnectorRef.ts';
import type { CreatedBy as _types_CreatedBy, CreatedBy__Output as _types_CreatedBy__Output } from './types/CreatedBy.ts';
import type { DatabaseServerSpecV3 as _types_DatabaseServerSpecV3, DatabaseServerSpecV3__Output as _types_DatabaseServerSpecV3__Output } from './types/DatabaseServerSpecV3.ts';
import type { DatabaseServerV3 as _types_DatabaseServerV3, DatabaseServerV3__Output as _types_DatabaseServerV3__Output } from './types/DatabaseServerV3.ts';
import type { DatabaseV3 as _types_DatabaseV3, DatabaseV3__Output as _types_DatabaseV3__Output } from './types/DatabaseV3.ts';
import type { KubernetesClusterV3 as _types_KubernetesClusterV3, KubernetesClusterV3__Output as _types_KubernetesClusterV3__Output } from './types/KubernetesClusterV3.ts';
import type { KubernetesServerSpecV3 as _types_KubernetesServerSpecV3, KubernetesServerSpecV3__Output as _types_KubernetesServerSpecV3__Output } from './types/KubernetesServerSpecV3.ts';
import type { KubernetesServerV3 as _types_KubernetesServerV3, KubernetesServerV3__Output as _types_KubernetesServerV3__Output } from './types/KubernetesServerV3.ts';
import type { LockFilter as _types_LockFilter, LockFilter__Output as _types_LockFilter__Output } from './types/LockFilter.ts';
import type { LockSpecV2 as _types_LockSpecV2, LockSpecV2__Output as _types_LockSpecV2__Output } from './types/LockSpecV2.ts';
import type { LockTarget as _types_LockTarget, LockTarget__Output as _types_LockTarget__Output } from './types/LockTarget.ts';
import type { LockV2 as _types_LockV2, LockV2__Output as _types_LockV2__Output } from './types/LockV2.ts';
import type { Metadata as _types_Metadata, Metadata__Output as _types_Metadata__Output } from './types/Metadata.ts';
import type { PluginDataEntry as _types_PluginDataEntry, PluginDataEntry__Output as _types_PluginDataEntry__Output } from './types/PluginDataEntry.ts';
import type { PluginDataFilter as _types_PluginDataFilter, PluginDataFilter__Output as _types_PluginDataFilter__Output } from './types/PluginDataFilter.ts';
import type { PluginDataSpecV3 as _types_PluginDataSpecV3, PluginDataSpecV3__Output as _types_PluginDataSpecV3__Output } from './types/PluginDataSpecV3.ts';
import type { PluginDataUpdateParams as _types_PluginDataUpdateParams, PluginDataUpdateParams__Output as _types_PluginDataUpdateParams__Output } from './types/PluginDataUpdateParams.ts';
import type { PluginDataV3 as _types_PluginDataV3, PluginDataV3__Output as _types_PluginDataV3__Output } from './types/PluginDataV3.ts';
import type { PromotedAccessList as _types_PromotedAccessList, PromotedAccessList__Output as _types_PromotedAccessList__Output } from './types/PromotedAccessList.ts';
import type { ResourceAccessID as _types_ResourceAccessID, ResourceAccessID__Output as _types_ResourceAccessID__Output } from './types/ResourceAccessID.ts';
import type { ResourceConstraints as _types_ResourceConstraints, ResourceConstraints__Output as _types_ResourceConstraints__Output } from './types/ResourceConstraints.ts';
import type { ResourceHeader as _types_ResourceHeader, ResourceHeader__Output as _types_ResourceHeader__Output } from './types/ResourceHeader.ts';
import type { ResourceID as _types_ResourceID, ResourceID__Output as _types_ResourceID__Output } from './types/ResourceID.ts';
import type { RoleConditions as _types_RoleConditions, RoleConditions__Output as _types_RoleConditions__Output } from './types/RoleConditions.ts';
import type { RoleSpecV6 as _types_RoleSpecV6, RoleSpecV6__Output as _types_RoleSpecV6__Output } from './types/RoleSpecV6.ts';
import type { RoleV6 as _types_RoleV6, RoleV6__Output as _types_RoleV6__Output } from './types/RoleV6.ts';
import type { Rule as _types_Rule, Rule__Output as _types_Rule__Output } from './types/Rule.ts';
import type { SSHResourceConstraints as _types_SSHResourceConstraints, SSHResourceConstraints__Output as _types_SSHResourceConstraints__Output } from './types/SSHResourceConstraints.ts';
import type { ServerSpecV2 as _types_ServerSpecV2, ServerSpecV2__Output as _types_ServerSpecV2__Output } from './types/ServerSpecV2.ts';
import type { ServerV2 as _types_ServerV2, ServerV2__Output as _types_ServerV2__Output } from './types/ServerV2.ts';
import type { ThresholdIndexSet as _types_ThresholdIndexSet, ThresholdIndexSet__Output as _types_ThresholdIndexSet__Output } from './types/ThresholdIndexSet.ts';
import type { ThresholdIndexSets as _types_ThresholdIndexSets, ThresholdIndexSets__Output as _types_ThresholdIndexSets__Output } from './types/ThresholdIndexSets.ts';
import type { UserRef as _types_UserRef, UserRef__Output as _types_UserRef__Output } from './types/UserRef.ts';
import type { UserSpecV2 as _types_UserSpecV2, UserSpecV2__Output as _types_UserSpecV2__Output } from './types/UserSpecV2.ts';
import type { UserV2 as _types_UserV2, UserV2__Output as _types_UserV2__Output } from './types/UserV2.ts';
import type { WatchKind as _types_WatchKind, WatchKind__Output as _types_WatchKind__Output } from './types/WatchKind.ts';
import type { WatchStatusSpecV1 as _types_WatchStatusSpecV1, WatchStatusSpecV1__Output as _types_WatchStatusSpecV1__Output } from './types/WatchStatusSpecV1.ts';
import type { WatchStatusV1 as _types_WatchStatusV1, WatchStatusV1__Output as _types_WatchStatusV1__Output } from './types/WatchStatusV1.ts';
import type { WindowsDesktopResourceConstraints as _types_WindowsDesktopResourceConstraints, WindowsDesktopResourceConstraints__Output as _types_WindowsDesktopResourceConstraints__Output } from './types/WindowsDesktopResourceConstraints.ts';
import type { WindowsDesktopV3 as _types_WindowsDesktopV3, WindowsDesktopV3__Output as _types_WindowsDesktopV3__Output } from './types/WindowsDesktopV3.ts';
import type { LabelValues as _wrappers_LabelValues, LabelValues__Output as _wrappers_LabelValues__Output } from './wrappers/LabelValues.ts';
import type { StringValues as _wrappers_StringValues, StringValues__Output as _wrappers_StringValues__Output } from './wrappers/StringValues.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  google: {
    protobuf: {
      Empty: MessageTypeDefinition<_google_protobuf_Empty, _google_protobuf_Empty__Output>
      Timestamp: MessageTypeDefinition<_google_protobuf_Timestamp, _google_protobuf_Timestamp__Output>
    }
  }
  proto: {
    AccessRequestSort: EnumTypeDefinition
    AuthService: SubtypeConstructor<typeof grpc.Client, _proto_AuthServiceClient> & { service: _proto_AuthServiceDefinition }
    DeleteLockRequest: MessageTypeDefinition<_proto_DeleteLockRequest, _proto_DeleteLockRequest__Output>
    EntitlementInfo: MessageTypeDefinition<_proto_EntitlementInfo, _proto_EntitlementInfo__Output>
    Event: MessageTypeDefinition<_proto_Event, _proto_Event__Output>
    Features: MessageTypeDefinition<_proto_Features, _proto_Features__Output>
    GetLockRequest: MessageTypeDefinition<_proto_GetLockRequest, _proto_GetLockRequest__Output>
    GetLocksRequest: MessageTypeDefinition<_proto_GetLocksRequest, _proto_GetLocksRequest__Output>
    GetLocksResponse: MessageTypeDefinition<_proto_GetLocksResponse, _proto_GetLocksResponse__Output>
    GetRoleRequest: MessageTypeDefinition<_proto_GetRoleRequest, _proto_GetRoleRequest__Output>
    GetUserRequest: MessageTypeDefinition<_proto_GetUserRequest, _proto_GetUserRequest__Output>
    ListAccessRequestsRequest: MessageTypeDefinition<_proto_ListAccessRequestsRequest, _proto_ListAccessRequestsRequest__Output>
    ListAccessRequestsResponse: MessageTypeDefinition<_proto_ListAccessRequestsResponse, _proto_ListAccessRequestsResponse__Output>
    ListLocksRequest: MessageTypeDefinition<_proto_ListLocksRequest, _proto_ListLocksRequest__Output>
    ListLocksResponse: MessageTypeDefinition<_proto_ListLocksResponse, _proto_ListLocksResponse__Output>
    ListResourcesRequest: MessageTypeDefinition<_proto_ListResourcesRequest, _proto_ListResourcesRequest__Output>
    ListResourcesResponse: MessageTypeDefinition<_proto_ListResourcesResponse, _proto_ListResourcesResponse__Output>
    Operation: EnumTypeDefinition
    PaginatedResource: MessageTypeDefinition<_proto_PaginatedResource, _proto_PaginatedResource__Output>
    PingRequest: MessageTypeDefinition<_proto_PingRequest, _proto_PingRequest__Output>
    PingResponse: MessageTypeDefinition<_proto_PingResponse, _proto_PingResponse__Output>
    PluginDataSeq: MessageTypeDefinition<_proto_PluginDataSeq, _proto_PluginDataSeq__Output>
    RequestID: MessageTypeDefinition<_proto_RequestID, _proto_RequestID__Output>
    RequestStateSetter: MessageTypeDefinition<_proto_RequestStateSetter, _proto_RequestStateSetter__Output>
    Watch: MessageTypeDefinition<_proto_Watch, _proto_Watch__Output>
  }
  types: {
    AWSConsoleResourceConstraints: MessageTypeDefinition<_types_AWSConsoleResourceConstraints, _types_AWSConsoleResourceConstraints__Output>
    AccessRequestConditions: MessageTypeDefinition<_types_AccessRequestConditions, _types_AccessRequestConditions__Output>
    AccessRequestDryRunEnrichment: MessageTypeDefinition<_types_AccessRequestDryRunEnrichment, _types_AccessRequestDryRunEnrichment__Output>
    AccessRequestFilter: MessageTypeDefinition<_types_AccessRequestFilter, _types_AccessRequestFilter__Output>
    AccessRequestKind: EnumTypeDefinition
    AccessRequestScope: EnumTypeDefinition
    AccessRequestSpecV3: MessageTypeDefinition<_types_AccessRequestSpecV3, _types_AccessRequestSpecV3__Output>
    AccessRequestV3: MessageTypeDefinition<_types_AccessRequestV3, _types_AccessRequestV3__Output>
    AccessReview: MessageTypeDefinition<_types_AccessReview, _types_AccessReview__Output>
    AccessReviewConditions: MessageTypeDefinition<_types_AccessReviewConditions, _types_AccessReviewConditions__Output>
    AccessReviewSubmission: MessageTypeDefinition<_types_AccessReviewSubmission, _types_AccessReviewSubmission__Output>
    AccessReviewThreshold: MessageTypeDefinition<_types_AccessReviewThreshold, _types_AccessReviewThreshold__Output>
    AppServerSpecV3: MessageTypeDefinition<_types_AppServerSpecV3, _types_AppServerSpecV3__Output>
    AppServerV3: MessageTypeDefinition<_types_AppServerV3, _types_AppServerV3__Output>
    AppV3: MessageTypeDefinition<_types_AppV3, _types_AppV3__Output>
    ClaimMapping: MessageTypeDefinition<_types_ClaimMapping, _types_ClaimMapping__Output>
    ConnectorRef: MessageTypeDefinition<_types_ConnectorRef, _types_ConnectorRef__Output>
    CreatedBy: MessageTypeDefinition<_types_CreatedBy, _types_CreatedBy__Output>
    DatabaseServerSpecV3: MessageTypeDefinition<_types_DatabaseServerSpecV3, _types_DatabaseServerSpecV3__Output>
    DatabaseServerV3: MessageTypeDefinition<_types_DatabaseServerV3, _types_DatabaseServerV3__Output>
    DatabaseV3: MessageTypeDefinition<_types_DatabaseV3, _types_DatabaseV3__Output>
    KubernetesClusterV3: MessageTypeDefinition<_types_KubernetesClusterV3, _types_KubernetesClusterV3__Output>
    KubernetesServerSpecV3: MessageTypeDefinition<_types_KubernetesServerSpecV3, _types_KubernetesServerSpecV3__Output>
    KubernetesServerV3: MessageTypeDefinition<_types_KubernetesServerV3, _types_KubernetesServerV3__Output>
    LockFilter: MessageTypeDefinition<_types_LockFilter, _types_LockFilter__Output>
    LockSpecV2: MessageTypeDefinition<_types_LockSpecV2, _types_LockSpecV2__Output>
    LockTarget: MessageTypeDefinition<_types_LockTarget, _types_LockTarget__Output>
    LockV2: MessageTypeDefinition<_types_LockV2, _types_LockV2__Output>
    Metadata: MessageTypeDefinition<_types_Metadata, _types_Metadata__Output>
    PluginDataEntry: MessageTypeDefinition<_types_PluginDataEntry, _types_PluginDataEntry__Output>
    PluginDataFilter: MessageTypeDefinition<_types_PluginDataFilter, _types_PluginDataFilter__Output>
    PluginDataSpecV3: MessageTypeDefinition<_types_PluginDataSpecV3, _types_PluginDataSpecV3__Output>
    PluginDataUpdateParams: MessageTypeDefinition<_types_PluginDataUpdateParams, _types_PluginDataUpdateParams__Output>
    PluginDataV3: MessageTypeDefinition<_types_PluginDataV3, _types_PluginDataV3__Output>
    PromotedAccessList: MessageTypeDefinition<_types_PromotedAccessList, _types_PromotedAccessList__Output>
    RequestState: EnumTypeDefinition
    ResourceAccessID: MessageTypeDefinition<_types_ResourceAccessID, _types_ResourceAccessID__Output>
    ResourceConstraints: MessageTypeDefinition<_types_ResourceConstraints, _types_ResourceConstraints__Output>
    ResourceHeader: MessageTypeDefinition<_types_ResourceHeader, _types_ResourceHeader__Output>
    ResourceID: MessageTypeDefinition<_types_ResourceID, _types_ResourceID__Output>
    RoleConditions: MessageTypeDefinition<_types_RoleConditions, _types_RoleConditions__Output>
    RoleSpecV6: MessageTypeDefinition<_types_RoleSpecV6, _types_RoleSpecV6__Output>
    RoleV6: MessageTypeDefinition<_types_RoleV6, _types_RoleV6__Output>
    Rule: MessageTypeDefinition<_types_Rule, _types_Rule__Output>
    SSHResourceConstraints: MessageTypeDefinition<_types_SSHResourceConstraints, _types_SSHResourceConstraints__Output>
    ServerSpecV2: MessageTypeDefinition<_types_ServerSpecV2, _types_ServerSpecV2__Output>
    ServerV2: MessageTypeDefinition<_types_ServerV2, _types_ServerV2__Output>
    ThresholdIndexSet: MessageTypeDefinition<_types_ThresholdIndexSet, _types_ThresholdIndexSet__Output>
    ThresholdIndexSets: MessageTypeDefinition<_types_ThresholdIndexSets, _types_ThresholdIndexSets__Output>
    UserRef: MessageTypeDefinition<_types_UserRef, _types_UserRef__Output>
    UserSpecV2: MessageTypeDefinition<_types_UserSpecV2, _types_UserSpecV2__Output>
    UserV2: MessageTypeDefinition<_types_UserV2, _types_UserV2__Output>
    WatchKind: MessageTypeDefinition<_types_WatchKind, _types_WatchKind__Output>
    WatchStatusSpecV1: MessageTypeDefinition<_types_WatchStatusSpecV1, _types_WatchStatusSpecV1__Output>
    WatchStatusV1: MessageTypeDefinition<_types_WatchStatusV1, _types_WatchStatusV1__Output>
    WindowsDesktopResourceConstraints: MessageTypeDefinition<_types_WindowsDesktopResourceConstraints, _types_WindowsDesktopResourceConstraints__Output>
    WindowsDesktopV3: MessageTypeDefinition<_types_WindowsDesktopV3, _types_WindowsDesktopV3__Output>
  }
  wrappers: {
    LabelValues: MessageTypeDefinition<_wrappers_LabelValues, _wrappers_LabelValues__Output>
    StringValues: MessageTypeDefinition<_wrappers_StringValues, _wrappers_StringValues__Output>
  }
}

