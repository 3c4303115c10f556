// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto


export interface GetRoleRequest {
  'Name'?: (string);
}

export interface GetRoleRequest__Output {
  'Name': (string);
}
