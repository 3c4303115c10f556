// Original file: src/teleport/proto/teleport/legacy/types/types.proto


export interface ServerSpecV2 {
  'Addr'?: (string);
  'Hostname'?: (string);
}

export interface ServerSpecV2__Output {
  'Addr': (string);
  'Hostname': (string);
}
