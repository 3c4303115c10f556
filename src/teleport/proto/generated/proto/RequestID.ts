// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto


export interface RequestID {
  'ID'?: (string);
}

export interface RequestID__Output {
  'ID': (string);
}
