// Original file: src/teleport/proto/teleport/userloginstate/v1/userloginstate_service.proto


export interface GetUserLoginStatesRequest {
}

export interface GetUserLoginStatesRequest__Output {
}
