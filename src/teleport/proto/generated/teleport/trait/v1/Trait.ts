// Original file: src/teleport/proto/teleport/trait/v1/trait.proto


export interface Trait {
  'key'?: (string);
  'values'?: (string)[];
}

export interface Trait__Output {
  'key': (string);
  'values': (string)[];
}
