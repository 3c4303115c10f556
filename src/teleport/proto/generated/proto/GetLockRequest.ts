// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto


export interface GetLockRequest {
  'Name'?: (string);
}

export interface GetLockRequest__Output {
  'Name': (string);
}
