// Original file: src/teleport/proto/teleport/legacy/types/types.proto


export interface SSHResourceConstraints {
  'logins'?: (string)[];
}

export interface SSHResourceConstraints__Output {
  'logins': (string)[];
}
