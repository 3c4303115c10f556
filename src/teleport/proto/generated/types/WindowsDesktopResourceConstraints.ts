// Original file: src/teleport/proto/teleport/legacy/types/types.proto


export interface WindowsDesktopResourceConstraints {
  'logins'?: (string)[];
}

export interface WindowsDesktopResourceConstraints__Output {
  'logins': (string)[];
}
