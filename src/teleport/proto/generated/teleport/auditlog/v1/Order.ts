// Original file: src/teleport/proto/teleport/auditlog/v1/auditlog.proto

export const Order = {
  ORDER_DESCENDING_UNSPECIFIED: 0,
  ORDER_ASCENDING: 1,
} as const;

export type Order =
  | 'ORDER_DESCENDING_UNSPECIFIED'
  | 0
  | 'ORDER_ASCENDING'
  | 1

export type Order__Output = typeof Order[keyof typeof Order]
