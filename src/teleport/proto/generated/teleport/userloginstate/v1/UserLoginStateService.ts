// Original file: src/teleport/proto/teleport/userloginstate/v1/userloginstate_service.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetUserLoginStateRequest as _teleport_userloginstate_v1_GetUserLoginStateRequest, GetUserLoginStateRequest__Output as _teleport_userloginstate_v1_GetUserLoginStateRequest__Output } from '../../../teleport/userloginstate/v1/GetUserLoginStateRequest.ts';
import type { GetUserLoginStatesRequest as _teleport_userloginstate_v1_GetUserLoginStatesRequest, GetUserLoginStatesRequest__Output as _teleport_userloginstate_v1_GetUserLoginStatesRequest__Output } from '../../../teleport/userloginstate/v1/GetUserLoginStatesRequest.ts';
import type { GetUserLoginStatesResponse as _teleport_userloginstate_v1_GetUserLoginStatesResponse, GetUserLoginStatesResponse__Output as _teleport_userloginstate_v1_GetUserLoginStatesResponse__Output } from '../../../teleport/userloginstate/v1/GetUserLoginStatesResponse.ts';
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
  
  GetUserLoginStates(argument: _teleport_userloginstate_v1_GetUserLoginStatesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_userloginstate_v1_GetUserLoginStatesResponse__Output>): grpc.ClientUnaryCall;
  GetUserLoginStates(argument: _teleport_userloginstate_v1_GetUserLoginStatesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_teleport_userloginstate_v1_GetUserLoginStatesResponse__Output>): grpc.ClientUnaryCall;
  GetUserLoginStates(argument: _teleport_userloginstate_v1_GetUserLoginStatesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_userloginstate_v1_GetUserLoginStatesResponse__Output>): grpc.ClientUnaryCall;
  GetUserLoginStates(argument: _teleport_userloginstate_v1_GetUserLoginStatesRequest, callback: grpc.requestCallback<_teleport_userloginstate_v1_GetUserLoginStatesResponse__Output>): grpc.ClientUnaryCall;
  getUserLoginStates(argument: _teleport_userloginstate_v1_GetUserLoginStatesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_userloginstate_v1_GetUserLoginStatesResponse__Output>): grpc.ClientUnaryCall;
  getUserLoginStates(argument: _teleport_userloginstate_v1_GetUserLoginStatesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_teleport_userloginstate_v1_GetUserLoginStatesResponse__Output>): grpc.ClientUnaryCall;
  getUserLoginStates(argument: _teleport_userloginstate_v1_GetUserLoginStatesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_teleport_userloginstate_v1_GetUserLoginStatesResponse__Output>): grpc.ClientUnaryCall;
  getUserLoginStates(argument: _teleport_userloginstate_v1_GetUserLoginStatesRequest, callback: grpc.requestCallback<_teleport_userloginstate_v1_GetUserLoginStatesResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface UserLoginStateServiceHandlers extends grpc.UntypedServiceImplementation {
  GetUserLoginState: grpc.handleUnaryCall<_teleport_userloginstate_v1_GetUserLoginStateRequest__Output, _teleport_userloginstate_v1_UserLoginState>;
  
  GetUserLoginStates: grpc.handleUnaryCall<_teleport_userloginstate_v1_GetUserLoginStatesRequest__Output, _teleport_userloginstate_v1_GetUserLoginStatesResponse>;
  
}

export interface UserLoginStateServiceDefinition extends grpc.ServiceDefinition {
  GetUserLoginState: MethodDefinition<_teleport_userloginstate_v1_GetUserLoginStateRequest, _teleport_userloginstate_v1_UserLoginState, _teleport_userloginstate_v1_GetUserLoginStateRequest__Output, _teleport_userloginstate_v1_UserLoginState__Output>
  GetUserLoginStates: MethodDefinition<_teleport_userloginstate_v1_GetUserLoginStatesRequest, _teleport_userloginstate_v1_GetUserLoginStatesResponse, _teleport_userloginstate_v1_GetUserLoginStatesRequest__Output, _teleport_userloginstate_v1_GetUserLoginStatesResponse__Output>
}
