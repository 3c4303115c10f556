// Original file: src/teleport/proto/teleport/header/v1/metadata.proto


export interface Metadata {
  'name'?: (string);
}

export interface Metadata__Output {
  'name': (string);
}
