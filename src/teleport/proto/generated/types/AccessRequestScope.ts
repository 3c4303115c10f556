// Original file: src/teleport/proto/teleport/legacy/types/types.proto

export const AccessRequestScope = {
  DEFAULT: 0,
  MY_REQUESTS: 1,
  NEEDS_REVIEW: 2,
  REVIEWED: 3,
} as const;

export type AccessRequestScope =
  | 'DEFAULT'
  | 0
  | 'MY_REQUESTS'
  | 1
  | 'NEEDS_REVIEW'
  | 2
  | 'REVIEWED'
  | 3

export type AccessRequestScope__Output = typeof AccessRequestScope[keyof typeof AccessRequestScope]
