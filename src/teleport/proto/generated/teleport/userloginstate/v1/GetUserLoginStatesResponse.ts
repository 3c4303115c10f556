// Original file: src/teleport/proto/teleport/userloginstate/v1/userloginstate_service.proto

import type { UserLoginState as _teleport_userloginstate_v1_UserLoginState, UserLoginState__Output as _teleport_userloginstate_v1_UserLoginState__Output } from '../../../teleport/userloginstate/v1/UserLoginState.ts';

export interface GetUserLoginStatesResponse {
  'user_login_states'?: (_teleport_userloginstate_v1_UserLoginState)[];
}

export interface GetUserLoginStatesResponse__Output {
  'user_login_states': (_teleport_userloginstate_v1_UserLoginState__Output)[];
}
