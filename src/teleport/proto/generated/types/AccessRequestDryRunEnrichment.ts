// Original file: src/teleport/proto/teleport/legacy/types/types.proto


export interface AccessRequestDryRunEnrichment {
  'ReasonMode'?: (string);
  'ReasonPrompts'?: (string)[];
}

export interface AccessRequestDryRunEnrichment__Output {
  'ReasonMode': (string);
  'ReasonPrompts': (string)[];
}
