// Original file: src/teleport/proto/teleport/legacy/types/types.proto


export interface UserRef {
  'Name'?: (string);
}

export interface UserRef__Output {
  'Name': (string);
}
