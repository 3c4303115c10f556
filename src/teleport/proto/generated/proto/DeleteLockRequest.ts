// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto


export interface DeleteLockRequest {
  'Name'?: (string);
}

export interface DeleteLockRequest__Output {
  'Name': (string);
}
