// Original file: src/teleport/proto/teleport/legacy/types/types.proto

export const AccessRequestKind = {
  UNDEFINED: 0,
  SHORT_TERM: 1,
  LONG_TERM: 2,
} as const;

export type AccessRequestKind =
  | 'UNDEFINED'
  | 0
  | 'SHORT_TERM'
  | 1
  | 'LONG_TERM'
  | 2

export type AccessRequestKind__Output = typeof AccessRequestKind[keyof typeof AccessRequestKind]
