// Original file: src/teleport/proto/teleport/legacy/types/types.proto


export interface ResourceConstraints {
  'version'?: (string);
}

export interface ResourceConstraints__Output {
  'version': (string);
}
