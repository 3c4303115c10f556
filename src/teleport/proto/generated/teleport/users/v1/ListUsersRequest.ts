// Original file: src/teleport/proto/teleport/users/v1/users_service.proto


export interface ListUsersRequest {
  'page_size'?: (number);
  'page_token'?: (string);
  'with_secrets'?: (boolean);
}

export interface ListUsersRequest__Output {
  'page_size': (number);
  'page_token': (string);
  'with_secrets': (boolean);
}
