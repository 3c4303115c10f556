// Original file: src/teleport/proto/teleport/users/v1/users_service.proto


export interface GetUserRequest {
  'name'?: (string);
  'current_user'?: (boolean);
  'with_secrets'?: (boolean);
}

export interface GetUserRequest__Output {
  'name': (string);
  'current_user': (boolean);
  'with_secrets': (boolean);
}
