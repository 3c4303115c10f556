// Original file: src/teleport/proto/teleport/legacy/types/types.proto


export interface ThresholdIndexSet {
  'Indexes'?: (number)[];
}

export interface ThresholdIndexSet__Output {
  'Indexes': (number)[];
}
