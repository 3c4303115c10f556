// Original file: src/teleport/proto/teleport/userloginstate/v1/userloginstate_service.proto


export interface GetUserLoginStateRequest {
  'name'?: (string);
}

export interface GetUserLoginStateRequest__Output {
  'name': (string);
}
