// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { RoleConditions as _types_RoleConditions, RoleConditions__Output as _types_RoleConditions__Output } from '../types/RoleConditions.ts';

export interface RoleSpecV6 {
  'Allow'?: (_types_RoleConditions | null);
  'Deny'?: (_types_RoleConditions | null);
}

export interface RoleSpecV6__Output {
  'Allow': (_types_RoleConditions__Output | null);
  'Deny': (_types_RoleConditions__Output | null);
}
