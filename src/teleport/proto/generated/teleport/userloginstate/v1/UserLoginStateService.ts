// Original file: src/teleport/proto/teleport/userloginstate/v1/userloginstate_service.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetUserLoginStateRequest as _teleport_userloginstate_v1_GetUserLoginStateRequest, GetUserLoginStateRequest__Output as _teleport_userloginstate_v1_GetUserLoginStateRequest__Output } from '../../../teleport/userloginstate/v1/GetUserLoginStateRequest.ts';
import type { UserLoginState as _teleport_userloginstate_v1_UserLoginState, UserLoginState__Output as _teleport_userloginstate_v1_UserLoginState__Output } from '../../../teleport/userloginstate/v1/UserLoginState.ts';

export interface UserLoginStateServiceClient extends grpc.Client {
  GetUserLoginState(argument: _teleport_userloginstate_v1_GetUserLoginStateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_userloginstate_v1_UserLoginState__Output>): grpc.ClientUnaryCall;
  GetUserLoginState(argument: _teleport_userloginstate_v1_GetUserLoginStateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_teleport_userloginstate_v1_UserLoginState__Output>): grpc.ClientUnaryCall;
  GetUserLoginState(argument: _teleport_userloginstate_v1_GetUserLoginStateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_userloginstate_v1_UserLoginState__Output>): grpc.ClientUnaryCall;
  GetUserLoginState(argument: _teleport_userloginstate_v1_GetUserLoginStateRequest, callback: grpc.requestCallback<_teleport_userloginstate_v1_UserLoginState__Output>): grpc.ClientUnaryCall;
  getUserLoginState(argument: _teleport_userloginstate_v1_GetUserLoginStateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_userloginstate_v1_UserLoginState__Output>): grpc.ClientUnaryCall;
  getUserLoginState(argument: _teleport_userloginstate_v1_GetUserLoginStateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_teleport_userloginstate_v1_UserLoginState__Output>): grpc.ClientUnaryCall;
  getUserLoginState(argument: _teleport_userloginstate_v1_GetUserLoginStateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_userloginstate_v1_UserLoginState__Output>): grpc.ClientUnaryCall;
  getUserLoginState(argument: _teleport_userloginstate_v1_GetUserLoginStateRequest, callback: grpc.requestCallback<_teleport_userloginstate_v1_UserLoginState__Output>): grpc.ClientUnaryCall;
  
}

export interface UserLoginStateServiceHandlers extends grpc.UntypedServiceImplementation {
  GetUserLoginState: grpc.handleUnaryCall<_teleport_userloginstate_v1_GetUserLoginStateRequest__Output, _teleport_userloginstate_v1_UserLoginState>;
  
}

export interface UserLoginStateServiceDefinition extends grpc.ServiceDefinition {
  GetUserLoginState: MethodDefinition<_teleport_userloginstate_v1_GetUserLoginStateRequest, _teleport_userloginstate_v1_UserLoginState, _teleport_userloginstate_v1_GetUserLoginStateRequest__Output, _teleport_userloginstate_v1_UserLoginState__Output>
}
