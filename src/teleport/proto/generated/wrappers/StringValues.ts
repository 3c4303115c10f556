// Original file: src/teleport/proto/teleport/legacy/types/wrappers/wrappers.proto


export interface StringValues {
  'Values'?: (string)[];
}

export interface StringValues__Output {
  'Values': (string)[];
}
