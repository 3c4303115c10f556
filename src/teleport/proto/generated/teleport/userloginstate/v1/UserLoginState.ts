// Original file: src/teleport/proto/teleport/userloginstate/v1/userloginstate.proto

import type { ResourceHeader as _teleport_header_v1_ResourceHeader, ResourceHeader__Output as _teleport_header_v1_ResourceHeader__Output } from '../../../teleport/header/v1/ResourceHeader.ts';
import type { Spec as _teleport_userloginstate_v1_Spec, Spec__Output as _teleport_userloginstate_v1_Spec__Output } from '../../../teleport/userloginstate/v1/Spec.ts';

export interface UserLoginState {
  'header'?: (_teleport_header_v1_ResourceHeader | null);
  'spec'?: (_teleport_userloginstate_v1_Spec | null);
}

export interface UserLoginState__Output {
  'header': (_teleport_header_v1_ResourceHeader__Output | null);
  'spec': (_teleport_userloginstate_v1_Spec__Output | null);
}
