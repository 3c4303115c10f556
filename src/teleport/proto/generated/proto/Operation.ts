// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

export const Operation = {
  INIT: 0,
  PUT: 1,
  DELETE: 2,
} as const;

export type Operation =
  | 'INIT'
  | 0
  | 'PUT'
  | 1
  | 'DELETE'
  | 2

export type Operation__Output = typeof Operation[keyof typeof Operation]
