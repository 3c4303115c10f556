// Original file: src/teleport/proto/teleport/legacy/types/types.proto


export interface ClaimMapping {
  'Claim'?: (string);
  'Value'?: (string);
  'Roles'?: (string)[];
}

export interface ClaimMapping__Output {
  'Claim': (string);
  'Value': (string);
  'Roles': (string)[];
}
