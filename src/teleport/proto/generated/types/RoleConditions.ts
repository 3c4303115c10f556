// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { Rule as _types_Rule, Rule__Output as _types_Rule__Output } from '../types/Rule.ts';
import type { AccessRequestConditions as _types_AccessRequestConditions, AccessRequestConditions__Output as _types_AccessRequestConditions__Output } from '../types/AccessRequestConditions.ts';
import type { AccessReviewConditions as _types_AccessReviewConditions, AccessReviewConditions__Output as _types_AccessReviewConditions__Output } from '../types/AccessReviewConditions.ts';

export interface RoleConditions {
  'Rules'?: (_types_Rule)[];
  'Request'?: (_types_AccessRequestConditions | null);
  'ReviewRequests'?: (_types_AccessReviewConditions | null);
}

export interface RoleConditions__Output {
  'Rules': (_types_Rule__Output)[];
  'Request': (_types_AccessRequestConditions__Output | null);
  'ReviewRequests': (_types_AccessReviewConditions__Output | null);
}
