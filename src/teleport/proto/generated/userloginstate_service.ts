import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Metadata as _teleport_header_v1_Metadata, Metadata__Output as _teleport_header_v1_Metadata__Output } from './teleport/header/v1/Metadata.ts';
import type { ResourceHeader as _teleport_header_v1_ResourceHeader, ResourceHeader__Output as _teleport_header_v1_ResourceHeader__Output } from './teleport/header/v1/ResourceHeader.ts';
import type { Trait as _teleport_trait_v1_Trait, Trait__Output as _teleport_trait_v1_Trait__Output } from './teleport/trait/v1/Trait.ts';
import type { GetUserLoginStateRequest as _teleport_userloginstate_v1_GetUserLoginStateRequest, GetUserLoginStateRequest__Output as _teleport_userloginstate_v1_GetUserLoginStateRequest__Output } from './teleport/userloginstate/v1/GetUserLoginStateRequest.ts';
import type { GetUserLoginStatesRequest as _teleport_userloginstate_v1_GetUserLoginStatesRequest, GetUserLoginStatesRequest__Output as _teleport_userloginstate_v1_GetUserLoginStatesRequest__Output } from './teleport/userloginstate/v1/GetUserLoginStatesRequest.ts';
import type { GetUserLoginStatesResponse as _teleport_userloginstate_v1_GetUserLoginStatesResponse, GetUserLoginStatesResponse__Output as _teleport_userloginstate_v1_GetUserLoginStatesResponse__Output } from './teleport/userloginstate/v1/GetUserLoginStatesResponse.ts';
import type { Spec as _teleport_userloginstate_v1_Spec, Spec__Output as _teleport_userloginstate_v1_Spec__Output } from './teleport/userloginstate/v1/Spec.ts';
import type { UserLoginState as _teleport_userloginstate_v1_UserLoginState, UserLoginState__Output as _teleport_userloginstate_v1_UserLoginState__Output } from './teleport/userloginstate/v1/UserLoginState.ts';
import type { UserLoginStateServiceClient as _teleport_userloginstate_v1_UserLoginStateServiceClient, UserLoginStateServiceDefinition as _teleport_userloginstate_v1_UserLoginStateServiceDefinition } from './teleport/userloginstate/v1/UserLoginStateService.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  teleport: {
    header: {
      v1: {
        Metadata: MessageTypeDefinition<_teleport_header_v1_Metadata, _teleport_header_v1_Metadata__Output>
        ResourceHeader: MessageTypeDefinition<_teleport_header_v1_ResourceHeader, _teleport_header_v1_ResourceHeader__Output>
      }
    }
    trait: {
      v1: {
        Trait: MessageTypeDefinition<_teleport_trait_v1_Trait, _teleport_trait_v1_Trait__Output>
      }
    }
    userloginstate: {
      v1: {
        GetUserLoginStateRequest: MessageTypeDefinition<_teleport_userloginstate_v1_GetUserLoginStateRequest, _teleport_userloginstate_v1_GetUserLoginStateRequest__Output>
        GetUserLoginStatesRequest: MessageTypeDefinition<_teleport_userloginstate_v1_GetUserLoginStatesRequest, _teleport_userloginstate_v1_GetUserLoginStatesRequest__Output>
        GetUserLoginStatesResponse: MessageTypeDefinition<_teleport_userloginstate_v1_GetUserLoginStatesResponse, _teleport_userloginstate_v1_GetUserLoginStatesResponse__Output>
        Spec: MessageTypeDefinition<_teleport_userloginstate_v1_Spec, _teleport_userloginstate_v1_Spec__Output>
        UserLoginState: MessageTypeDefinition<_teleport_userloginstate_v1_UserLoginState, _teleport_userloginstate_v1_UserLoginState__Output>
        UserLoginStateService: SubtypeConstructor<typeof grpc.Client, _teleport_userloginstate_v1_UserLoginStateServiceClient> & { service: _teleport_userloginstate_v1_UserLoginStateServiceDefinition }
      }
    }
  }
}

