// Original file: src/teleport/proto/teleport/auditlog/v1/auditlog.proto


export interface EventExportChunk {
  'chunk'?: (string);
}

export interface EventExportChunk__Output {
  'chunk': (string);
}
